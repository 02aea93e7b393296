#pragma once

#include "messages/error.hpp"
#include "messages/page.hpp"
#include "messages/report.hpp"
#include "messages/slice.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// The outside to READ SUPERVISOR: begin; answered with a `run_result`.
struct run_request {
  bool operator==(const run_request&) const = default;
};

/// The signal thread to READ SUPERVISOR: drain, write the final state, end.
struct stop_request {
  /// SIGINT or SIGTERM; 0: whoever asked for the run has seen enough.
  std::int32_t signal = 0;
};

/// The watchdog to READ SUPERVISOR: the run stands still; end it now, with what still answers.
struct stall_notice {
  /// What stands still, one sentence without its full stop.
  std::string finding;
};

/// READ SUPERVISOR to STATE AGGREGATOR: print the final state of every stream that has none yet.
struct finish_request {
  bool operator==(const finish_request&) const = default;
};

/// The answer to a `finish_request`.
struct finished {
  bool operator==(const finished&) const = default;
};

/// STATE AGGREGATOR to READ SUPERVISOR: all slices of the endpoint are closed or failed, and its streams' final states
/// are on their way to stdout.
struct endpoint_done {
  endpoint_id endpoint = 0;
  std::uint64_t slices = 0;
  std::uint64_t failed_slices = 0;
  /// False if slices failed or parents are missing.
  bool complete = true;
  /// Streams some of whose records were left out: they had enough.
  std::vector<stream_index> cut{};
};

/// A rate policy's limit as the user wants it from now on.
struct new_limit {
  std::string policy;
  std::uint64_t limit = 0;
};

/// The control socket to READ SUPERVISOR, and on to the GOVERNOR: other bounds from now on. Answered with `retuned`.
struct retune {
  /// Requests in flight at most; 0: as it is.
  std::uint32_t pool_size = 0;
  std::vector<new_limit> limits;
};

/// The answer to a `retune`: all of it was done, or nothing.
struct retuned {
  /// What changed, one sentence each: `pool size 10 -> 20`.
  std::vector<std::string> changes;
  /// Why nothing was changed; empty if it was.
  std::string problem;
};

/// PROGRESS, METRICS or CONTROL, the answer to a `run_snapshot`: ready for the next one.
struct snapshot_shown {};

/// READ SUPERVISOR to whoever asked for the run: how it ended.
struct run_result {
  std::int32_t exit_code = 0;
  run_snapshot snapshot;
  /// One line for people why the exit code is not 0; empty if it is.
  std::string reason;
  /// The first error of the run, if there was one.
  bool has_error = false;
  sluice::error first_error;
  /// The first error of each kind (code and whose turn it is), as they came; at most `most_kinds`.
  static constexpr std::size_t most_kinds = 5;
  std::vector<sluice::error> errors;
  bool output_open = true;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, run_request&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stop_request& x) {
  return f(x.signal);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stall_notice& x) {
  return f(x.finding);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, finish_request&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, finished&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, endpoint_done& x) {
  return f(x.endpoint, x.slices, x.failed_slices, x.complete, x.cut);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, new_limit& x) {
  return f(x.policy, x.limit);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retune& x) {
  return f(x.pool_size, x.limits);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retuned& x) {
  return f(x.changes, x.problem);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, snapshot_shown&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, run_result& x) {
  return f(x.exit_code, x.snapshot, x.reason, x.has_error, x.first_error, x.output_open);
}

} // namespace sluice
