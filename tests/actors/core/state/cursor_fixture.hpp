#pragma once

#include "actors/core/state/cursor.hpp"
#include "tests/support/catch2.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

inline instant at(std::int64_t epoch_s) {
  return instant{std::chrono::seconds{epoch_s}};
}

inline std::int64_t in_seconds(instant t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

/// The cursor of the worked examples: field `ts`, epoch seconds, start 0, end 100, step 25 s, granularity 1 s.
inline datetime_cursor example_cursor() {
  datetime_cursor c;
  c.cursor_field = "ts";
  c.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  c.state = state_format::epoch_seconds;
  c.start = at(0);
  c.end = at(100);
  c.step = language::duration{0, std::chrono::seconds{25}};
  c.granularity = std::chrono::seconds{1};
  return c;
}

/// A cursor with a state that it takes.
inline cursor_state open(const datetime_cursor& c, std::string_view state = "") {
  auto opened = cursor_state::open(c, state);
  INFO(state << ": " << (opened ? "" : opened.error().message));
  REQUIRE(opened.has_value());
  return *opened;
}

inline cursor_window window(std::int64_t lower_s, std::int64_t upper_s) {
  return {at(lower_s), at(upper_s), false};
}

/// `[0,24] [25,49] c[50,74]`: c marks windows for children only.
inline std::string shown(const std::vector<cursor_window>& windows) {
  std::string out;
  for (const auto& w : windows)
    out += std::string{out.empty() ? "" : " "} + (w.children_only ? "c" : "") + "["
           + std::to_string(in_seconds(w.lower)) + "," + std::to_string(in_seconds(w.upper)) + "]";
  return out;
}

} // namespace sluice::test
