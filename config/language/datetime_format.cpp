#include "config/language/calendar.hpp"
#include "config/language/datetime.hpp"
#include "config/language/number_text.hpp"

#include <array>
#include <cstdio>
#include <optional>

namespace sluice::language {

namespace {

using namespace std::chrono;

constexpr std::array day_names = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array month_names = {"January", "February", "March",     "April",   "May",      "June",
                                    "July",    "August",   "September", "October", "November", "December"};

struct moment {
  datetime when;
  detail::civil_time wall;
};

int day_of_year(const detail::civil_time& c) {
  auto first = sys_days{year{c.year} / January / 1};
  auto today = sys_days{year{c.year} / month{c.month} / day{c.day}};
  return static_cast<int>((today - first).count()) + 1;
}

unsigned day_of_week(const detail::civil_time& c) {
  return weekday{sys_days{year{c.year} / month{c.month} / day{c.day}}}.c_encoding();
}

std::string padded(std::int64_t x, int width, char fill = '0') {
  auto text = std::to_string(x);
  auto missing = width - static_cast<int>(text.size());
  return missing > 0 ? std::string(static_cast<std::size_t>(missing), fill) + text : text;
}

std::int64_t epoch_seconds(instant t) {
  return floor<seconds>(t).time_since_epoch().count();
}

/// Airbyte's own formats, each of which is a whole format. Never rounded up: a cursor must not run ahead of its record.
std::optional<std::string> format_epoch(instant t, std::string_view format) {
  auto since_epoch = t.time_since_epoch();
  if (format == "%s")
    return std::to_string(epoch_seconds(t));
  if (format == "%s_as_float")
    return detail::python_float(static_cast<double>(since_epoch.count()) / 1e6);
  if (format == "%ms")
    return std::to_string(floor<milliseconds>(since_epoch).count());
  if (format == "%epoch_microseconds")
    return std::to_string(since_epoch.count());
  return std::nullopt;
}

/// The text of one strftime code; nothing if the code is not supported.
std::optional<std::string> format_code(char code, const moment& m) {
  auto& c = m.wall;
  switch (code) {
    case 'Y':
      return padded(c.year, 4);
    case 'm':
      return padded(c.month, 2);
    case 'd':
      return padded(c.day, 2);
    case 'H':
      return padded(c.hour, 2);
    case 'M':
      return padded(c.minute, 2);
    case 'S':
      return padded(c.second, 2);
    case 'f':
      return padded(c.microsecond, 6);
    case 'z':
      return detail::offset_text(m.when.offset, false);
    case 'Z':
      return m.when.offset == seconds{0} ? "UTC" : "UTC" + detail::offset_text(m.when.offset, true);
    case 'b':
    case 'h':
      return std::string{month_names[c.month - 1], 3};
    case 'B':
      return month_names[c.month - 1];
    case 'a':
      return std::string{day_names[day_of_week(c)], 3};
    case 'A':
      return day_names[day_of_week(c)];
    case 'e':
      return padded(c.day, 2, ' ');
    case 'j':
      return padded(day_of_year(c), 3);
    case 'y':
      return padded(c.year % 100, 2);
    case 'p':
      return c.hour < 12 ? "AM" : "PM";
    case 'I':
      return padded((c.hour + 11) % 12 + 1, 2);
    case 'u':
      return std::to_string((day_of_week(c) + 6) % 7 + 1);
    case 'w':
      return std::to_string(day_of_week(c));
    case 'U':
      return padded((day_of_year(c) + 6 - static_cast<int>(day_of_week(c))) / 7, 2);
    case 'W':
      return padded((day_of_year(c) + 6 - static_cast<int>((day_of_week(c) + 6) % 7)) / 7, 2);
    case 's':
      return std::to_string(epoch_seconds(m.when.instant));
    case '%':
      return "%";
    default:
      return std::nullopt;
  }
}

/// `%F`, `%T` and `%R` stand for these.
std::optional<std::string_view> expansion(char code) {
  switch (code) {
    case 'F':
      return "%Y-%m-%d";
    case 'T':
      return "%H:%M:%S";
    case 'R':
      return "%H:%M";
    case 'D':
      return "%m/%d/%y";
    default:
      return std::nullopt;
  }
}

/// glibc's `%-d`: without padding.
std::string unpadded(std::string text) {
  auto first = text.find_first_not_of("0 ");
  return first == std::string::npos ? text.substr(text.size() - 1) : text.substr(first);
}

tl::unexpected<error> bad_format(std::string_view format, std::string_view code) {
  return fail(errc::bad_manifest, failure_type::config_error,
              "The datetime format '" + std::string{format} + "' cannot be used: the code '" + std::string{code}
                + "' is not supported. Correct the format in the manifest.");
}

expected<std::string> format_moment(const moment& m, std::string_view format) {
  std::string out;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out.push_back(format[at++]);
      continue;
    }
    auto rest = format.substr(at);
    if (rest.starts_with("%_ms")) {
      out += padded(m.wall.microsecond / 1000, 3);
      at += 4;
      continue;
    }
    bool strip = rest.size() > 2 && rest[1] == '-' && std::string_view{"mdHMSIejyUW"}.find(rest[2]) != rest.npos;
    auto length = strip ? std::size_t{3} : std::size_t{2};
    if (rest.size() < length || rest.starts_with("%s_as_float") || rest.starts_with("%epoch_microseconds"))
      return bad_format(format, rest);
    char code = rest[length - 1];
    if (auto longer = expansion(code)) {
      auto text = format_moment(m, *longer);
      out += *text;
    } else if (auto text = format_code(code, m)) {
      out += strip ? unpadded(std::move(*text)) : *text;
    } else {
      return bad_format(format, rest.substr(0, 2));
    }
    at += length;
  }
  return out;
}

} // namespace

expected<std::string> format_datetime(instant t, std::string_view format) {
  return format_datetime(datetime{t, seconds{0}}, format);
}

expected<std::string> format_datetime(const datetime& t, std::string_view format) {
  if (auto text = format_epoch(t.instant, format))
    return *text;
  auto wall = detail::to_civil(t.instant, t.offset);
  if (!wall)
    return fail(errc::bad_manifest, failure_type::config_error,
                "A moment outside of the years 1 to 9999 cannot be written with the datetime format '"
                  + std::string{format} + "'.");
  return format_moment({t, *wall}, format);
}

} // namespace sluice::language
