#pragma once

#include "app/cli.hpp"
#include "app/cli/options.hpp"

/// Groups of options that several commands share. Each adds its options to a command's, in the order of the help.
namespace sluice::cli {

/// What every command takes.
void add_common(options& to, command_line& cl);
void add_connector(options& to, command_line& cl);
void add_config(options& to, command_line& cl);
void add_state(options& to, command_line& cl);
void add_tuning(options& to, command_line& cl);
/// Accepted by every verb of the protocol, so that an orchestrator can pass the same flags to all; `spec` and
/// `discover` make no run, so there is nothing to trace or to sum up.
void add_run(options& to, command_line& cl);
/// How far a run may go, and how others look at it.
void add_bounds(options& to, command_line& cl);
void add_simulator(options& to, command_line& cl);

} // namespace sluice::cli
