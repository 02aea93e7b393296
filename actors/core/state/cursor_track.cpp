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

/// How the end of a stretch is cut.
enum class stretch_end : std::uint8_t {
  /// The last window ends exactly at the end.
  included,
  /// The end belongs to what follows: the last window ends one granule before it.
  excluded,
};

/// Cuts stretches of time into windows.
class splitter {
public:
  explicit splitter(const datetime_cursor& cursor)
    : cursor_(cursor), granule_(cursor.granularity.value_or(microseconds{0})) {}

  microseconds granule() const noexcept { return granule_; }

  void split(instant lower, instant upper, stretch_end end, bool children_only, std::vector<cursor_window>& out) const {
    while (lower < upper) {
      auto next = cursor_.step ? std::min(language::add(lower, *cursor_.step), upper) : upper;
      if (next <= lower) // a step that leads nowhere: `open` refuses it, and this keeps the loop finite
        next = upper;
      const auto is_last = next == upper;
      const auto ends_at = is_last && end == stretch_end::included ? upper : next - granule_;
      out.push_back({lower, std::max(lower, ends_at), children_only});
      lower = next;
    }
  }

private:
  const datetime_cursor& cursor_;
  microseconds granule_;
};

} // namespace

microseconds state_unit(const datetime_cursor& cursor) {
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
    const auto cut = std::max(language::add(merged.back().end, back), cursor.start);
    const auto first = merged.front();
    std::erase_if(merged, [cut](const interval& i) { return i.start >= cut; });
    if (!merged.empty())
      merged.back().end = std::min(merged.back().end, cut);
    else if (first.start <= cursor.start) // all is read again, and still the state must not go back
      merged.push_back({cut, cut, first.newest});
  }
  if (merged.empty() || merged.front().start > cursor.start) {
    // Nothing is known of the time from the start on: the promise begins with the start, not with the first interval.
    merged.insert(merged.begin(), {cursor.start, cursor.start, cursor.start});
    reread_.push_back(cursor.start);
  }
  reread_.push_back(merged.back().end);
  intervals_ = std::move(merged);
}

bool cursor_track::must_reread(instant t) const {
  return std::find(reread_.begin(), reread_.end(), t) != reread_.end();
}

std::vector<cursor_window> cursor_track::stream_windows(const datetime_cursor& cursor) const {
  std::vector<cursor_window> out;
  const splitter cut{cursor};
  for (std::size_t i = 0; i < intervals_.size(); ++i) {
    const auto known_until = intervals_[i].end;
    const auto lower = std::max(must_reread(known_until) ? known_until : known_until + cut.granule(), cursor.start);
    if (i + 1 == intervals_.size() || intervals_[i + 1].start > cursor.end) {
      cut.split(lower, cursor.end, stretch_end::included, false, out);
      // With a granularity the end is one more granule to be read.
      if (lower == cursor.end && cut.granule() > microseconds{0})
        out.push_back({lower, lower, false});
      break;
    }
    cut.split(lower, intervals_[i + 1].start, stretch_end::excluded, false, out);
  }
  return out;
}

std::vector<cursor_window> cursor_track::windows(const datetime_cursor& cursor, bool for_children) const {
  auto stream = stream_windows(cursor);
  if (!for_children || cursor.start >= cursor.end)
    return stream;
  std::vector<cursor_window> out;
  const splitter cut{cursor};
  auto position = cursor.start;
  for (const auto& w : stream) {
    cut.split(position, w.lower, stretch_end::excluded, true, out);
    out.push_back(w);
    position = w.upper + cut.granule();
    if (w.upper < cursor.end) // less than a granule may be left
      position = std::min(position, cursor.end);
  }
  cut.split(position, cursor.end, stretch_end::included, true, out);
  if (position == cursor.end && cut.granule() > microseconds{0}) // one granule is left
    out.push_back({position, position, true});
  return out;
}

void cursor_track::merge(const datetime_cursor& cursor) {
  // Windows are contiguous by construction: exactly one granule apart, or with a shared boundary. A wider tolerance
  // could leap over a short window that has failed.
  const auto granule = cursor.granularity.value_or(microseconds{0});
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
