#pragma once

#include "app/text/tables.hpp"
#include "app/trace/views.hpp"

#include <string>
#include <vector>

namespace sluice::trace {

/// A row of plain pieces.
styled_line plain_row(std::vector<std::string> cells);

/// The table's lines, at most as wide as `o` has it. If its rows are wider, `brief` stands in the last column instead
/// of what is there: one text a row, or none at all.
std::string shown(text_table table, const view_options& o, const std::vector<std::string>& brief = {});

} // namespace sluice::trace
