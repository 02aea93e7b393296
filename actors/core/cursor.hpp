#pragma once

#include "config/manifest/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

using language::instant;

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

/// A window to request, both ends inclusive.
struct cursor_window {
  instant lower{};
  instant upper{};
  /// The stream's state covers it; only child streams need its records.
  bool children_only = false;
  bool operator==(const cursor_window&) const = default;
};

/// What an incremental stream knows about its past: parses an incoming state, plans windows, takes closed windows in
/// any order and says what may be promised. Pure; the worked examples are in the tests.
///
/// The promise: everything from the configured start up to the printed state has been read. Hence a state moves on only
/// when the window that begins exactly where the known past ends is closed, and never beyond a window that was read.
class cursor_state {
public:
  /// `state_json` is the stream's state object, "" or "{}" for none. Understands `{field: value}` (integer, float, ISO
  /// text, the cursor's own format) and `{"slices": [...], "state_type": "date-range"}`. A state that cannot be
  /// understood is `errc::bad_state`, never a crash and never a silent start from scratch. Numbers are epoch seconds;
  /// moments outside the years 1 to 9999 (epoch milliseconds, for instance) are refused. Objects that hold nothing but
  /// Airbyte's own markers
  /// (`__ab_...`) are no state. A cursor that cannot be cut into windows is `errc::bad_manifest`.
  static expected<cursor_state> open(const datetime_cursor& cursor, std::string_view state_json);

  /// The windows still to be read, oldest first: gaps, then the tail with its lookback, split by the step.
  /// With `for_children` also the rest of [start, end] as `children_only` windows, in order of time. No two windows
  /// overlap; without a granularity neighbours share their boundary.
  std::vector<cursor_window> windows(bool for_children) const;

  /// Window `w` was read completely; `newest` is the newest cursor value among its records. A value beyond the window's
  /// upper bound (a server's fast clock) counts as the upper bound: what lies between the two was in no window.
  /// `children_only` windows change nothing.
  void close(const cursor_window& w, std::optional<instant> newest);

  /// The state to print: `{"date_modified":1623348420}`; keys of the incoming object that are not ours survive.
  /// The value is the newest cursor value of the first interval, rounded down to what the format can say.
  std::string state_json() const;

  /// The same in the reference's concurrent format, with every interval: `{"slices":[...],"state_type":"date-range"}`.
  std::string concurrent_state_json() const;

  const std::vector<interval>& intervals() const noexcept { return intervals_; }

private:
  explicit cursor_state(datetime_cursor cursor) : cursor_(std::move(cursor)) {}

  /// Makes the known past start at the cursor's start, and takes the lookback off its end.
  void prepare(std::vector<interval> known);
  bool must_reread(instant t) const;
  std::vector<cursor_window> stream_windows() const;
  std::string json_value(instant t) const;

  datetime_cursor cursor_;
  std::vector<interval> intervals_;
  /// Ends of intervals that are to be read again (the tail begins with the last moment that is known, and the interval
  /// that opens a fresh state has no length): only a window that contains such a moment joins what comes before it.
  std::vector<instant> reread_;
  /// Foreign keys of the incoming state, in order: the key and the value, both as JSON text.
  std::vector<std::pair<std::string, std::string>> extras_;
};

/// Formats an instant as requests want it (`datetime_cursor::datetime_format`).
expected<std::string> format_cursor(const datetime_cursor& cursor, instant t);

/// Reads a record's cursor value: the record formats in turn, `datetime_format`, then ISO 8601; a number that none of
/// them accepts is epoch seconds. `json` is the value's JSON text, e.g. `"2021-06-10T11:07:00"` with quotes, or
/// `1623348420`.
std::optional<instant> parse_record_cursor(const datetime_cursor& cursor, std::string_view json);

} // namespace sluice
