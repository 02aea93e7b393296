#pragma once

#include "actors/core/state/cursor_windows.hpp"
#include "config/manifest/plan/plan.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace sluice {

/// A stretch of time that has been read, both ends inclusive, with the newest cursor value seen in it.
struct interval {
  instant start{};
  instant end{};
  std::optional<instant> newest;
  bool operator==(const interval&) const = default;
};

/// Sorts and joins intervals. Two are joined if the next begins at or before `previous.end + unit`.
/// Ends and newest values are maxima. `unit` is what the state format can tell apart (1 s for epoch seconds).
/// The order of the input does not matter, and merging twice changes nothing.
std::vector<interval> merge_intervals(std::vector<interval> intervals, std::chrono::microseconds unit);

/// What contiguous means in a state that was read from outside: neighbours may lie one unit of the format or one
/// granule apart.
std::chrono::microseconds state_unit(const datetime_cursor& cursor);

/// The known past of one cursor, as intervals of time: says what is still to be read and takes what has been. The
/// cursor itself is an argument, always the same one, so that thousands of tracks can share it.
class cursor_track {
public:
  /// Makes the known past start at the cursor's start, and takes the lookback off its end.
  cursor_track(const datetime_cursor& cursor, std::vector<interval> known);

  /// See `cursor_state::windows`.
  cursor_windows windows(const datetime_cursor& cursor, bool for_children) const;
  /// See `cursor_state::close`.
  void close(const datetime_cursor& cursor, const cursor_window& w, std::optional<instant> newest);
  /// See `cursor_state::advance`.
  void advance(const datetime_cursor& cursor, const cursor_window& w, instant newest);

  /// Everything from the start up to this moment has been read.
  instant promise() const noexcept { return intervals_.front().newest.value_or(intervals_.front().start); }
  /// The same while a sync is under way. Where a step or more without records has been read behind the newest one, it
  /// counts, too, so that it is not asked for again if the sync is stopped. But not the last step before the end, where
  /// records may still come late.
  instant progress(const datetime_cursor& cursor) const;
  /// In order of time, never empty.
  const std::vector<interval>& intervals() const noexcept { return intervals_; }
  /// True if `t` ends an interval and is still to be read again.
  bool must_reread(instant t) const;

private:
  std::vector<cursor_windows::stretch> stream_stretches(const datetime_cursor& cursor) const;
  void merge(const datetime_cursor& cursor);

  std::vector<interval> intervals_;
  /// Ends of intervals that are to be read again (the tail begins with the last moment that is known, and the interval
  /// that opens a fresh state has no length): only a window that contains such a moment joins what comes before it.
  std::vector<instant> reread_;
};

} // namespace sluice
