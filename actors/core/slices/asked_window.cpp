#include "actors/core/slices/asked_window.hpp"

#include "config/language/datetime.hpp"

#include <algorithm>
#include <variant>

namespace sluice {

namespace {

using std::chrono::microseconds;

constexpr std::int64_t day_us = microseconds{std::chrono::days{1}}.count();
/// What a record is dated that changes while a run is on lies no further ahead.
constexpr std::chrono::days longest_run{1};
constexpr std::int64_t second_us = microseconds{std::chrono::seconds{1}}.count();

/// Whether one of these codes, without the `%`, is in the format.
bool has_code(std::string_view format, std::string_view codes) {
  for (std::size_t i = 0; i + 1 < format.size(); ++i)
    if (format[i] == '%' && codes.find(format[++i]) != std::string_view::npos)
      return true;
  return false;
}

/// How exact a value is that may have been written without a time of day, or without a fraction of seconds.
std::int64_t unit_of_value(std::int64_t us) {
  return us % day_us == 0 ? day_us : us % second_us == 0 ? second_us : 1;
}

} // namespace

bool expects_window(const datetime_cursor& cursor, const output& records) {
  return !cursor.is_feed && std::none_of(records.steps.begin(), records.steps.end(), [](const record_step& step) {
    return std::holds_alternative<drop_known>(step);
  });
}

microseconds format_unit(std::string_view datetime_format) {
  if (datetime_format == "%ms" || datetime_format.find("%_ms") != std::string_view::npos)
    return std::chrono::milliseconds{1};
  if (datetime_format == "%s_as_float" || datetime_format == "%epoch_microseconds" || has_code(datetime_format, "f"))
    return microseconds{1};
  if (has_code(datetime_format, "sSTcX"))
    return std::chrono::seconds{1};
  if (has_code(datetime_format, "MR"))
    return std::chrono::minutes{1};
  if (has_code(datetime_format, "HI"))
    return std::chrono::hours{1};
  return std::chrono::days{1};
}

asked_window::bounds asked_window::as_asked() const {
  const auto granule = cursor_.granularity.value_or(microseconds{0});
  if (cursor_.counts)
    return {slice_.lower_us, slice_.upper_us};
  const auto said = [this](const std::string& text, std::int64_t bound) {
    const auto t = language::match_datetime(text, cursor_.datetime_format);
    return t ? std::int64_t{t->instant.time_since_epoch().count()} : bound;
  };
  const auto unit = std::max(granule, format_unit(cursor_.datetime_format));
  bounds result{std::min(slice_.lower_us, said(slice_.lower_text, slice_.lower_us)),
                std::max(slice_.upper_us + std::max(granule, microseconds{1}).count(),
                         said(slice_.upper_text, slice_.upper_us) + unit.count())};
  // Behind the last window comes what changes while the run is on.
  if (slice_.upper_us >= cursor_.end.time_since_epoch().count())
    result.until_us
      = std::max(result.until_us, language::add(cursor_.now, {0, longest_run}).time_since_epoch().count());
  return result;
}

bool asked_window::is_far(std::int64_t us) {
  if (!bounds_)
    bounds_ = as_asked();
  if (cursor_.counts)
    return us < bounds_->from_us;
  return us >= bounds_->until_us || us + unit_of_value(us) <= bounds_->from_us;
}

} // namespace sluice
