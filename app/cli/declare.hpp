#pragma once

#include "app/cli.hpp"
#include "app/cli/options.hpp"

/// The options of each command, one file a command, in the order of its help.
namespace sluice::cli {

void declare_spec(options& to, command_line& cl);
void declare_check(options& to, command_line& cl);
void declare_discover(options& to, command_line& cl);
void declare_read(options& to, command_line& cl);
void declare_plan(options& to, command_line& cl);
void declare_demo(options& to, command_line& cl);
void declare_simulate(options& to, command_line& cl);
void declare_top(options& to, command_line& cl);
void declare_components(options& to, command_line& cl);
void declare_trace_show(options& to, command_line& cl);
void declare_state_show(options& to, command_line& cl);
void declare_state_merge(options& to, command_line& cl);
void declare_state_reset(options& to, command_line& cl);
void declare_validate(options& to, command_line& cl);
void declare_new(options& to, command_line& cl);
void declare_config_show(options& to, command_line& cl);
void declare_completions(options& to, command_line& cl);
void declare_help(options& to, command_line& cl);

} // namespace sluice::cli
