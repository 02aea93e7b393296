#pragma once

#include "config/manifest/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
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
std::vector<interval> merge_intervals(std::vector<interval> intervals, std::chrono::microseconds unit);

/// A window to request, both ends inclusive.
struct cursor_window {
  instant lower{};
  instant upper{};
  /// The stream's state covers it; only child streams need its records.
  bool children_only = false;
  bool operator==(const cursor_window&) const = default;
};

/// What an incremental stream knows about its past: parses an incoming state, plans windows, takes closed windows in any
/// order and says what may be promised. Pure; the worked examples are in the tests.
class cursor_state {
public:
  /// `state_json` is the stream's state object, "" or "{}" for none. Understands `{field: value}` (integer, float, ISO text,
  /// the cursor's own format) and `{"slices": [...], "state_type": "date-range"}`. A state that cannot be understood is
  /// `errc::bad_state`, never a crash and never a silent start from scratch.
  static expected<cursor_state> open(const datetime_cursor& cursor, std::string_view state_json);

  /// The windows still to be read, oldest first: gaps, then the tail with its lookback, split by the step.
  /// With `for_children` also the rest of [start, end] as `children_only` windows, in order of time.
  std::vector<cursor_window> windows(bool for_children) const;

  /// Window `w` was read completely; `newest` is the newest cursor value among its records.
  void close(const cursor_window& w, std::optional<instant> newest);

  /// The state to print: `{"date_modified":1623348420}`; keys of the incoming object that are not ours survive.
  std::string state_json() const;

  /// The same in the reference's concurrent format, with every interval: `{"slices":[...],"state_type":"date-range"}`.
  std::string concurrent_state_json() const;

  const std::vector<interval>& intervals() const noexcept { return intervals_; }

private:
  datetime_cursor cursor_;
  std::vector<interval> intervals_;
  /// Foreign keys of the incoming state, in order, as JSON text.
  std::vector<std::pair<std::string, std::string>> extras_;
};

/// Formats an instant as requests want it (`datetime_cursor::datetime_format`).
expected<std::string> format_cursor(const datetime_cursor& cursor, instant t);

/// Reads a record's cursor value: the record formats in turn, then ISO 8601, then epoch seconds if it is a number.
/// `json` is the value's JSON text, e.g. `"2021-06-10T11:07:00"` with quotes, or `1623348420`.
std::optional<instant> parse_record_cursor(const datetime_cursor& cursor, std::string_view json);

} // namespace sluice
