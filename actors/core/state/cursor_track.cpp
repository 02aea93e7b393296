#include "actors/core/state/cursor_track.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

using std::chrono::microseconds;

/// Sorts and joins; `joins(previous_end, next_start)` decides whether two neighbours are contiguous.
template <class Joins>
std::vector<interval> merge_if(std::vector<interval> intervals, Joins joins) {
  if (intervals.empty())
    return intervals;
  std::sort(intervals.begin(), intervals.end(), [](const interval& a, const interval& b) {
    return std::pair{a.start, a.end} < std::pair{b.start, b.end};
  });
  auto last = intervals.begin();
  for (auto next = last + 1; next != intervals.end(); ++next) {
    if (!joins(last->end, next->start)) {
      *++last = *next;
      continue;
    }
    last->end = std::max(last->end, next->end);
    last->newest = std::max(last->newest, next->newest); // an empty optional is less than any value
  }
  intervals.erase(last + 1, intervals.end());
  return intervals;
}

microseconds granule_of(const datetime_cursor& cursor) {
  return cursor.granularity.value_or(microseconds{0});
}

/// Where the first window begins.
instant beginning_of(const datetime_cursor& cursor) {
  return cursor.clamp ? cursor.clamp->ceiling(cursor.start) : cursor.start;
}

using stretches = std::vector<cursor_windows::stretch>;

void add_stretch(stretches& to, instant lower, instant upper, bool ends_at_upper, bool children_only) {
  if (lower < upper)
    to.push_back({lower, upper, ends_at_upper, children_only});
}

} // namespace

microseconds state_unit(const datetime_cursor& cursor) {
  if (cursor.counts)
    return microseconds{1};
  const microseconds unit = cursor.state == state_format::epoch_seconds ? microseconds{std::chrono::seconds{1}}
                                                                        : std::chrono::milliseconds{1};
  if (!cursor.granularity)
    return unit;
  return cursor.state == state_format::epoch_seconds ? std::max(unit, *cursor.granularity) : *cursor.granularity;
}

std::vector<interval> merge_intervals(std::vector<interval> intervals, microseconds unit) {
  return merge_if(std::move(intervals), [unit](instant end, instant start) { return end + unit >= start; });
}

cursor_track::cursor_track(const datetime_cursor& cursor, std::vector<interval> known) {
  // An interval without length says nothing (the reference opens every state with one that it has not read), and what
  // lies before the start is not wanted.
  std::erase_if(known, [&cursor](const interval& i) { return i.start == i.end || i.end < cursor.start; });
  auto merged = merge_intervals(std::move(known), state_unit(cursor));

  if (!merged.empty()) {
    // The tail is read again from the lookback on, so nothing after that moment counts as known.
    const language::duration back{-cursor.lookback.months, -cursor.lookback.exact};
    auto cut = language::add(merged.back().end, back);
    // A window that has been read ended where the next period begins.
    if (cursor.clamp)
      cut = cursor.clamp->ceiling(cut);
    cut = std::max(cut, beginning_of(cursor));
    const auto first = merged.front();
    std::erase_if(merged, [cut](const interval& i) { return i.start >= cut; });
    if (!merged.empty())
      merged.back().end = cursor.clamp ? cut : std::min(merged.back().end, cut);
    else if (first.start <= cursor.start) // all is read again, and still the state must not go back
      merged.push_back({cut, cut, first.newest});
  }
  if (merged.empty() || merged.front().start > std::max(cursor.start, beginning_of(cursor))) {
    // Nothing is known of the time from the start on: the promise begins with the start, not with the first interval.
    const auto first = beginning_of(cursor);
    merged.insert(merged.begin(), {first, first, cursor.start});
    reread_.push_back(first);
  }
  reread_.push_back(merged.back().end);
  intervals_ = std::move(merged);
}

instant cursor_track::progress(const datetime_cursor& cursor) const {
  if (!cursor.step || cursor.is_feed)
    return promise();
  const auto settled = language::add(cursor.end, {-cursor.step->months, -cursor.step->exact});
  const auto read_until = std::min(intervals_.front().end, settled);
  return language::add(promise(), *cursor.step) <= read_until ? read_until : promise();
}

bool cursor_track::must_reread(instant t) const {
  return std::find(reread_.begin(), reread_.end(), t) != reread_.end();
}

stretches cursor_track::stream_stretches(const datetime_cursor& cursor) const {
  stretches out;
  const auto granule = granule_of(cursor);
  for (std::size_t i = 0; i < intervals_.size(); ++i) {
    const auto known_until = intervals_[i].end;
    const auto lower = std::max(must_reread(known_until) ? known_until : known_until + granule, beginning_of(cursor));
    if (i + 1 == intervals_.size() || intervals_[i + 1].start > cursor.end) {
      add_stretch(out, lower, cursor.end, true, false);
      // With a granularity the end is one more granule to be read.
      if (lower == cursor.end && granule > microseconds{0} && !cursor.without_points)
        out.push_back({lower, lower, true, false});
      break;
    }
    add_stretch(out, lower, intervals_[i + 1].start, false, false);
  }
  return out;
}

cursor_windows cursor_track::windows(const datetime_cursor& cursor, bool for_children) const {
  const auto granule = granule_of(cursor);
  auto stream = stream_stretches(cursor);
  if (!for_children || cursor.start >= cursor.end)
    return {cursor.step, granule, std::move(stream), cursor.clamp};
  stretches out;
  auto position = beginning_of(cursor);
  for (const auto& s : stream) {
    add_stretch(out, position, s.lower, false, true);
    out.push_back(s);
    const auto last = cursor_windows{cursor.step, granule, {s}, cursor.clamp}.back();
    position = last.upper + granule;
    if (last.upper < cursor.end) // less than a granule may be left
      position = std::min(position, cursor.end);
  }
  add_stretch(out, position, cursor.end, true, true);
  if (position == cursor.end && granule > microseconds{0} && !cursor.without_points) // one granule is left
    out.push_back({position, position, true, true});
  return {cursor.step, granule, std::move(out), cursor.clamp};
}

void cursor_track::merge(const datetime_cursor& cursor) {
  // Windows are contiguous by construction: exactly one granule apart, or with a shared boundary. A wider tolerance
  // could leap over a short window that has failed.
  const auto granule = granule_of(cursor);
  intervals_ = merge_if(std::move(intervals_), [this, granule](instant end, instant start) {
    return (must_reread(end) ? end : end + granule) >= start;
  });
}

void cursor_track::close(const datetime_cursor& cursor, const cursor_window& w, std::optional<instant> newest) {
  if (w.children_only)
    return;
  if (newest)
    newest = std::min(*newest, w.upper);
  std::erase_if(reread_, [&w](instant t) { return w.lower <= t && t <= w.upper; });
  intervals_.push_back({w.lower, w.upper, newest});
  merge(cursor);
}

void cursor_track::advance(const datetime_cursor& cursor, const cursor_window& w, instant newest) {
  newest = std::min(newest, w.upper);
  // A state at the cursor's end leaves nothing to read, so only a window that is closed may lead there.
  if (w.children_only || newest <= w.lower || newest >= cursor.end)
    return;
  const auto is_known = std::any_of(intervals_.begin(), intervals_.end(),
                                    [&](const interval& i) { return i.start <= newest && newest <= i.end; });
  // Everything before `newest` has been read now. The moment itself is left for the next read, unless it is known.
  const auto was_open = must_reread(newest);
  std::erase_if(reread_, [&](instant t) { return w.lower <= t && t < newest; });
  if (!is_known && !was_open)
    reread_.push_back(newest);
  intervals_.push_back({w.lower, newest, newest});
  merge(cursor);
}

} // namespace sluice
