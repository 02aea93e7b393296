#include "app/report.hpp"

#include "app/atomic_file.hpp"
#include "app/masked.hpp"
#include "app/summary.hpp"
#include "app/terminal.hpp"

#include <unistd.h>

namespace sluice {

namespace {

/// What a log or a file shows.
constexpr std::size_t columns_without_terminal = 120;

} // namespace

expected<void> write_summary(const run_result& result, const run_facts& facts, const command_line& cl, console& c) {
  if (cl.summary.empty())
    return {};
  return replace_file(cl.summary, summary_json(masked(result, *c.secrets()), facts), 0600, "summary file");
}

int report_result(const run_result& result, const run_facts& facts, const command_line& cl, console& c) {
  // The file first: it must not wait for whoever reads stderr.
  auto written = write_summary(result, facts, cl, c);
  auto on = screen_of(STDERR_FILENO);
  if (::isatty(STDERR_FILENO) != 1)
    on.columns = columns_without_terminal;
  auto text = summary_text(masked(result, *c.secrets()), facts, on);
  if (!written)
    text += "sluice: " + written.error().message + "\n";
  print_patiently(STDERR_FILENO, text);
  return result.exit_code;
}

} // namespace sluice
