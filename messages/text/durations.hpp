#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// How long something takes, for people.
namespace sluice {

/// For what was measured: `40 ms`, `4.2 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. Microseconds.
std::string duration_text(std::int64_t us);
inline std::string duration_text(std::chrono::nanoseconds d) {
  return duration_text(d.count() / 1000);
}

/// For times that may be far below a millisecond: `7 us`, `982 us`, `1.8 ms`, `24 ms`, `2.0 s`, ... Nanoseconds.
std::string fine_duration_text(std::int64_t ns);
inline std::string fine_duration_text(std::chrono::nanoseconds d) {
  return fine_duration_text(std::int64_t{d.count()});
}

/// For forecasts, rounded: `4 s`, `40 s`, `3 min`, `2 h 10 min`, `3 days`. Microseconds.
std::string rough_duration_text(std::int64_t us);

/// For waits and bounds in sentences, whole units: `90 s`, `10 min`, `3 h 5 min`.
std::string human_duration(std::chrono::microseconds d);

/// For settings, as they are written: `2m`, `30s`, `250ms`: in the largest unit that says it exactly.
std::string exact_duration_text(std::chrono::microseconds d);

} // namespace sluice
