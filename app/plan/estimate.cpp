#include "app/plan/estimate.hpp"

#include "actors/core/admission/forecast.hpp"
#include "actors/core/slices/partition_former.hpp"
#include "app/text/numbers.hpp"

#include <algorithm>
#include <limits>

namespace sluice {

namespace {

using kind = estimated::kind;

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

std::uint64_t divided_up(std::uint64_t a, std::uint64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

/// Pages of the list that was probed.
estimated pages_of(const endpoint& e, const endpoint_probe& probe) {
  if (!e.pages.has_next_pages() || !probe.has_next)
    return {kind::exact, 1};
  if (probe.total < 0 || probe.rows == 0)
    return {kind::at_least, 2};
  return {kind::about, std::max<std::uint64_t>(2, divided_up(static_cast<std::uint64_t>(probe.total), probe.rows))};
}

/// Records of the list that was probed; more than the page has only where the list tells its total.
estimated records_of(const endpoint_probe& probe) {
  if (probe.total >= 0)
    return {kind::exact, static_cast<std::uint64_t>(probe.total)};
  return {probe.has_next ? kind::at_least : kind::exact, probe.rows};
}

class estimator {
public:
  explicit estimator(const plan_facts& facts) : facts_(facts), plan_(*facts.plan) {}

  plan_estimate run() {
    for (const auto& e : plan_.endpoints) {
      result_.endpoints.push_back(e.slices.has_parents() ? child(e) : root(e));
      if (!e.slices.has_parents() && with_probe())
        assume_roots(e);
    }
    add_up();
    find_time();
    assume();
    return std::move(result_);
  }

private:
  bool with_probe() const { return !facts_.probes.empty(); }
  /// The endpoint's probe, if it was answered.
  const endpoint_probe* answer(const endpoint& e) const {
    return with_probe() && facts_.probes[e.id].answered ? &facts_.probes[e.id] : nullptr;
  }
  std::string why_unknown(const endpoint& e) const {
    if (!with_probe())
      return "--probe asks";
    const auto& problem = facts_.probes[e.id].problem;
    return problem.empty() ? "nothing was there to ask for" : problem;
  }

  endpoint_estimate root(const endpoint& e) const {
    endpoint_estimate x;
    const auto n = slices_of_root(e);
    x.slices = {kind::exact, n};
    if (e.slices.has_partitions())
      x.slices_from = count_text(known_combinations(e.slices)) + " partitions"
                      + (e.slices.has_windows() ? ", each in windows" : "");
    if (n == 0 || !e.pages.has_next_pages()) {
      x.requests = {kind::exact, n};
      return x;
    }
    const auto* probe = answer(e);
    if (!probe) {
      x.requests = {kind::at_least, n};
      x.requests_from = "a page each; how many pages: " + why_unknown(e);
      return x;
    }
    auto pages = pages_of(e, *probe);
    if (probe->of_all_slices && pages.known() && pages.value > 1) // the rows are spread over the slices
      pages.value
        = std::max<std::uint64_t>(1, divided_up(divided_up(static_cast<std::uint64_t>(probe->total), n), probe->rows));
    x.requests = {pages.how, scaled(n, pages.value)};
    if (n > 1 && !probe->of_all_slices && x.requests.how == kind::exact)
      x.requests.how = kind::about;
    x.requests_from = found(*probe);
    return x;
  }

  std::uint64_t slices_of_root(const endpoint& e) const {
    return scaled(facts_.windows[e.id].size(), known_combinations(e.slices));
  }

  endpoint_estimate child(const endpoint& e) const {
    endpoint_estimate x;
    x.slices = slices_of(e, x.slices_from);
    if (!e.pages.has_next_pages()) {
      x.requests = x.slices;
      x.requests_from = "one a slice";
      return x;
    }
    const auto* probe = answer(e);
    if (x.slices.how == kind::unknown) {
      x.requests_from = "a page or more a slice";
      return x;
    }
    if (!probe && (x.slices.value > 0 || !x.slices.known())) {
      x.requests = {kind::at_least, x.slices.value};
      x.requests_from = "a page each; how many pages: " + why_unknown(e);
      return x;
    }
    auto pages = probe ? pages_of(e, *probe) : estimated{kind::exact, 1};
    const bool bounded_below = pages.how == kind::at_least || !x.slices.known();
    x.requests = {bounded_below         ? kind::at_least
                  : x.slices.value == 0 ? kind::exact
                                        : kind::about,
                  scaled(x.slices.value, pages.value)};
    if (probe)
      x.requests_from = found(*probe);
    return x;
  }

  /// Slices of an endpoint with parents, from the parents' probes: the sum of what each gives, the product of factors.
  estimated slices_of(const endpoint& e, std::string& from) const {
    estimated all{kind::exact, known_combinations(e.slices)};
    for (const auto& factor : e.slices.factors) {
      estimated of_factor{kind::exact, 0};
      const auto edges = slice_space{{factor}}.feeding_edges();
      for (auto index : edges) {
        const auto part = slices_of(e, index, from);
        of_factor.how = std::min(of_factor.how, part.how);
        of_factor.value = sum(of_factor.value, part.value);
      }
      if (edges.empty())
        continue;
      if (const auto* groups = std::get_if<partition_groups>(&factor))
        of_factor.value = divided_up(of_factor.value, groups->size);
      all.how = std::min(all.how, of_factor.how);
      all.value = scaled(all.value, of_factor.value);
    }
    return all;
  }

  estimated slices_of(const endpoint& e, std::uint32_t index, std::string& from) const {
    const auto& edge = plan_.edges[index];
    const auto& parent = plan_.endpoints[edge.parent];
    const auto& parent_name = parent_output_of(plan_, edge).stream_name;
    const auto* probe = answer(parent);
    const auto& above = result_.endpoints[parent.id];
    if (above.slices.known() && above.slices.value == 0)
      return {kind::exact, 0};
    if (!probe || !above.slices.known()) {
      from = "as many as `" + parent_name + "` has records" + (e.slices.has_windows() ? ", or more" : "") + ": "
             + why_unknown(parent);
      return {};
    }
    auto at = std::find(parent.child_edges.begin(), parent.child_edges.end(), index);
    const auto& family = probe->families[static_cast<std::size_t>(at - parent.child_edges.begin())];
    if (parent.slices.has_partitions() && family.parents == 0) {
      from = "the slice that was asked for (" + probe->label + ") has no records of `" + parent_name + "`";
      return {};
    }
    const auto records = records_of(*probe);
    auto slices = probe->rows == 0 ? 0 : scaled(records.value, family.slices, probe->rows);
    if (!probe->of_all_slices)
      slices = scaled(slices, above.slices.value);
    const bool all_seen = !probe->has_next && (probe->of_all_slices || above.slices.value == 1);
    if (records.how == kind::at_least)
      return {kind::at_least, slices};
    return {all_seen && above.slices.how == kind::exact ? kind::exact : kind::about, slices};
  }

  static std::string found(const endpoint_probe& probe) {
    const auto n = records_of(probe).value;
    auto text = probe.label + " has " + (probe.total < 0 && probe.has_next ? "more than " : "") + count_text(n)
                + (n == 1 ? " record" : " records");
    if (probe.has_next)
      text += ", " + count_text(probe.rows) + " a page";
    return text;
  }

  void add_up() {
    auto& all = result_.requests;
    all = {kind::exact, 0};
    for (const auto& e : result_.endpoints) {
      all.value = sum(all.value, e.requests.value);
      if (!e.requests.known())
        all.how = kind::at_least;
      else if (e.requests.how == kind::about && all.how == kind::exact)
        all.how = kind::about;
    }
  }

  void find_time() {
    const auto answer_time = facts_.mean_answer.value_or(std::chrono::microseconds{0});
    std::optional<std::chrono::microseconds> longest;
    for (std::size_t i = 0; i < facts_.policies.size(); ++i) {
      const auto& policy = facts_.policies[i];
      std::uint64_t units = 0;
      for (std::size_t e = 0; e < result_.endpoints.size(); ++e)
        units = sum(units, scaled(result_.endpoints[e].requests.value, facts_.weights[e][i]));
      if (policy.not_in_force || units == 0)
        continue;
      if (policy.ends_run) {
        note_end(policy, units);
        continue;
      }
      auto consider = [&](const quota_gauge& g) {
        note_turning_point(g, units);
        auto time = time_at_quota(units, g, answer_time);
        if (time && (!longest || *time + answer_time > *longest)) {
          longest = *time + answer_time;
          result_.bound = "the quota \"" + g.policy + "\"";
        }
      };
      consider(policy.gauge);
      for (std::size_t r = 1; r < policy.rates.size(); ++r) {
        auto g = policy.gauge;
        g.limit = policy.rates[r].limit;
        g.used = 0;
        g.window_us = policy.rates[r].interval.count();
        g.room_in_us = g.resets_in_us = 0;
        consider(g);
      }
    }
    if (facts_.mean_answer) {
      auto pool = time_in_pool(result_.requests.value, facts_.pool_size, *facts_.mean_answer);
      if (result_.requests.value > 0 && (!longest || pool >= *longest)) {
        longest = pool;
        result_.bound = "the pool of " + std::to_string(facts_.pool_size);
      }
    }
    // Without a probe what the quotas demand is all that is known; with unknown requests it is a lower bound.
    result_.time = result_.requests.value == 0 && result_.requests.known() ? std::chrono::microseconds{0} : longest;
    if (!result_.requests.known() && longest < std::chrono::seconds{1}) // says nothing
      result_.time.reset();
  }

  /// The pool is as fast as the quota if each answer takes as long as a window has room for.
  void note_turning_point(const quota_gauge& g, std::uint64_t units) {
    if (g.limit == 0)
      return;
    // Units, not requests, count against the limit.
    auto us = scaled(scaled(static_cast<std::uint64_t>(g.window_us), facts_.pool_size, g.limit), units,
                     std::max<std::uint64_t>(1, result_.requests.value));
    auto at = std::chrono::microseconds{static_cast<std::int64_t>(std::min<std::uint64_t>(us, INT64_MAX / 2))};
    result_.turning_point = std::max(result_.turning_point.value_or(at), at);
  }

  void note_end(const policy_estimate& policy, std::uint64_t units) {
    const auto& g = policy.gauge;
    const auto room = g.used < g.limit ? g.limit - g.used : 0;
    if (units <= room || g.limit == 0)
      return;
    const auto runs = sum(room > 0 ? 1 : 0, divided_up(units - room, g.limit));
    if (result_.ended_by.empty() || runs > result_.runs) {
      result_.ended_by = g.policy;
      result_.runs = runs;
    }
  }

  void assume_roots(const endpoint& e) {
    const auto* probe = answer(e);
    if (!probe || slices_of_root(e) < 2)
      return;
    if (!probe->of_all_slices)
      result_.assumptions.push_back("All slices of `" + e.name + "` are like the one that was asked for.");
    else if (probe->has_next)
      result_.assumptions.push_back("The records of `" + e.name + "` are spread evenly over its slices.");
  }

  void assume() {
    if (plan_.record_limit > 0)
      result_.assumptions.push_back("No stream has " + count_text(plan_.record_limit)
                                    + " records: the read ends as soon as each has them (--limit), and the requests "
                                      "that are left then are not sent.");
    bool sampled = false;
    for (const auto& e : plan_.endpoints)
      sampled = sampled || (e.slices.has_parents() && e.pages.has_next_pages() && answer(e));
    if (sampled)
      result_.assumptions.push_back(
        "All slices of an endpoint below a parent have as many pages as the one that was asked for.");
    if (result_.time && result_.requests.value > 0)
      result_.assumptions.push_back("Nobody else uses the account meanwhile, and nothing is retried.");
  }

  const plan_facts& facts_;
  const plan& plan_;
  plan_estimate result_;
};

} // namespace

std::string text_of(const estimated& x) {
  switch (x.how) {
    case kind::exact:
      return count_text(x.value);
    case kind::about:
      return "about " + count_text(x.value);
    case kind::at_least:
      return "at least " + count_text(x.value);
    case kind::unknown:
      break;
  }
  return "unknown";
}

plan_estimate estimate_plan(const plan_facts& facts) {
  return estimator{facts}.run();
}

} // namespace sluice
