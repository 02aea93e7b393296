#pragma once

#include "actors/core/admission/admission.hpp"
#include "actors/core/clock.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

/// How the governor learns of the process's memory.
struct memory_watch {
  /// Resident bytes; none: nobody watches.
  std::function<std::uint64_t()> resident_bytes;
  std::uint64_t limit_bytes = 0;
};

/// The GOVERNOR holds page requests, not threads: it hands one to an idle fetcher when every limit allows it.
struct governor_state {
  explicit governor_state(governor_actor::pointer owner) : self(owner) {}

  /// Sends permits, asks for slices and credentials, and sets the timer for the next moment at which something may go.
  void pump(steady_time now);
  void arm(steady_time wake, steady_time now);
  /// Lines are written to the same memory again and again: fresh memory costs more than what is written into it.
  void keep_buffer(std::string buffer);
  /// The memory that was used last, if there is any.
  std::string take_buffer();
  /// Shows in the trace how long a rate limit has held up this request.
  void trace_wait(const permit& x);
  void report_failures();
  /// Tells the supervisor when a wait for the rate limit begins and when it is over. `admitted`: a request went.
  void report_throttling(bool admitted, steady_time now);
  void watch_memory(steady_time now);
  void warn_of_coding(const page_outcome& x);
  /// For reports: what requests are waiting for.
  std::string describe();

  governor_actor::pointer self;
  read_supervisor_actor supervisor;
  state_aggregator_actor aggregator;
  wall_clock wall;
  admission_limits limits;
  memory_watch memory;
  /// Endpoints, each with a `Content-Encoding` that is none, of which the log was told.
  std::set<std::pair<endpoint_id, std::string>> unknown_codings;
  plan_ptr plan;
  std::unique_ptr<admission> rules;
  /// By number of the fetcher.
  std::vector<fetcher_actor> fetchers;
  /// Buffers that came back from the emitter: no more than it may have to write at once.
  std::vector<std::string> buffers;
  std::uint64_t buffers_bytes = 0;
  /// Idle fetchers; the last to become idle is the first to work, because its connection is the warmest.
  std::vector<std::uint32_t> idle;
  std::unordered_map<endpoint_id, slice_source_actor> sources;
  /// By credential of the plan.
  std::unordered_map<credential_id, authenticator_actor> authenticators;
  /// How many endpoints the plan has; each will have a source.
  std::size_t endpoints = 0;
  std::optional<steady_time> armed;
  std::uint64_t timer_generation = 0;
  bool throttling = false;
  bool memory_high = false;
  bool memory_reported = false;
  std::optional<steady_time> memory_read_at;
  bool quota_reported = false;
  bool bound_reported = false;
  bool enough_reported = false;
  bool drain_reported = false;
  std::shared_ptr<flight_record> record;
  trace_log* trace = nullptr;

  static constexpr const char* name = "governor";
};

using governor_self = actor_self<governor_actor, governor_state>;

/// @param plan what the run consists of.
/// @param limits the bounds that admission keeps.
/// @param supervisor hears of an exhausted quota, of waits for it and of the end of a drain.
/// @param aggregator hears of slices that failed.
/// @param wall the date, for reset headers in epoch seconds.
/// @param memory above its limit pages are requested one at a time.
governor_actor::behavior_type governor(governor_self* self, plan_ptr plan, admission_limits limits,
                                       read_supervisor_actor supervisor, state_aggregator_actor aggregator,
                                       wall_clock wall, memory_watch memory);

} // namespace sluice
