#include "app/report.hpp"

#include "actors/core/clock.hpp"
#include "app/atomic_file.hpp"
#include "app/masked.hpp"
#include "app/process.hpp"
#include "app/summary.hpp"
#include "app/terminal.hpp"
#include "messages/text/ascii.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// What a log or a file shows.
constexpr std::size_t columns_without_terminal = 120;

/// What the connector is called: manifests have no name, but files and folders do.
std::string connector_name(const command_line& cl) {
  if (cl.manifest.empty())
    return "surveymonkey";
  const std::filesystem::path path{cl.manifest};
  const auto folder = path.parent_path().filename();
  return (path.stem() == "manifest" && !folder.empty() ? folder : path.stem()).string();
}

/// The file of `--summary`, if one is asked for.
expected<void> write_summary(const run_result& result, const run_facts& facts, const command_line& cl, console& c,
                             language::instant started) {
  if (cl.summary.empty())
    return {};
  auto text = summary_json(masked(result, *c.secrets()), facts, {version_text(), connector_name(cl), started});
  return replace_file(cl.summary, text, 0600, "summary file");
}

/// The summary on stderr and in its file. Returns the run's exit code.
int report_result(const run_result& result, const run_facts& facts, const command_line& cl, console& c,
                  language::instant started) {
  // The file first: it must not wait for whoever reads stderr.
  auto written = write_summary(result, facts, cl, c, started);
  auto on = screen_of(STDERR_FILENO);
  if (::isatty(STDERR_FILENO) != 1)
    on.columns = columns_without_terminal;
  auto text = summary_text(masked(result, *c.secrets()), facts, on);
  if (under_platform()) {
    if (!written)
      spdlog::warn(written.error().message);
    spdlog::info(trim(text));
    return result.exit_code;
  }
  if (!written)
    text += "sluice: " + written.error().message + "\n";
  print_patiently(STDERR_FILENO, text);
  return written || result.exit_code != 0 ? result.exit_code : 1;
}

} // namespace

std::optional<metrics_target> metrics_of(const command_line& cl) {
  if (cl.metrics.empty())
    return std::nullopt;
  const auto now_s = epoch_ms(system_wall_clock()) / 1000;
  return metrics_target_of(cl.metrics, cl.metrics_labels, version_text(), connector_name(cl), now_s);
}

int run_and_report(slice_ledger ledger, const tuning& settings, std::uint32_t pool_size,
                   std::shared_ptr<line_writer> out, const run_facts& facts, const command_line& cl, console& c,
                   signal_watch& signals) {
  // Hours of work must not end in a summary that has no place.
  if (!cl.summary.empty())
    if (auto possible = try_replacing(cl.summary, "summary file"); !possible)
      return c.fail(possible.error());
  const auto started = system_wall_clock();
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
  if (under_platform())
    options.progress.mode = progress_mode::never;
  options.reports_are_logs = under_platform();
  options.block = c.block();
  options.metrics = metrics_of(cl);
  options.control_path = cl.control;
  options.signals = &signals;
  options.on_failed_start = [&c](const error& problem) { c.fail(problem); };
  options.on_forced_end = [&](const run_result& r) { (void)write_summary(r, facts, cl, c, started); };
  auto result = run_plan(std::move(ledger), options);
  return result ? report_result(*result, facts, cl, c, started) : c.fail(result.error());
}

} // namespace sluice
