#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/masked.hpp"
#include "app/plan/limits.hpp"
#include "app/plan/probe.hpp"
#include "app/plan/view.hpp"
#include "app/prepare.hpp"
#include "app/run.hpp"
#include "app/terminal.hpp"
#include "messages/text/durations.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <thread>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

std::string shown(plan_format format, const plan_facts& facts) {
  auto estimate = estimate_plan(facts);
  switch (format) {
    case plan_format::mermaid:
      return plan_mermaid(facts, estimate);
    case plan_format::dot:
      return plan_dot(facts, estimate);
    case plan_format::json:
      return plan_json(facts, estimate);
    case plan_format::text:
      break;
  }
  return plan_text(facts, estimate, ::isatty(STDOUT_FILENO) != 1 || screen_of(STDOUT_FILENO).utf8);
}

} // namespace

int run_plan_command(const command_line& cl) {
  console c{cl, console::audience::people};
  auto prepared = prepare_run(cl, c);
  if (!prepared)
    return c.fail(prepared.error());
  auto p = prepared->plan;
  const auto& ledger = prepared->ledger;
  for (const auto& warning : ledger.warnings())
    spdlog::warn(warning);
  auto definition = p->budget;
  if (prepared->tuning.quota.on_exhausted == on_exhausted::wait)
    for (auto& policy : definition.policies)
      policy.stop_when_exhausted = false;
  budget quota{definition, prepared->tuning.budget.window, std::chrono::steady_clock::now()};

  plan_facts facts;
  facts.plan = p;
  facts.secrets = c.secrets();
  facts.pool_size = choose_pool_size(*p, prepared->tuning);
  for (const auto& e : p->endpoints)
    facts.windows.push_back(e.slices.has_parents() ? cursor_windows{} : ledger.windows_of(e.id));
  std::vector<error> problems;
  if (cl.probe) {
    auto transport = make_transport(for_somebody_who_waits(prepared->tuning));
    probe_setup setup;
    setup.plan = p;
    setup.windows = facts.windows;
    for (const auto& x : p->edges)
      setup.pasts.push_back(ledger.past_of(x.child));
    setup.transport = transport.get();
    setup.secrets = c.secrets();
    setup.quota = &quota;
    setup.wait_until = [](steady_time at) {
      auto time = std::chrono::duration_cast<std::chrono::microseconds>(at - std::chrono::steady_clock::now());
      spdlog::info("The quota is used up; the probe goes on in {}", duration_text(time.count()));
      std::this_thread::sleep_until(at);
    };
    auto found = probe_plan(setup);
    for (auto& probe : found.endpoints)
      facts.probes.push_back(masked(std::move(probe), *c.secrets()));
    facts.probes_sent = found.sent;
    facts.mean_answer = found.mean_answer;
    problems = std::move(found.problems);
  }
  take_limits(facts, definition, quota, std::chrono::steady_clock::now());
  auto text = shown(cl.format, facts);
  bool written = c.print(text);
  for (const auto& problem : problems)
    c.fail(problem);
  written = written && problems.empty();
  return written ? 0 : 1;
}

} // namespace sluice
