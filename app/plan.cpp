#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/plan/probe.hpp"
#include "app/plan/view.hpp"
#include "app/prepare.hpp"
#include "app/run.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

namespace sluice {

namespace {

std::int64_t micros(steady_time::duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

/// The policies as they stand now, in the order in which `budget` counts them.
std::vector<policy_estimate> policies_of(const api_budget& definition, const budget& quota, steady_time now) {
  std::vector<policy_estimate> result;
  auto gauges = quota.gauges(now);
  for (const auto& policy : definition.policies) {
    if (policy.rates.empty() || result.size() == gauges.size())
      continue;
    const auto& g = gauges[result.size()];
    policy_estimate x;
    x.gauge = {g.policy,
               g.limit,
               g.used,
               g.reported_by_server,
               g.window.count(),
               g.room_at == steady_time::max() ? -1 : std::max<std::int64_t>(0, micros(g.room_at - now)),
               std::max<std::int64_t>(0, micros(g.all_free_at - now))};
    // The server's word on the first goes before the manifest's, and so does the tuning file's on the minute.
    x.rates = policy.rates;
    x.rates.front() = {g.limit, g.window};
    x.not_in_force = policy.only_when_reported && !g.reported_by_server;
    x.ends_run = policy.stop_when_exhausted;
    result.push_back(std::move(x));
  }
  return result;
}

/// The weight of an endpoint's requests in each policy. A request that cannot be rendered without a real parent record
/// is taken to be governed by all.
std::vector<std::uint32_t> weights_of(const plan& p, const endpoint& e, const budget& quota, std::size_t policies) {
  auto request = sample_request(p, e);
  if (!request)
    return std::vector<std::uint32_t>(policies, 1);
  auto claim = quota.match(request->method, request->url, request->headers);
  std::vector<std::uint32_t> weights;
  for (std::size_t i = 0; i < policies; ++i)
    weights.push_back((claim.policies >> i & 1) == 0 ? 0 : claim.weights.empty() ? 1 : claim.weights[i]);
  return weights;
}

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
  return plan_text(facts, estimate);
}

} // namespace

int run_plan_command(const command_line& cl) {
  console c{cl, console::audience::people};
  auto prepared = prepare_run(cl, c);
  if (!prepared)
    return c.fail(prepared.error());
  auto p = prepared->plan;
  auto ledger = slice_ledger::open(p);
  if (!ledger)
    return c.fail(ledger.error());
  auto definition = p->budget;
  if (prepared->tuning.quota.on_exhausted == "wait")
    for (auto& policy : definition.policies)
      policy.stop_when_exhausted = false;
  budget quota{definition, prepared->tuning.budget.window, std::chrono::steady_clock::now()};

  plan_facts facts;
  facts.plan = p;
  facts.pool_size = choose_pool_size(*p, prepared->tuning);
  for (const auto& e : p->endpoints)
    facts.windows.push_back(e.parent_edge ? std::vector<cursor_window>{} : ledger->windows_of(e.id));
  std::vector<error> problems;
  if (cl.probe) {
    auto transport = make_transport(prepared->tuning);
    probe_setup setup;
    setup.plan = p;
    setup.windows = facts.windows;
    for (const auto& x : p->edges)
      setup.pasts.push_back(ledger->past_of(x.child));
    setup.transport = transport.get();
    setup.quota = &quota;
    setup.wait_until = [](steady_time at) { std::this_thread::sleep_until(at); };
    auto found = probe_plan(setup);
    facts.probes = std::move(found.endpoints);
    facts.probes_sent = found.sent;
    facts.mean_answer = found.mean_answer;
    problems = std::move(found.problems);
  }
  facts.policies = policies_of(definition, quota, std::chrono::steady_clock::now());
  for (const auto& e : p->endpoints)
    facts.weights.push_back(weights_of(*p, e, quota, facts.policies.size()));
  auto text = c.secrets()->apply(shown(cl.format, facts));
  bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  for (const auto& problem : problems)
    c.fail(problem);
  written = written && problems.empty();
  return written ? 0 : 1;
}

} // namespace sluice
