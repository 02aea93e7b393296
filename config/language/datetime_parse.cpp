#include "config/language/calendar.hpp"
#include "config/language/characters.hpp"
#include "config/language/datetime.hpp"
#include "config/language/scan.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>

namespace sluice::language {

namespace {

using namespace std::chrono;

constexpr std::array lower_month_names = {"january", "february", "march",     "april",   "may",      "june",
                                          "july",    "august",   "september", "october", "november", "december"};
constexpr std::array lower_day_names = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/// Python's matcher goes back and tries shorter numbers; more steps than this are not worth it.
constexpr int max_steps = 20'000;
constexpr std::size_t max_format = 512;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size())
    return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (lower(text[i]) != lower(prefix[i]))
      return false;
  }
  return true;
}

/// What the codes of a format have found so far.
struct fields {
  detail::civil_time wall;
  std::optional<int> day_of_year;
  std::optional<int> hour_of_half_day;
  bool afternoon = false;
  seconds offset{0};
};

/// Matches a text against a format as Python's strptime does: number codes take as many digits as they may and give
/// some back if the rest does not match otherwise.
class matcher {
public:
  matcher(std::string_view text, std::string_view format) : text_(text), format_(format) {}

  bool run() { return match(0, 0); }
  const fields& found() const { return found_; }
  /// The code that is not supported, if there is one.
  std::string_view bad_code() const { return bad_code_; }

private:
  bool match(std::size_t at, std::size_t code_at) {
    if (++steps_ > max_steps || !bad_code_.empty())
      return false;
    if (code_at == format_.size())
      return at == text_.size();
    char c = format_[code_at];
    if (detail::is_space(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80)
      return match_blanks(at, code_at);
    if (c != '%')
      return at < text_.size() && lower(text_[at]) == lower(c) && match(at + 1, code_at + 1);
    if (format_.substr(code_at).starts_with("%_ms"))
      return match_fraction(at, code_at + 4);
    if (code_at + 1 == format_.size()) {
      bad_code_ = format_.substr(code_at);
      return false;
    }
    return match_code(format_[code_at + 1], at, code_at + 2);
  }

  bool match_blanks(std::size_t at, std::size_t code_at) {
    auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    auto next_code = code_at;
    while (next_code < format_.size() && is_blank(format_[next_code]))
      ++next_code;
    auto end = at;
    while (end < text_.size() && is_blank(text_[end]))
      ++end;
    for (; end > at; --end) {
      if (match(end, next_code))
        return true;
    }
    return false;
  }

  bool match_code(char code, std::size_t at, std::size_t next) {
    auto& wall = found_.wall;
    switch (code) {
      case 'Y':
        return match_number(at, next, 4, 4, 0, 9999, wall.year);
      case 'm':
        return match_number(at, next, 1, 2, 1, 12, wall.month);
      case 'e':
      case 'd':
        return match_number(at, next, 1, 2, 1, 31, wall.day)
               || (at < text_.size() && text_[at] == ' ' && match_number(at + 1, next, 1, 1, 1, 9, wall.day));
      case 'H':
        return match_number(at, next, 1, 2, 0, 23, wall.hour);
      case 'M':
        return match_number(at, next, 1, 2, 0, 59, wall.minute);
      case 'S':
        return match_number(at, next, 1, 2, 0, 61, wall.second);
      case 'f':
        return match_fraction(at, next);
      case 'j':
        return match_into(at, next, 1, 3, 1, 366, [this](int x) { found_.day_of_year = x; });
      case 'I':
        return match_into(at, next, 1, 2, 1, 12, [this](int x) { found_.hour_of_half_day = x; });
      case 'y':
        return match_into(at, next, 2, 2, 0, 99, [&](int x) { wall.year = x < 69 ? 2000 + x : 1900 + x; });
      case 'p':
        return match_half_day(at, next);
      case 'b':
      case 'h':
      case 'B':
        return match_name(at, next, lower_month_names, code == 'B',
                          [&](std::size_t i) { wall.month = unsigned(i) + 1; });
      case 'a':
      case 'A':
        return match_name(at, next, lower_day_names, code == 'A', [](std::size_t) {});
      case 'z':
        return match_offset(at, next);
      case 'Z':
        return match_zone(at, next);
      case '%':
        return at < text_.size() && text_[at] == '%' && match(at + 1, next);
      default:
        bad_code_ = format_.substr(next - 2, 2);
        return false;
    }
  }

  /// Calls `set` with the number of each possible length, longest first, until the rest matches.
  template <class Set>
  bool match_into(std::size_t at, std::size_t next, std::size_t shortest, std::size_t longest, int low, int high,
                  Set set) {
    for (auto length = longest; length >= shortest; --length) {
      auto x = detail::digits(text_, at, length);
      if (!x || *x < low || *x > high)
        continue;
      set(*x);
      if (match(at + length, next))
        return true;
    }
    return false;
  }

  template <class Number>
  bool match_number(std::size_t at, std::size_t next, std::size_t shortest, std::size_t longest, int low, int high,
                    Number& target) {
    return match_into(at, next, shortest, longest, low, high, [&](int x) { target = static_cast<Number>(x); });
  }

  bool match_fraction(std::size_t at, std::size_t next) {
    constexpr std::array scale = {1, 100'000, 10'000, 1'000, 100, 10, 1};
    for (std::size_t length = 6; length >= 1; --length) {
      auto x = detail::digits(text_, at, length);
      if (!x)
        continue;
      found_.wall.microsecond = *x * scale[length];
      if (match(at + length, next))
        return true;
    }
    return false;
  }

  bool match_half_day(std::size_t at, std::size_t next) {
    auto rest = text_.substr(at);
    if (!starts_with_ignoring_case(rest, "am") && !starts_with_ignoring_case(rest, "pm"))
      return false;
    found_.afternoon = lower(rest[0]) == 'p';
    return match(at + 2, next);
  }

  template <std::size_t Size, class Set>
  bool match_name(std::size_t at, std::size_t next, const std::array<const char*, Size>& names, bool whole, Set set) {
    for (std::size_t i = 0; i < Size; ++i) {
      std::string_view name{names[i]};
      if (!whole)
        name = name.substr(0, 3);
      if (starts_with_ignoring_case(text_.substr(at), name)) {
        set(i);
        if (match(at + name.size(), next))
          return true;
      }
    }
    return false;
  }

  bool match_offset(std::size_t at, std::size_t next) {
    auto zone = detail::scan_offset(text_.substr(at), false);
    if (!zone)
      return false;
    found_.offset = zone->offset;
    return match(at + zone->length, next);
  }

  bool match_zone(std::size_t at, std::size_t next) {
    auto rest = text_.substr(at);
    if (!starts_with_ignoring_case(rest, "utc") && !starts_with_ignoring_case(rest, "gmt"))
      return false;
    return match(at + 3, next);
  }

  std::string_view text_;
  std::string_view format_;
  std::string_view bad_code_;
  fields found_;
  int steps_ = 0;
};

/// The same for most texts, at once: each number as wide as it can be, all else letter for letter. The matcher would
/// try that first, too; what does not match so, it may match in another way.
std::optional<fields> match_plainly(std::string_view text, std::string_view format) {
  fields found;
  auto& wall = found.wall;
  std::size_t at = 0;
  auto number = [&](std::size_t length, int low, int high, auto& target) {
    if (text.size() - at < length)
      return false;
    int x = 0;
    for (std::size_t i = 0; i < length; ++i, ++at) {
      auto digit = static_cast<unsigned char>(text[at]) - '0';
      if (digit < 0 || digit > 9)
        return false;
      x = 10 * x + digit;
    }
    target = static_cast<std::remove_reference_t<decltype(target)>>(x);
    return x >= low && x <= high;
  };
  auto code_matches = [&](char code) {
    switch (code) {
      case 'Y':
        return number(4, 0, 9999, wall.year);
      case 'm':
        return number(2, 1, 12, wall.month);
      case 'd':
        return number(2, 1, 31, wall.day);
      case 'H':
        return number(2, 0, 23, wall.hour);
      case 'M':
        return number(2, 0, 59, wall.minute);
      case 'S':
        return number(2, 0, 61, wall.second);
      case 'f':
        return number(6, 0, 999'999, wall.microsecond);
      case 'z': {
        auto zone = detail::scan_offset(text.substr(at), false);
        found.offset = zone ? zone->offset : seconds{0};
        at += zone ? zone->length : 0;
        return zone.has_value();
      }
      default:
        return false;
    }
  };
  for (std::size_t i = 0; i < format.size(); ++i) {
    char c = format[i];
    if (c == '%' ? ++i == format.size() || !code_matches(format[i]) : at == text.size() || text[at++] != c)
      return std::nullopt;
  }
  return at == text.size() ? std::optional{found} : std::nullopt;
}

/// Why a text does not match.
struct mismatch {
  const char* reason = "";
  /// A code of the format that is not supported.
  std::string_view bad_code;
};

tl::unexpected<error> no_match(std::string_view text, std::string_view format, const char* reason) {
  constexpr std::size_t shown = 64;
  return fail(errc::bad_page, failure_type::system_error,
              "The text '" + std::string{text.substr(0, shown)} + (text.size() > shown ? "...'" : "'")
                + " does not fit the datetime format '" + std::string{format.substr(0, shown)} + "': " + reason + ".");
}

/// A count of `unit` since 1970; nothing if the text is no integer or does not fit the years 1 to 9999.
template <class Unit>
std::optional<instant> parse_count(std::string_view text) {
  std::int64_t count = 0;
  auto trimmed = detail::strip(text);
  if (trimmed.starts_with('+'))
    trimmed.remove_prefix(1);
  auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), count);
  if (code != std::errc{} || end != trimmed.data() + trimmed.size())
    return std::nullopt;
  constexpr auto limit = duration_cast<Unit>(days{3'700'000}).count(); // beyond year 9999
  if (count < -limit || count > limit)
    return std::nullopt;
  instant t{Unit{count}};
  return detail::is_expressible(t) ? std::optional{t} : std::nullopt;
}

std::optional<instant> parse_float_seconds(std::string_view text) {
  auto trimmed = detail::strip(text);
  if (trimmed.starts_with('+'))
    trimmed.remove_prefix(1);
  double x = 0;
  auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), x);
  if (code != std::errc{} || end != trimmed.data() + trimmed.size() || !(std::fabs(x) < 1e12))
    return std::nullopt;
  double whole = 0;
  double fraction = std::modf(x, &whole);
  instant t{seconds{static_cast<std::int64_t>(whole)}
            + microseconds{static_cast<std::int64_t>(std::nearbyint(fraction * 1e6))}};
  return detail::is_expressible(t) ? std::optional{t} : std::nullopt;
}

std::optional<datetime> finish(const fields& found, mismatch& why) {
  auto wall = found.wall;
  if (found.hour_of_half_day)
    wall.hour = *found.hour_of_half_day % 12 + (found.afternoon ? 12 : 0);
  if (found.day_of_year) {
    auto date = year_month_day{sys_days{year{wall.year} / January / 1} + days{*found.day_of_year - 1}};
    if (static_cast<int>(date.year()) != wall.year) {
      why.reason = "the year has no such day";
      return std::nullopt;
    }
    wall.month = static_cast<unsigned>(date.month());
    wall.day = static_cast<unsigned>(date.day());
  }
  auto t = detail::from_civil(wall, found.offset);
  if (!t) {
    why.reason = "there is no such date or time";
    return std::nullopt;
  }
  return datetime{*t, found.offset};
}

std::optional<datetime> parse(std::string_view text, std::string_view format, mismatch& why) {
  if (auto found = match_plainly(text, format))
    return finish(*found, why);
  std::optional<instant> t;
  if (format == "%s")
    t = parse_count<seconds>(text);
  else if (format == "%ms")
    t = parse_count<milliseconds>(text);
  else if (format == "%epoch_microseconds")
    t = parse_count<microseconds>(text);
  else if (format == "%s_as_float")
    t = parse_float_seconds(text);
  else {
    why.reason = "the format is too long";
    if (format.size() > max_format)
      return std::nullopt;
    matcher m{text, format};
    if (m.run())
      return finish(m.found(), why);
    why = {"the texts differ", m.bad_code()};
    return std::nullopt;
  }
  why.reason = "it is no such number, or beyond the year 9999";
  return t ? std::optional{datetime{*t, seconds{0}}} : std::nullopt;
}

} // namespace

std::optional<datetime> match_datetime(std::string_view text, std::string_view format) {
  mismatch why;
  return parse(text, format, why);
}

expected<datetime> parse_datetime(std::string_view text, std::string_view format) {
  mismatch why;
  if (auto t = parse(text, format, why))
    return *t;
  if (!why.bad_code.empty())
    return fail(errc::bad_manifest, failure_type::config_error,
                "The datetime format '" + std::string{format} + "' cannot be read with: the code '"
                  + std::string{why.bad_code} + "' is not supported. Correct the format in the manifest.");
  return no_match(text, format, why.reason);
}

} // namespace sluice::language
