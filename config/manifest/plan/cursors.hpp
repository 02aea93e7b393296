#pragma once

#include "config/language/datetime.hpp"
#include "config/manifest/plan/requests.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// How state is written (extension `x-sluice.state_format`, else the cursor's `datetime_format`).
enum class state_format : std::uint8_t {
  /// Integer epoch seconds: `{"date_modified": 1623348420}`.
  epoch_seconds,
  /// The cursor's `datetime_format`, as text.
  text,
};

/// `clamping`: windows begin and end where days, weeks or months do (UTC).
struct window_clamp {
  enum class period : std::uint8_t { day, week, month };

  period target = period::day;
  /// The day with which weeks begin.
  std::chrono::weekday week_begins = std::chrono::Monday;

  /// The beginning of the period in which `t` lies.
  language::instant floor(language::instant t) const;
  /// The beginning of the next period, but `t` itself if it is one. On the first day of a week or month it is the day's
  /// beginning, as in the reference.
  language::instant ceiling(language::instant t) const;

  bool operator==(const window_clamp&) const = default;
};

/// DatetimeBasedCursor or IncrementingCountCursor, compiled.
///
/// A cursor that counts has the instant n microseconds after the epoch for the number n.
struct datetime_cursor {
  std::string cursor_field;
  /// Index into the endpoint's outputs: whose records carry the cursor field.
  std::uint32_t output = 0;
  /// How records write the cursor, tried in order; then ISO 8601.
  std::vector<std::string> record_formats;
  /// How requests and (text) state write it.
  std::string datetime_format;
  state_format state = state_format::text;
  language::instant start{};
  /// The end of the run's last window: `end_datetime`, or the moment at which the run started.
  language::instant end{};
  /// The moment at which the run started.
  language::instant now = language::instant::max();
  std::optional<language::duration> step;
  std::optional<std::chrono::microseconds> granularity;
  language::duration lookback;
  std::optional<window_clamp> clamp;
  /// `is_compare_strictly`: the API refuses a window that begins where it ends; it is not asked for.
  bool without_points = false;
  std::optional<request_option> start_option;
  std::optional<request_option> end_option;
  /// How templates call the bounds of a window: `stream_interval.start_time`.
  std::string start_name = "start_time";
  std::string end_name = "end_time";
  /// `global_substream_cursor`: one cursor for all partitions together.
  bool global = false;
  /// Extension `x-sluice.sorted: ascending`: records of a slice come in the order of the cursor, so that the state may
  /// follow page by page.
  bool ascending = false;
  /// IncrementingCountCursor.
  bool counts = false;
  /// `is_data_feed`: the API knows no windows, and gives the newest records first. Pages end with the first one whose
  /// last record is older than what is still to be read; older records are dropped.
  bool is_feed = false;

  /// Whether a record with this cursor value is one that a slice still wants that begins with `from`: it is not older,
  /// and not beyond the end.
  bool wants(language::instant t, std::int64_t from_us) const {
    return t.time_since_epoch().count() >= from_us && t <= end;
  }
};

} // namespace sluice
