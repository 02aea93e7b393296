#pragma once

#include "app/cli.hpp"

#include <span>
#include <string_view>

namespace sluice {

namespace cli {
class options;
}

/// One function a command, one file each. All return the exit code.
int run_spec(const command_line& cl);
int run_check(const command_line& cl);
int run_discover(const command_line& cl);
int run_read(const command_line& cl);
int run_demo(const command_line& cl);
int run_simulate(const command_line& cl);
int run_plan_command(const command_line& cl);
int run_top(const command_line& cl);
int run_components(const command_line& cl);
int run_trace_show(const command_line& cl);
int run_state_show(const command_line& cl);
int run_state_merge(const command_line& cl);
int run_state_reset(const command_line& cl);
int run_validate(const command_line& cl);
int run_new(const command_line& cl);
int run_config_show(const command_line& cl);
int run_completions(const command_line& cl);
int run_help(const command_line& cl);

/// A command of the program.
struct command {
  verb id;
  /// `read`, or `trace show`.
  const char* name;
  /// One line for the list of commands.
  const char* help;
  /// Adds its options (`app/cli/COMMAND.cpp`).
  void (*declare)(cli::options& to, command_line& cl);
  int (*run)(const command_line& cl);
  /// An orchestrator calls it and reads stdout: errors are TRACE messages. The others are for people alone.
  bool protocol;
  /// It ends cleanly on a signal; the others are ended by it.
  bool takes_signals;
};

/// All commands, in the order of the help.
std::span<const command> commands();
const command& command_of(verb id);
/// `name` must be a command's.
const command& command_named(std::string_view name);

} // namespace sluice
