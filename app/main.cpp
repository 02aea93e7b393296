#include "app/cli.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/last_resort.hpp"
#include "app/process.hpp"
#include "app/signals.hpp"

#include <cstdio>
#include <exception>
#include <optional>

namespace {

int dispatch(const sluice::command_line& cl) {
  switch (cl.command) {
    case sluice::verb::spec:
      return run_spec(cl);
    case sluice::verb::check:
      return run_check(cl);
    case sluice::verb::discover:
      return run_discover(cl);
    case sluice::verb::read:
      return run_read(cl);
    case sluice::verb::demo:
      return run_demo(cl);
    case sluice::verb::simulate:
      return run_simulate(cl);
    case sluice::verb::plan:
      return run_plan_command(cl);
    case sluice::verb::top:
      return run_top(cl);
    case sluice::verb::components:
      return run_components(cl);
    case sluice::verb::trace_show:
      return run_trace_show(cl);
  }
  return 2;
}

/// The command takes signals itself.
bool takes_signals(sluice::verb command) {
  using sluice::verb;
  return command == verb::check || command == verb::read || command == verb::demo || command == verb::simulate;
}

/// Errors are values; what is thrown as far as here is out of memory or a bug.
int complain(const std::optional<sluice::command_line>& cl, const std::exception& e) {
  using sluice::verb;
  const auto problem = sluice::error_of(e);
  const bool protocol = cl && cl->command != verb::simulate && cl->command != verb::plan && cl->command != verb::top
                        && cl->command != verb::components && cl->command != verb::trace_show;
  if (protocol)
    return sluice::console{*cl}.fail(problem);
  std::fprintf(stderr, "sluice: %s\n", problem.message.c_str());
  return 1;
}

} // namespace

int main(int argc, char* argv[]) {
  sluice::hold_signals();
  sluice::install_last_resort();
  sluice::fill_standard_descriptors();
  sluice::tame_allocator();
  std::optional<sluice::command_line> command;
  try {
    auto parsed = sluice::parse_command_line(argc, argv);
    command = std::move(parsed.command);
    if (!command || !takes_signals(command->command))
      sluice::release_signals();
    return command ? dispatch(*command) : parsed.exit_code;
  } catch (const std::exception& e) {
    return complain(command, e);
  }
}
