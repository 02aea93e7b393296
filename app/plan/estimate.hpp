#pragma once

#include "actors/core/state/cursor_windows.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/report.hpp"
#include "messages/text/redaction.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What one request of an endpoint told.
struct endpoint_probe {
  /// The slice that was asked for, for people; empty: nothing was.
  std::string label;
  /// Why there is no answer; empty: there is one, or nobody asked.
  std::string problem;
  bool answered = false;
  /// Records of the page; rows of the whole list as it tells, -1: it does not; and whether pages follow.
  std::uint64_t rows = 0;
  std::int64_t total = -1;
  bool has_next = false;
  /// The list is that of all the endpoint's slices together, not of one.
  bool of_all_slices = false;
  /// For each of the endpoint's child edges: parent records of the page, and slices that the child makes of them.
  struct family {
    std::uint64_t parents = 0;
    std::uint64_t slices = 0;
  };
  std::vector<family> families;
};

/// A rate policy's part in the plan.
struct policy_estimate {
  quota_gauge gauge;
  /// All its rates; the gauge is that of the first.
  std::vector<rate> rates;
  /// It does not count until the server reports it, and the server has not yet.
  bool not_in_force = false;
  /// The run ends when it is used up.
  bool ends_run = false;
};

/// What is known before the estimate is made.
struct plan_facts {
  plan_ptr plan;
  /// Masked in what the manifest makes of the configuration.
  std::shared_ptr<const redactor> secrets = std::make_shared<redactor>();
  /// Of each root endpoint what its cursor still has to read.
  std::vector<cursor_windows> windows;
  std::vector<policy_estimate> policies;
  /// Of each endpoint the weight of its requests in each policy; 0: the policy does not govern them.
  std::vector<std::vector<std::uint32_t>> weights;
  std::uint32_t pool_size = 10;
  /// One for each endpoint, or none without `--probe`.
  std::vector<endpoint_probe> probes;
  std::uint64_t probes_sent = 0;
  /// Mean time of an answer; none: nobody asked.
  std::optional<std::chrono::microseconds> mean_answer;
};

/// A number as far as it is known.
struct estimated {
  enum class kind : std::uint8_t { unknown, at_least, about, exact };
  kind how = kind::unknown;
  std::uint64_t value = 0;

  bool known() const noexcept { return how == kind::about || how == kind::exact; }
};

/// `7`, `about 200`, `at least 7`, `unknown`
std::string text_of(const estimated& x);

struct endpoint_estimate {
  estimated slices;
  estimated requests;
  /// What the number of slices, or of requests, depends on, or how it was found; empty: nothing to say.
  std::string slices_from;
  std::string requests_from;
};

struct plan_estimate {
  std::vector<endpoint_estimate> endpoints;
  estimated requests;
  /// How long the run takes; none: unknown.
  std::optional<std::chrono::microseconds> time;
  /// What decides that: `the quota "minute"`, `the pool`; empty: nothing is requested.
  std::string bound;
  /// Mean answer time from which on the pool, not the quotas, decides; none: there is no quota.
  std::optional<std::chrono::microseconds> turning_point;
  /// The policy that ends the run before it is complete, and after how many runs everything is read; empty: none does.
  std::string ended_by;
  std::uint64_t runs = 1;
  /// What the numbers take for granted, a sentence each.
  std::vector<std::string> assumptions;
};

/// What the plan costs.
plan_estimate estimate_plan(const plan_facts& facts);

} // namespace sluice
