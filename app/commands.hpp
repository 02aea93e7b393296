#pragma once

#include "app/cli.hpp"

/// One function a command, one file each. All return the exit code.
namespace sluice {

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

} // namespace sluice
