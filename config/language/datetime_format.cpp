#include "config/language/calendar.hpp"
#include "config/language/datetime.hpp"
#include "config/language/number_text.hpp"

#include <array>
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

/// Appends `x`, which is not negative, with at least `width` digits.
void append_padded(std::string& out, int x, std::size_t width, char fill = '0') {
  std::array<char, 12> text; // wider than any width and any number
  auto at = text.size();
  do {
    text[--at] = static_cast<char>('0' + x % 10);
    x /= 10;
  } while (x > 0);
  while (text.size() - at < width)
    text[--at] = fill;
  out.append(text.data() + at, text.size() - at);
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

/// Appends the text of one strftime code; false if the code is not supported.
bool append_code(std::string& out, char code, const moment& m) {
  auto& c = m.wall;
  switch (code) {
    case 'Y':
      append_padded(out, c.year, 4);
      break;
    case 'm':
      append_padded(out, c.month, 2);
      break;
    case 'd':
      append_padded(out, c.day, 2);
      break;
    case 'H':
      append_padded(out, c.hour, 2);
      break;
    case 'M':
      append_padded(out, c.minute, 2);
      break;
    case 'S':
      append_padded(out, c.second, 2);
      break;
    case 'f':
      append_padded(out, c.microsecond, 6);
      break;
    case 'z':
      out += detail::offset_text(m.when.offset, false);
      break;
    case 'Z':
      out += "UTC";
      if (m.when.offset != seconds{0})
        out += detail::offset_text(m.when.offset, true);
      break;
    case 'b':
    case 'h':
      out.append(month_names[c.month - 1], 3);
      break;
    case 'B':
      out += month_names[c.month - 1];
      break;
    case 'a':
      out.append(day_names[day_of_week(c)], 3);
      break;
    case 'A':
      out += day_names[day_of_week(c)];
      break;
    case 'e':
      append_padded(out, c.day, 2, ' ');
      break;
    case 'j':
      append_padded(out, day_of_year(c), 3);
      break;
    case 'y':
      append_padded(out, c.year % 100, 2);
      break;
    case 'p':
      out += c.hour < 12 ? "AM" : "PM";
      break;
    case 'I':
      append_padded(out, (c.hour + 11) % 12 + 1, 2);
      break;
    case 'u':
      out += std::to_string((day_of_week(c) + 6) % 7 + 1);
      break;
    case 'w':
      out += std::to_string(day_of_week(c));
      break;
    case 'U':
      append_padded(out, (day_of_year(c) + 6 - static_cast<int>(day_of_week(c))) / 7, 2);
      break;
    case 'W':
      append_padded(out, (day_of_year(c) + 6 - static_cast<int>((day_of_week(c) + 6) % 7)) / 7, 2);
      break;
    case 's':
      out += std::to_string(epoch_seconds(m.when.instant));
      break;
    case '%':
      out += '%';
      break;
    default:
      return false;
  }
  return true;
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
std::string unpadded(const std::string& text) {
  auto first = text.find_first_not_of("0 ");
  return first == std::string::npos ? text.substr(text.size() - 1) : text.substr(first);
}

tl::unexpected<error> bad_format(std::string_view format, std::string_view code) {
  return fail(errc::bad_manifest, failure_type::config_error,
              "The datetime format '" + std::string{format} + "' cannot be used: the code '" + std::string{code}
                + "' is not supported. Correct the format in the manifest.");
}

expected<void> append_moment(std::string& out, const moment& m, std::string_view format) {
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out.push_back(format[at++]);
      continue;
    }
    auto rest = format.substr(at);
    if (rest.starts_with("%_ms")) {
      append_padded(out, m.wall.microsecond / 1000, 3);
      at += 4;
      continue;
    }
    bool strip = rest.size() > 2 && rest[1] == '-' && std::string_view{"mdHMSIejyUW"}.find(rest[2]) != rest.npos;
    auto length = strip ? std::size_t{3} : std::size_t{2};
    if (rest.size() < length || rest.starts_with("%s_as_float") || rest.starts_with("%epoch_microseconds"))
      return bad_format(format, rest);
    char code = rest[length - 1];
    auto before = out.size();
    if (auto longer = expansion(code)) {
      if (auto ok = append_moment(out, m, *longer); !ok)
        return ok;
    } else if (!append_code(out, code, m)) {
      return bad_format(format, rest.substr(0, 2));
    } else if (strip) {
      out.replace(before, out.npos, unpadded(out.substr(before)));
    }
    at += length;
  }
  return {};
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
  std::string out;
  out.reserve(2 * format.size());
  return append_moment(out, {t, *wall}, format).map([&] { return std::move(out); });
}

} // namespace sluice::language
