#pragma once

#include "messages/error.hpp"
#include "messages/page.hpp"
#include "messages/slice.hpp"

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
};

/// READ SUPERVISOR to GOVERNOR and STATE AGGREGATOR: tell me your numbers.
struct report_request {
  bool operator==(const report_request&) const = default;
};

/// One rate policy's present numbers.
struct quota_gauge {
  std::string policy;
  std::uint64_t limit = 0;
  std::uint64_t used = 0;
  bool reported_by_server = false;
};

/// How long the pool was in which condition, microseconds. The sum is the running time.
struct limiter_times {
  /// Every fetcher had a request in flight.
  std::int64_t pool_us = 0;
  /// Work was ready and fetchers idle, but a rate limit had no room.
  std::int64_t quota_us = 0;
  /// ... but stdout was not read fast enough.
  std::int64_t output_us = 0;
  /// ... but the parents had run ahead of their children as far as they may.
  std::int64_t fan_out_us = 0;
  /// Only retries that wait for their back-off were left.
  std::int64_t backoff_us = 0;
  /// There was not enough work for all fetchers.
  std::int64_t work_us = 0;
  /// ... but the process held more memory than it may.
  std::int64_t memory_us = 0;
};

/// The GOVERNOR's numbers.
struct governor_report {
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  std::uint64_t rate_limited = 0;
  std::uint32_t in_flight = 0;
  std::uint32_t peak_in_flight = 0;
  std::uint64_t queued = 0;
  std::uint64_t credit_used_bytes = 0;
  std::uint64_t peak_credit_bytes = 0;
  std::uint64_t peak_fan_out = 0;
  /// Slices that were put off after a failure, to be tried again at the end.
  std::uint64_t put_off = 0;
  limiter_times limiters;
  std::vector<quota_gauge> quotas;
  /// Rate policies that governed none of the requests, although there were some.
  std::vector<std::string> idle_policies;
};

/// One stream's numbers.
struct stream_report {
  std::string name;
  /// `waiting`, `running`, `complete`, `incomplete`.
  std::string status;
  std::uint64_t records = 0;
  std::uint64_t pages = 0;
  std::uint64_t slices_known = 0;
  std::uint64_t slices_done = 0;
  std::uint64_t slices_failed = 0;
  /// No more slices will come: `slices_known` is final.
  bool slices_final = false;
};

/// The STATE AGGREGATOR's numbers, in the order of the catalogue.
struct aggregator_report {
  std::vector<stream_report> streams;
  std::uint64_t states = 0;
};

/// READ SUPERVISOR to PROGRESS: how the run stands.
struct run_snapshot {
  std::int64_t elapsed_us = 0;
  std::uint32_t pool_size = 0;
  governor_report requests;
  aggregator_report records;
};

/// READ SUPERVISOR to whoever asked for the run: how it ended.
struct run_result {
  std::int32_t exit_code = 0;
  run_snapshot snapshot;
  /// One line for people why the exit code is not 0; empty if it is.
  std::string reason;
  /// The first error of the run, if there was one.
  bool has_error = false;
  sluice::error first_error;
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
  return f(x.endpoint, x.slices, x.failed_slices, x.complete);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, report_request&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota_gauge& x) {
  return f(x.policy, x.limit, x.used, x.reported_by_server);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, limiter_times& x) {
  return f(x.pool_us, x.quota_us, x.output_us, x.fan_out_us, x.backoff_us, x.work_us, x.memory_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, governor_report& x) {
  return f(x.requests, x.retries, x.rate_limited, x.in_flight, x.peak_in_flight, x.queued, x.credit_used_bytes,
           x.peak_credit_bytes, x.peak_fan_out, x.put_off, x.limiters, x.quotas, x.idle_policies);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stream_report& x) {
  return f(x.name, x.status, x.records, x.pages, x.slices_known, x.slices_done, x.slices_failed, x.slices_final);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, aggregator_report& x) {
  return f(x.streams, x.states);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, run_snapshot& x) {
  return f(x.elapsed_us, x.pool_size, x.requests, x.records);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, run_result& x) {
  return f(x.exit_code, x.snapshot, x.reason, x.has_error, x.first_error, x.output_open);
}

} // namespace sluice
