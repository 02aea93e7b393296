#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/prepare.hpp"
#include "app/report.hpp"
#include "app/signals.hpp"
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
  const auto p = prepared->plan;
  spdlog::debug("plan:\n{}", describe_plan(*p));

  const auto facts = facts_of(*p, prepared->tuning, cl.manifest.empty());
  return run_and_report(std::move(prepared->ledger), prepared->tuning, choose_pool_size(*p, prepared->tuning), c.out(),
                        facts, cl, c, **signals);
}

} // namespace sluice
