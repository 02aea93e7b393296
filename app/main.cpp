#include "app/cli.hpp"
#include "app/commands.hpp"
#include "app/process.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

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
    case sluice::verb::trace_show:
      return run_trace_show(cl);
  }
  return 2;
}

} // namespace

int main(int argc, char* argv[]) {
  sluice::fill_standard_descriptors();
  // A reader that goes away is an error of a write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  sluice::tame_allocator();
  try {
    auto parsed = sluice::parse_command_line(argc, argv);
    return parsed.command ? dispatch(*parsed.command) : parsed.exit_code;
  } catch (const std::exception& e) {
    // Errors are values; what arrives here is out of memory or a bug.
    std::fprintf(stderr, "sluice: unexpected error: %s\n", e.what());
    return 1;
  }
}
