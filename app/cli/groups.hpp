#pragma once

#include "app/cli.hpp"
#include "app/cli/options.hpp"

/// Groups of options that several commands share. Each adds its options to a command's, in the order of the help.
namespace sluice::cli {

/// What every command takes.
void add_common(options& to, command_line& cl);
void add_connector(options& to, command_line& cl);
void add_config(options& to, command_line& cl);
/// What is to be read: a catalogue, or streams by name.
void add_selection(options& to, command_line& cl);
/// @param writes the file of `--state-file` is kept up to date.
void add_state(options& to, command_line& cl, bool writes);
/// What follows is accepted by every verb of the protocol, so that an orchestrator can pass the same flags to all; the
/// help shows it only where it is of use: `spec` and `discover` make no run, so there is nothing to tune, to trace or
/// to sum up.
void add_tuning(options& to, command_line& cl, bool used = true);
void add_trace(options& to, command_line& cl, bool used = true);
void add_report(options& to, command_line& cl, bool used = true);
/// How far a run may go, and how others look at it.
void add_bounds(options& to, command_line& cl);
void add_simulator(options& to, command_line& cl);

} // namespace sluice::cli
