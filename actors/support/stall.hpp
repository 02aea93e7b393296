#pragma once

#include "actors/support/flight_record.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sluice {

/// How long what may take.
struct stall_limits {
  /// A run in which nothing moves for that long, beyond any legitimate wait, has stalled. 0: nothing ever has.
  std::chrono::microseconds stall = std::chrono::seconds{60};
  /// The longest time that a server may take for one request.
  std::chrono::microseconds answer = std::chrono::minutes{10};
};

/// Decides whether a run stands still. Pure: it is told what there is to see and when. Legitimate are: a request within
/// its own time limit, a write to a stdout or stderr that nobody reads, and a timer that an actor set for its work.
/// Their time does not count; only messages that move the run begin the count anew. So whatever goes on beside the run
/// (progress, metrics, log lines, signs of life) cannot hide that it stands.
class stall_detector {
public:
  stall_detector(const stall_limits& limits, flight_time now)
    : limits_(limits), looked_(now), excused_until_(now), still_since_(now) {}

  /// How often `look` wants to be called; if it is called far too late, the whole process was stopped or starved, and
  /// the time does not count.
  std::chrono::microseconds interval() const;

  /// What stands still and since when, in one sentence; nothing if all is well.
  /// @param stderr_blocked nobody reads stderr: any actor may be held up by its log.
  std::optional<std::string> look(const std::vector<flight_view>& actors, bool stderr_blocked, flight_time now);

private:
  /// The part of the time since the last look in which the actor had the whole run wait for something legitimate.
  flight_clock::duration excused_since_look(const flight_view& a, flight_time now);

  stall_limits limits_;
  flight_time looked_;
  flight_time excused_until_;
  /// When the run last moved, and later by as much as it waited legitimately since.
  flight_time still_since_;
  /// By actor: how long it has waited for the reader of stdout, all in all.
  std::unordered_map<std::uint64_t, flight_clock::duration> waited_;
};

} // namespace sluice
