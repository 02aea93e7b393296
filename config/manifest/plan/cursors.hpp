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

/// DatetimeBasedCursor, compiled.
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
};

} // namespace sluice
