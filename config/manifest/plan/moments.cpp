#include "config/manifest/plan/moments.hpp"

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace sluice {

namespace {

using language::instant;
using language::value;
using std::chrono::microseconds;

constexpr instant first_instant = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
constexpr instant last_instant = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1} - microseconds{1};

std::optional<instant> in_range(instant t) {
  return first_instant <= t && t <= last_instant ? std::optional{t} : std::nullopt;
}

std::optional<instant> from_epoch(double seconds) {
  constexpr double limit = 1e12; // beyond year 9999, and far from the clock's ends
  if (!std::isfinite(seconds) || std::abs(seconds) > limit)
    return std::nullopt;
  return in_range(instant{microseconds{static_cast<std::int64_t>(std::floor(seconds * 1e6))}});
}

/// Reads text that is one decimal number as a whole.
std::optional<double> as_number(std::string_view text) {
  double x = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, x);
  return ec == std::errc{} && rest == end ? std::optional{x} : std::nullopt;
}

/// A cursor that counts is as many microseconds after the epoch.
std::optional<instant> from_count(std::string_view text) {
  std::int64_t count = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, ec] = std::from_chars(text.data(), end, count);
  return ec == std::errc{} && rest == end ? std::optional{instant{microseconds{count}}} : std::nullopt;
}

std::optional<instant> by_formats(const datetime_cursor& cursor, std::string_view text) {
  for (const auto& format : cursor.record_formats)
    if (auto t = language::match_datetime(text, format))
      return in_range(t->instant);
  if (auto t = language::match_datetime(text, cursor.datetime_format))
    return in_range(t->instant);
  return std::nullopt;
}

std::optional<instant> by_iso8601(std::string_view text) {
  auto t = language::parse_iso8601(text);
  return t ? in_range(t->instant) : std::nullopt;
}

} // namespace

std::optional<instant> read_moment(const datetime_cursor& cursor, const value& x) {
  const auto* text = x.as_string();
  if (!text && !x.number())
    return std::nullopt;
  if (cursor.counts)
    return text ? std::nullopt : from_count(language::to_text(x));
  if (text || cursor.state == state_format::text) {
    const auto written = text ? *text : language::to_text(x);
    if (auto t = by_formats(cursor, written))
      return t;
    if (const auto seconds = as_number(written))
      return from_epoch(*seconds);
    return by_iso8601(written);
  }
  return from_epoch(*x.number());
}

std::optional<instant> parse_record_cursor(const datetime_cursor& cursor, std::string_view json) {
  if (cursor.counts)
    return from_count(json);
  if (json.size() < 2 || json.front() != '"') {
    const auto seconds = as_number(json);
    if (!seconds)
      return std::nullopt;
    if (auto t = by_formats(cursor, json))
      return t;
    return from_epoch(*seconds);
  }
  auto text = json.substr(1, json.size() - 2);
  std::string unescaped;
  if (text.find('\\') != std::string_view::npos) {
    const auto decoded = language::parse_json(json);
    if (!decoded || !decoded->as_string())
      return std::nullopt;
    unescaped = *decoded->as_string();
    text = unescaped;
  }
  if (auto t = by_formats(cursor, text))
    return t;
  return by_iso8601(text);
}

} // namespace sluice
