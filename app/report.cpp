#include "app/report.hpp"

#include "app/atomic_file.hpp"
#include "app/summary.hpp"
#include "app/terminal.hpp"

#include <cstdio>
#include <unistd.h>

namespace sluice {

namespace {

/// What a log or a file shows.
constexpr std::size_t columns_without_terminal = 120;

} // namespace

int report_result(const run_result& result, const run_facts& facts, const command_line& cl, console& c) {
  auto on = screen_of(STDERR_FILENO);
  if (::isatty(STDERR_FILENO) != 1)
    on.columns = columns_without_terminal;
  auto text = c.secrets()->apply(summary_text(result, facts, on));
  std::fputs(text.c_str(), stderr);
  if (cl.summary.empty())
    return result.exit_code;
  auto written = replace_file(cl.summary, c.secrets()->apply(summary_json(result, facts)), 0600, "summary file");
  if (!written)
    std::fprintf(stderr, "sluice: %s\n", written.error().message.c_str());
  return result.exit_code;
}

} // namespace sluice
