#include "app/report.hpp"

#include "app/atomic_file.hpp"
#include "app/masked.hpp"
#include "app/summary.hpp"
#include "app/terminal.hpp"

#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// What a log or a file shows.
constexpr std::size_t columns_without_terminal = 120;

/// The file of `--summary`, if one is asked for.
expected<void> write_summary(const run_result& result, const run_facts& facts, const command_line& cl, console& c) {
  if (cl.summary.empty())
    return {};
  return replace_file(cl.summary, summary_json(masked(result, *c.secrets()), facts), 0600, "summary file");
}

/// The summary on stderr and in its file. Returns the run's exit code.
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
  return written || result.exit_code != 0 ? result.exit_code : 1;
}

} // namespace

int run_and_report(slice_ledger ledger, const tuning& settings, std::uint32_t pool_size,
                   std::shared_ptr<line_writer> out, const run_facts& facts, const command_line& cl, console& c,
                   signal_watch& signals) {
  // Hours of work must not end in a summary that has no place.
  if (!cl.summary.empty())
    if (auto possible = try_replacing(cl.summary, "summary file"); !possible)
      return c.fail(possible.error());
  run_options options;
  options.tuning = settings;
  options.pool_size = pool_size;
  options.out = std::move(out);
  options.secrets = c.secrets();
  options.log = c.log_for_emitter();
  options.trace = cl.trace;
  options.max_duration = cl.max_duration;
  options.max_requests = cl.max_requests;
  options.strict = cl.strict;
  options.progress = cl.progress;
  options.block = c.block();
  options.metrics_file = cl.metrics;
  options.control_path = cl.control;
  options.signals = &signals;
  options.on_failed_start = [&c](const error& problem) { c.fail(problem); };
  options.on_forced_end = [&](const run_result& r) { (void)write_summary(r, facts, cl, c); };
  auto result = run_plan(std::move(ledger), options);
  return result ? report_result(*result, facts, cl, c) : c.fail(result.error());
}

} // namespace sluice
