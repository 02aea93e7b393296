#pragma once

#include "app/cli/command_doc.hpp"
#include "app/commands.hpp"

#include <string_view>
#include <vector>

namespace sluice::cli {

/// What a command declares.
command_doc doc_of(const command& c);
std::vector<command_doc> all_docs();
/// Of the commands that begin with this word: `trace`.
std::vector<command_doc> docs_below(std::string_view word);

} // namespace sluice::cli
