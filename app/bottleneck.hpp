#pragma once

#include "config/manifest/plan/plan.hpp"
#include "config/tuning.hpp"
#include "messages/report.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// What advice depends on besides a run's numbers: which knobs there are.
struct run_facts {
  /// `fetchers.max_pool_size`, and the largest value that it may have.
  std::uint32_t max_pool_size = 1000;
  std::uint32_t largest_pool = 1000;
  /// The setting that makes the pool larger.
  std::string pool_key = "num_workers";
  /// The setting that says how long a time slice is.
  std::string slice_key = "slice_range_days";
  /// The setting for the limit of requests, for accounts whose server does not report it; empty: there is none.
  std::string limit_key = "rate_limit_per_minute";
  /// Processor cores that the process may use; 0: unknown.
  std::uint32_t processors = 0;
  /// By endpoint: its time range is cut into slices.
  std::vector<bool> sliced;
};

/// @param built_in the plan is of the built-in connector.
run_facts facts_of(const plan& p, const tuning& t, bool built_in);

/// What held a run up most.
struct bottleneck {
  /// `pool`, `quota`, `output`, `fan_out`, `backoff`, `memory`, `work` (see `limiter_times`), `processor`, or `none`.
  std::string limiter;
  /// Of the running time, 0 to 1.
  double share = 0;
  /// For people, with advice: `Limited by the minute quota 81 % of the time; a larger pool will not help.`
  std::string sentence;
};

/// Finds it from measured times. What is unknown in the snapshot is not guessed at.
bottleneck bottleneck_of(const run_snapshot& x, const run_facts& facts);

} // namespace sluice
