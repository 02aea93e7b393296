#pragma once

#include "actors/core/admission.hpp"
#include "actors/core/clock.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice {

/// The GOVERNOR holds page requests, not threads: it hands one to an idle fetcher when every limit allows it.
struct governor_state {
  explicit governor_state(governor_actor::pointer owner) : self(owner) {}

  /// Sends permits, asks for slices, and sets the timer for the next moment at which something may go.
  void pump();
  void arm(steady_time wake);
  /// For reports: what requests are waiting for.
  std::string describe();

  governor_actor::pointer self;
  read_supervisor_actor supervisor;
  wall_clock wall;
  std::unique_ptr<admission> rules;
  /// By number of the fetcher.
  std::vector<fetcher_actor> fetchers;
  /// Idle fetchers; the last to become idle is the first to work, because its connection is the warmest.
  std::vector<std::uint32_t> idle;
  std::unordered_map<endpoint_id, slice_source_actor> sources;
  /// How many endpoints the plan has; each will have a source.
  std::size_t endpoints = 0;
  std::optional<steady_time> armed;
  std::uint64_t timer_generation = 0;
  bool quota_reported = false;
  bool drain_reported = false;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "governor";
};

using governor_self = actor_self<governor_actor, governor_state>;

/// @param plan what the run consists of.
/// @param limits the bounds that admission keeps.
/// @param supervisor hears of an exhausted quota and of the end of a drain.
/// @param wall the date, for reset headers in epoch seconds.
governor_actor::behavior_type governor(governor_self* self, plan_ptr plan, admission_limits limits,
                                       read_supervisor_actor supervisor, wall_clock wall);

} // namespace sluice
