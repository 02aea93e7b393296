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

/// Errors are values; what is thrown as far as here is out of memory or a bug.
int complain(const std::optional<sluice::command_line>& cl, const std::exception& e) {
  const auto problem = sluice::error_of(e);
  if (cl && sluice::command_of(cl->command).protocol)
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
  std::optional<sluice::command_line> asked;
  try {
    auto parsed = sluice::parse_command_line(argc, argv);
    asked = std::move(parsed.command);
    if (!asked || !sluice::command_of(asked->command).takes_signals)
      sluice::release_signals();
    if (!asked)
      return parsed.exit_code;
    const auto& command = sluice::command_of(asked->command);
    asked->manifest = sluice::connector_of(*asked);
    if (command.protocol && sluice::under_platform())
      sluice::silence_stderr();
    return sluice::end_process(command.run(*asked));
  } catch (const std::exception& e) {
    return complain(asked, e);
  }
}
