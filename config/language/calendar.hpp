#pragma once

#include "config/language/datetime.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice::language::detail {

/// A wall clock reading.
struct civil_time {
  int year = 1900;
  unsigned month = 1;
  unsigned day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
};

/// True if `t` lies in the years 1 to 9999, which is what Python's datetime and all text formats can express.
bool is_expressible(instant t) noexcept;

/// The wall clock at `t` in a zone that is `offset` ahead of UTC; nothing if that is not expressible.
std::optional<civil_time> to_civil(instant t, std::chrono::seconds offset = {}) noexcept;

/// The instant at which a zone's wall clock shows `c`; nothing if there is no such date or time.
std::optional<instant> from_civil(const civil_time& c, std::chrono::seconds offset = {}) noexcept;

/// `+00:00`, or `+05:30:15` for an offset with seconds; without colons: `+0000`.
std::string offset_text(std::chrono::seconds offset, bool colons);

/// ISO 8601 as Python's `isoformat` writes it: fraction only if there is one, offset always.
/// An instant that is not expressible is written as `@` and its epoch seconds.
std::string iso_text(const datetime& t, char separator);

} // namespace sluice::language::detail
