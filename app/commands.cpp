#include "app/commands.hpp"

#include "app/cli/declare.hpp"

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

constexpr command all_commands[] = {
  {verb::spec, "spec", "Print the connector's specification", cli::declare_spec, run_spec, true, false},
  {verb::check, "check", "Try the configuration: print one CONNECTION_STATUS", cli::declare_check, run_check, true,
   true},
  {verb::discover, "discover", "Print the CATALOG of streams", cli::declare_discover, run_discover, true, false},
  {verb::read, "read", "Read the configured streams: RECORD, STATE, TRACE and LOG messages on stdout",
   cli::declare_read, run_read, true, true},
  {verb::plan, "plan", "Show what a read would do: requests, slices, limits, expected time", cli::declare_plan,
   run_plan_command, false, false},
  {verb::demo, "demo", "Read all streams of a simulated account: nothing to configure", cli::declare_demo, run_demo,
   true, true},
  {verb::simulate, "simulate", "Run the SurveyMonkey simulator alone, until it is interrupted", cli::declare_simulate,
   run_simulate, false, true},
  {verb::top, "top", "Look at a read under way, or change its pool size and limits", cli::declare_top, run_top, false,
   false},
  {verb::components, "components", "Print which components of the manifest language are supported",
   cli::declare_components, run_components, false, false},
  {verb::trace_show, "trace show", "Show a trace; without options as with --actors", cli::declare_trace_show,
   run_trace_show, false, false},
};

} // namespace

std::span<const command> commands() {
  return all_commands;
}

const command& command_of(verb id) {
  return *std::find_if(std::begin(all_commands), std::end(all_commands), [id](const command& c) { return c.id == id; });
}

} // namespace sluice
