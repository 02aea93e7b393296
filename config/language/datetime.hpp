#pragma once

#include "config/language/value.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::language {

/// A moment as the engine counts it.
using instant = std::chrono::sys_time<std::chrono::microseconds>;

/// Formats `t` in UTC with a manifest's datetime format: strftime codes `%Y %m %d %H %M %S %f %z %b %a %e %j %y %p %I
/// %%`,
/// `%B %A %Z %F %T %R %D %u %w %U %W`, and Airbyte's `%_ms` (three digits) and, as whole formats, `%s`, `%s_as_float`,
/// `%ms` (epoch milliseconds), `%epoch_microseconds`. `%z` prints `+0000`, `%Y` four digits. What is too fine for the
/// format is cut off, never rounded up. Another code is `errc::bad_manifest`, as is a moment outside of the years 1 to
/// 9999.
expected<std::string> format_datetime(instant t, std::string_view format);

/// The same for the wall clock in the datetime's own offset (Python's `strftime`).
expected<std::string> format_datetime(const datetime& t, std::string_view format);

/// Parses `text` with a manifest's datetime format; Python's rules (1 to 6 digits for `%f`; `%z` with or without
/// colon, or `Z`; letters in either case; a blank matches any run of blanks). A text without offset is UTC; an explicit
/// offset is honoured. The whole text must match: else `errc::bad_page`. An unknown code is `errc::bad_manifest`.
expected<datetime> parse_datetime(std::string_view text, std::string_view format);

/// The same for texts that are likely to have another format: it is not told why.
std::optional<datetime> match_datetime(std::string_view text, std::string_view format);

/// Parses ISO 8601 / RFC 3339 in its common forms: date only, `T` or blank, fraction, `Z`, `±hh:mm`, `±hhmm`, none
/// (UTC), and the basic form `20240131T102030Z`. Other texts are `errc::bad_page`.
expected<datetime> parse_iso8601(std::string_view text);

/// A span of time with calendar parts: `P1Y2M10DT2H30M`. Months are added by the calendar, the day clamped to month
/// end.
struct duration {
  int months = 0;
  std::chrono::microseconds exact{0};
  bool operator==(const duration&) const = default;
};

/// Parses an ISO 8601 duration (`P365D`, `PT1S`, `P1M`, `PT0.5S`, `P1W`, `-P1D`). Other texts are `errc::bad_manifest`.
expected<duration> parse_iso8601_duration(std::string_view text);

/// `t + d`, calendar part first. Saturates at the clock's ends instead of overflowing, and also if the calendar part
/// leads out of the years 1 to 9999.
instant add(instant t, const duration& d);

/// Parses a setting with a unit: `500ms`, `30s`, `2m`, `1h`, `1d` (also `us`). Rejects a number without
/// unit. Errors are `errc::bad_tuning`.
expected<std::chrono::microseconds> parse_setting_duration(std::string_view text);

/// Parses a size with a unit: `64KiB`, `8MiB`, `1GiB`, `512B`, `10kB`, `1MB`. Rejects a number without
/// unit. Errors are `errc::bad_tuning`.
expected<std::uint64_t> parse_setting_bytes(std::string_view text);

} // namespace sluice::language
