#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/prepare.hpp"
#include "app/report.hpp"
#include "app/run.hpp"
#include "config/manifest/compile.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice {

int run_read(const command_line& cl) {
  console c{cl};
  auto signals = signal_watch::start();
  if (!signals)
    return c.fail(signals.error());
  auto prepared = prepare_run(cl, c);
  if (!prepared)
    return c.fail(prepared.error());
  const auto& p = prepared->plan;
  spdlog::debug("plan:\n{}", describe_plan(*p));

  run_options options;
  options.tuning = prepared->tuning;
  options.pool_size = choose_pool_size(*p, prepared->tuning);
  options.out = c.out();
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
  auto facts = facts_of(*p, prepared->tuning, cl.manifest.empty());
  options.signals = signals->get();
  options.on_failed_start = [&c](const error& problem) { c.fail(problem); };
  options.on_forced_end = [&](const run_result& r) { (void)write_summary(r, facts, cl, c); };
  auto result = run_plan(std::move(prepared->ledger), options);
  if (!result)
    return c.fail(result.error());
  return report_result(*result, facts, cl, c);
}

} // namespace sluice
