#pragma once

#include "app/cli/command_doc.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// Help, manual pages and completions, all made of what the commands declare.
namespace sluice::cli {

/// A command and its options, as `--help` shows them in so many columns.
std::string help_text(const command_doc& command, std::size_t columns);
/// All commands, as `sluice --help` shows them.
std::string program_help(const std::vector<command_doc>& commands, std::size_t columns);

/// What the exit codes mean, each with its number.
struct exit_code_doc {
  std::string code;
  std::string meaning;
};
const std::vector<exit_code_doc>& exit_codes();

/// What the program is, one sentence.
std::string program_summary();

/// How an option is written: `--limit N`, `FILE...`.
std::string usage_of(const option_doc& x);

} // namespace sluice::cli
