#pragma once

#include "actors/core/state/cursor_track.hpp"
#include "config/language/value.hpp"
#include "config/manifest/plan/moments.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

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
  cursor_windows windows(bool for_children) const;

  /// Window `w` was read completely; `newest` is the newest cursor value among its records. A value beyond the window's
  /// upper bound (a server's fast clock) counts as the upper bound: what lies between the two was in no window.
  /// `children_only` windows change nothing.
  void close(const cursor_window& w, std::optional<instant> newest);

  /// Window `w` is being read in ascending order of the cursor, and everything before `newest` has been; more rows at
  /// exactly `newest` may come, so whoever resumes here begins with that moment. Calls may come late, out of order and
  /// after `close`. Values outside of the window count as its bounds; `children_only` windows change nothing.
  void advance(const cursor_window& w, instant newest);

  /// The start lies beyond the end: nothing is asked for, so nothing can be promised.
  bool asks_nothing() const noexcept { return cursor_.start > cursor_.end; }

  /// What came in says that something beyond `t` has been read.
  bool beyond(instant t) const noexcept { return came_until_ > t; }

  /// The state to print: `{"date_modified":1623348420}`; keys of the incoming object that are not ours survive.
  /// The value is the newest cursor value of the first interval, rounded down to what the format can say. If nothing
  /// was asked for, it is what came in, or `{}`.
  std::string state_json() const;
  /// The same, but not beyond `t`, unless what came in is.
  std::string state_json_until(instant t) const;
  /// The same while a sync is under way, or was stopped: see `cursor_track::progress`.
  std::string progress_json() const;

  /// The same in the reference's concurrent format, with every interval: `{"slices":[...],"state_type":"date-range"}`.
  std::string concurrent_state_json() const;

  const std::vector<interval>& intervals() const noexcept { return track_.intervals(); }

private:
  cursor_state(datetime_cursor cursor, std::vector<interval> known)
    : cursor_(std::move(cursor)), track_(cursor_, std::move(known)),
      key_(language::to_json(language::value{cursor_.cursor_field})) {}

  std::string json_at(instant t) const;

  datetime_cursor cursor_;
  cursor_track track_;
  /// The cursor field as JSON text.
  std::string key_;
  /// The incoming state, compact, and the last moment that it knows of.
  std::string came_in_ = "{}";
  instant came_until_ = instant::min();
  /// Foreign keys of the incoming state, in order: the key and the value, both as JSON text.
  std::vector<std::pair<std::string, std::string>> extras_;
};

/// Formats an instant as requests want it (`datetime_cursor::datetime_format`).
expected<std::string> format_cursor(const datetime_cursor& cursor, instant t);

} // namespace sluice
