#include "app/commands.hpp"

#include "app/cli/declare.hpp"

#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

constexpr command all_commands[] = {
  {verb::read, "read", "Read streams: RECORD, STATE, TRACE and LOG messages on stdout", cli::declare_read, run_read,
   true, true},
  {verb::check, "check", "Try the configuration: print one CONNECTION_STATUS", cli::declare_check, run_check, true,
   true},
  {verb::discover, "discover", "Print the CATALOG of streams", cli::declare_discover, run_discover, true, false},
  {verb::spec, "spec", "Print the connector's specification", cli::declare_spec, run_spec, true, false},
  {verb::plan, "plan", "Show what a read would do: requests, slices, limits, expected time", cli::declare_plan,
   run_plan_command, false, false},
  {verb::top, "top", "Look at a read under way, or change its pool size and limits", cli::declare_top, run_top, false,
   false},
  {verb::state_show, "state show", "Show the states in a file, also in one of messages", cli::declare_state_show,
   run_state_show, false, false},
  {verb::state_merge, "state merge", "Print the last state of each stream in several files", cli::declare_state_merge,
   run_state_merge, false, false},
  {verb::state_reset, "state reset", "Print the states in a file without those of some streams",
   cli::declare_state_reset, run_state_reset, false, false},
  {verb::trace_show, "trace show", "Answer questions about a message trace", cli::declare_trace_show, run_trace_show,
   false, false},
  {verb::make_new, "new", "Write a manifest, a config and a catalogue to begin with", cli::declare_new, run_new, false,
   false},
  {verb::validate, "validate", "Say all that is wrong with a manifest, and which streams can be read",
   cli::declare_validate, run_validate, false, false},
  {verb::components, "components", "Print which components of the manifest language are supported",
   cli::declare_components, run_components, false, false},
  {verb::config_show, "config show", "Show the tuning that applies, and where each value comes from",
   cli::declare_config_show, run_config_show, false, false},
  {verb::demo, "demo", "Read all streams of a simulated account: nothing to configure", cli::declare_demo, run_demo,
   true, true},
  {verb::simulate, "simulate", "Run the simulator alone, until it is interrupted", cli::declare_simulate, run_simulate,
   false, true},
  {verb::completions, "completions", "Print what completes commands and options in a shell", cli::declare_completions,
   run_completions, false, false},
  {verb::help, "help", "Show a command and its options, or write manual pages", cli::declare_help, run_help, false,
   false},
};

} // namespace

std::span<const command> commands() {
  return all_commands;
}

const command& command_of(verb id) {
  return *std::find_if(std::begin(all_commands), std::end(all_commands), [id](const command& c) { return c.id == id; });
}

const command& command_named(std::string_view name) {
  return *std::find_if(std::begin(all_commands), std::end(all_commands),
                       [name](const command& c) { return c.name == name; });
}

} // namespace sluice
