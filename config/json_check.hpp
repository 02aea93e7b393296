#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Deepest nesting of arrays and objects in an input file.
inline constexpr unsigned max_file_json_depth = 256;

/// Checks that `text` is one JSON document of bounded depth that can be decoded (`check_json`). If not: what is wrong
/// and where, `it has an object key without `:` (line 3, column 7)`. Never shows any of the text itself: it may hold
/// secrets.
std::optional<std::string> find_json_fault(std::string_view text);

} // namespace sluice
