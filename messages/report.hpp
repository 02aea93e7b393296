#pragma once

#include "messages/slice.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

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
  /// Length of the policy's window, microseconds.
  std::int64_t window_us = 0;
  /// Until one more request may go, microseconds; 0: now; -1: not before the run ends.
  std::int64_t room_in_us = 0;
  /// Until the whole limit is free again if nothing more is sent, microseconds; -1: unknown.
  std::int64_t resets_in_us = -1;
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
  /// ... but there was no valid credential.
  std::int64_t credential_us = 0;
  /// The part of `quota_us` in which it was a refusal (429) that had to be waited out, not a quota that was used up.
  std::int64_t refused_us = 0;
};

/// Classes into which answers are counted by the time that they took: the longest time of each, microseconds. What
/// takes longer is in the last class, which has no end.
inline constexpr std::array<std::int64_t, 11> answer_classes_us{
  10'000, 25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 60'000'000};
using answer_counts = std::array<std::uint64_t, answer_classes_us.size() + 1>;
constexpr std::size_t class_of_answer(std::int64_t took_us) noexcept {
  std::size_t i = 0;
  while (i < answer_classes_us.size() && took_us > answer_classes_us[i])
    ++i;
  return i;
}

/// One endpoint's requests, as the governor sees them.
struct endpoint_traffic {
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  /// Answers that were RATE_LIMITED (429).
  std::uint64_t rate_limited = 0;
  std::uint32_t in_flight = 0;
  /// Requests that are ready or wait for their retry.
  std::uint64_t queued = 0;
  /// Sums over its requests, microseconds: from sending to the end of the answer; from being ready to being sent; the
  /// part of that in which a rate limit was the reason.
  std::int64_t answer_us = 0;
  std::int64_t queued_us = 0;
  std::int64_t quota_us = 0;
  /// Its answers, by class of time.
  answer_counts answers{};
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
  /// Why requests are waiting to be sent again, if they are, and for no rate limit: the newest cause, without secrets.
  std::string retrying;
  /// Rate policies that governed none of the requests, although there were some.
  std::vector<std::string> idle_policies;
  /// By endpoint.
  std::vector<endpoint_traffic> endpoints;
};

/// How far a stream is. `limited`: it has as many records as are wanted, and may have more.
enum class stream_phase : std::uint8_t { waiting, running, complete, incomplete, limited };

/// All of them, and what they are called where people and other programs read them.
inline constexpr std::array<stream_phase, 5> stream_phases{stream_phase::waiting, stream_phase::running,
                                                           stream_phase::complete, stream_phase::incomplete,
                                                           stream_phase::limited};
constexpr std::string_view to_string(stream_phase x) noexcept {
  constexpr std::array<std::string_view, 5> names{"waiting", "running", "complete", "incomplete", "limited"};
  return names[static_cast<std::size_t>(x)];
}

/// One stream's numbers.
struct stream_report {
  std::string name;
  stream_phase status = stream_phase::waiting;
  /// The endpoint whose pages hold its records; several streams may share one. -1: the source has no such stream.
  std::int64_t endpoint = -1;
  std::uint64_t records = 0;
  /// Bytes of its RECORD lines.
  std::uint64_t bytes = 0;
  std::uint64_t pages = 0;
  std::uint64_t slices_known = 0;
  std::uint64_t slices_done = 0;
  std::uint64_t slices_failed = 0;
  /// No more slices will come: `slices_known` is final.
  bool slices_final = false;
  /// Records of the whole sync as far as the totals that pages carry tell; -1: unknown.
  std::int64_t records_expected = -1;
  /// STATE messages printed.
  std::uint64_t states = 0;
  /// The beginning of the last state that was printed, at most 200 bytes; empty: none was.
  std::string state;
};

/// How much of an endpoint is left, as the state aggregator sees it.
struct endpoint_progress {
  std::string name;
  std::uint64_t pages = 0;
  std::uint64_t slices_known = 0;
  std::uint64_t slices_done = 0;
  std::uint64_t slices_failed = 0;
  bool slices_final = false;
  /// Pages that are still to be requested; -1: cannot be known yet.
  std::int64_t pages_left = -1;
};

/// The STATE AGGREGATOR's numbers, streams in the order of the catalogue.
struct aggregator_report {
  std::vector<stream_report> streams;
  std::uint64_t states = 0;
  /// By endpoint.
  std::vector<endpoint_progress> endpoints;
};

/// What all actors of one kind did since they began.
struct actor_gauge {
  /// `fetcher`, `governor`, ...
  std::string kind;
  std::uint32_t count = 0;
  std::uint64_t messages = 0;
  /// Messages in all their mailboxes now, the most that one mailbox held, and how long the oldest has been waiting.
  std::uint64_t mailbox = 0;
  std::uint64_t mailbox_high = 0;
  std::int64_t oldest_us = 0;
  /// Sums over the actors, microseconds: inside handlers and working; inside handlers, waiting for a server's answer or
  /// for whoever reads stdout or stderr; outside of handlers.
  std::int64_t busy_us = 0;
  std::int64_t waiting_us = 0;
  std::int64_t idle_us = 0;
};

/// READ SUPERVISOR to PROGRESS, METRICS and CONTROL: how the run stands.
struct run_snapshot {
  std::int64_t elapsed_us = 0;
  std::uint32_t pool_size = 0;
  governor_report requests;
  aggregator_report records;
  std::vector<actor_gauge> actors;
  /// Resident memory of the process; 0: unknown.
  std::uint64_t resident_bytes = 0;
  /// Processor time of the process, microseconds.
  std::int64_t processor_us = 0;
  /// Requests that are still to be sent, and how long that takes at the rate of this run and within its quotas,
  /// microseconds; -1: cannot be known yet.
  std::int64_t requests_left = -1;
  std::int64_t left_us = -1;
  /// A signal has asked for the end, which comes after so many microseconds at the latest; -1: none has.
  std::int64_t stops_in_us = -1;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, report_request&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota_gauge& x) {
  return f(x.policy, x.limit, x.used, x.reported_by_server, x.window_us, x.room_in_us, x.resets_in_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, limiter_times& x) {
  return f(x.pool_us, x.quota_us, x.output_us, x.fan_out_us, x.backoff_us, x.work_us, x.memory_us, x.credential_us,
           x.refused_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, endpoint_traffic& x) {
  return f(x.requests, x.retries, x.rate_limited, x.in_flight, x.queued, x.answer_us, x.queued_us, x.quota_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, governor_report& x) {
  return f(x.requests, x.retries, x.rate_limited, x.in_flight, x.peak_in_flight, x.queued, x.credit_used_bytes,
           x.peak_credit_bytes, x.peak_fan_out, x.put_off, x.limiters, x.quotas, x.idle_policies, x.endpoints);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stream_report& x) {
  return f(x.name, x.status, x.endpoint, x.records, x.bytes, x.pages, x.slices_known, x.slices_done, x.slices_failed,
           x.slices_final, x.records_expected, x.states, x.state);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, endpoint_progress& x) {
  return f(x.name, x.pages, x.slices_known, x.slices_done, x.slices_failed, x.slices_final, x.pages_left);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, aggregator_report& x) {
  return f(x.streams, x.states, x.endpoints);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, actor_gauge& x) {
  return f(x.kind, x.count, x.messages, x.mailbox, x.mailbox_high, x.oldest_us, x.busy_us, x.waiting_us, x.idle_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, run_snapshot& x) {
  return f(x.elapsed_us, x.pool_size, x.requests, x.records, x.actors, x.resident_bytes, x.processor_us,
           x.requests_left, x.left_us);
}

} // namespace sluice
