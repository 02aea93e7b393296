#include "app/plan/limits.hpp"

#include "app/plan/probe.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

std::int64_t wait_us(steady_time::duration d) {
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
               g.room_at == steady_time::max() ? -1 : std::max<std::int64_t>(0, wait_us(g.room_at - now)),
               std::max<std::int64_t>(0, wait_us(g.all_free_at - now))};
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
  auto claim = quota.match(request->method, request->url, request->headers, known_fields(e.request.credential));
  std::vector<std::uint32_t> weights;
  for (std::size_t i = 0; i < policies; ++i)
    weights.push_back((claim.policies >> i & 1) == 0 ? 0 : claim.weights.empty() ? 1 : claim.weights[i]);
  return weights;
}

} // namespace

void take_limits(plan_facts& facts, const api_budget& definition, const budget& quota, steady_time now) {
  facts.policies = policies_of(definition, quota, now);
  facts.weights.clear();
  for (const auto& e : facts.plan->endpoints)
    facts.weights.push_back(weights_of(*facts.plan, e, quota, facts.policies.size()));
}

} // namespace sluice
