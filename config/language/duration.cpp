#include "config/language/calendar.hpp"
#include "config/language/datetime.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace sluice::language {

namespace {

using namespace std::chrono;

/// A decimal number of microseconds, exact: `whole` and `fraction` are digits. Nothing if it overflows.
std::optional<std::int64_t> scaled(std::string_view whole, std::string_view fraction, std::int64_t unit) {
  std::int64_t x = 0;
  auto [end, code] = std::from_chars(whole.data(), whole.data() + whole.size(), x);
  if (!whole.empty() && (code != std::errc{} || end != whole.data() + whole.size()))
    return std::nullopt;
  std::int64_t result = 0;
  if (__builtin_mul_overflow(x, unit, &result))
    return std::nullopt;
  // Digit by digit from the right, in integers, so that 0.1 s is 100000 us and not one less.
  std::int64_t part = 0;
  auto kept = fraction.substr(0, 15);
  for (auto c = kept.rbegin(); c != kept.rend(); ++c)
    part = ((*c - '0') * unit + part) / 10;
  if (__builtin_add_overflow(result, part, &result))
    return std::nullopt;
  return result;
}

/// A decimal number at the start of a text: digits, and digits after a point or comma.
struct number_text {
  std::string_view whole;
  std::string_view fraction;
};

std::optional<number_text> take_number(std::string_view& text, std::string_view points) {
  auto take_digits = [&] {
    auto length = std::min(text.find_first_not_of("0123456789"), text.size());
    auto taken = text.substr(0, length);
    text.remove_prefix(length);
    return taken;
  };
  number_text number{take_digits(), {}};
  if (!text.empty() && points.find(text.front()) != std::string_view::npos) {
    text.remove_prefix(1);
    number.fraction = take_digits();
    if (number.fraction.empty())
      return std::nullopt;
  }
  if (number.whole.empty())
    return std::nullopt;
  return number;
}

constexpr microseconds unit_of(char designator, bool time) {
  switch (designator) {
    case 'W':
      return time ? microseconds{0} : microseconds{weeks{1}};
    case 'D':
      return time ? microseconds{0} : microseconds{days{1}};
    case 'H':
      return time ? microseconds{hours{1}} : microseconds{0};
    case 'M':
      return time ? microseconds{minutes{1}} : microseconds{0};
    case 'S':
      return time ? microseconds{seconds{1}} : microseconds{0};
    default:
      return microseconds{0};
  }
}

/// Adds one part, `2Y` or `1.5S`, to the sum. False if it is not valid or too large.
bool add_part(const number_text& number, char designator, bool time, duration& sum) {
  if (!time && (designator == 'Y' || designator == 'M')) {
    auto months = number.fraction.empty() ? scaled(number.whole, {}, designator == 'Y' ? 12 : 1) : std::nullopt;
    constexpr std::int64_t max_months = 12 * 10'000;
    if (!months || *months > max_months || sum.months + *months > max_months)
      return false;
    sum.months += static_cast<int>(*months);
    return true;
  }
  auto unit = unit_of(designator, time);
  auto exact = unit.count() == 0 ? std::nullopt : scaled(number.whole, number.fraction, unit.count());
  std::int64_t total = 0;
  if (!exact || __builtin_add_overflow(sum.exact.count(), *exact, &total))
    return false;
  sum.exact = microseconds{total};
  return true;
}

std::optional<duration> read_duration(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.remove_prefix(1);
  if (!text.starts_with('P'))
    return std::nullopt;
  text.remove_prefix(1);
  duration sum;
  std::string_view order = "YMWD";
  bool time = false;
  bool any = false;
  while (!text.empty()) {
    if (!time && text.front() == 'T') {
      time = true;
      order = "HMS";
      text.remove_prefix(1);
      if (text.empty())
        return std::nullopt;
      continue;
    }
    auto number = take_number(text, ".,");
    if (!number || text.empty())
      return std::nullopt;
    // Each designator once, in this order.
    auto position = order.find(text.front());
    if (position == std::string_view::npos || !add_part(*number, text.front(), time, sum))
      return std::nullopt;
    order.remove_prefix(position + 1);
    text.remove_prefix(1);
    any = true;
  }
  if (!any)
    return std::nullopt;
  return negative ? duration{-sum.months, -sum.exact} : sum;
}

/// Adds months by the calendar, the day clamped to the month's end; nothing beyond the years 1 to 9999.
std::optional<instant> add_months(instant t, int months) {
  auto c = detail::to_civil(t);
  if (!c)
    return std::nullopt;
  auto count = std::int64_t{c->year} * 12 + (c->month - 1) + months;
  auto year_number = count >= 0 ? count / 12 : -1;
  if (year_number < 1 || year_number > 9999)
    return std::nullopt;
  c->year = static_cast<int>(year_number);
  c->month = static_cast<unsigned>(count % 12) + 1;
  auto last = year_month_day_last{year{c->year}, month_day_last{month{c->month}}}.day();
  c->day = std::min(c->day, static_cast<unsigned>(last));
  return detail::from_civil(*c);
}

} // namespace

expected<duration> parse_iso8601_duration(std::string_view text) {
  if (auto d = read_duration(text))
    return *d;
  return fail(
    errc::bad_manifest, failure_type::config_error,
    "'" + std::string{text.substr(0, 64)}
      + "' is no ISO 8601 duration, such as P30D, P1M, PT1H30M or PT0.5S. Years and months are whole numbers.");
}

instant add(instant t, const duration& d) {
  if (d.months != 0) {
    auto moved = add_months(t, d.months);
    if (!moved)
      return d.months > 0 ? instant::max() : instant::min();
    t = *moved;
  }
  std::int64_t sum = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), d.exact.count(), &sum))
    return d.exact.count() > 0 ? instant::max() : instant::min();
  return instant{microseconds{sum}};
}

expected<microseconds> parse_setting_duration(std::string_view text) {
  auto rest = text;
  auto number = take_number(rest, ".");
  struct unit {
    std::string_view name;
    microseconds length;
  };
  constexpr unit units[] = {{"us", microseconds{1}}, {"ms", milliseconds{1}}, {"s", seconds{1}},
                            {"m", minutes{1}},       {"h", hours{1}},         {"d", days{1}}};
  auto found = std::find_if(std::begin(units), std::end(units), [&](auto& u) { return u.name == rest; });
  if (number && found != std::end(units)) {
    if (auto x = scaled(number->whole, number->fraction, found->length.count()))
      return microseconds{*x};
  }
  return fail(errc::bad_tuning, failure_type::config_error,
              "'" + std::string{text.substr(0, 64)}
                + "' is no duration: write a number and a unit, such as 500ms, 30s, 2m, 1h or 1d.");
}

expected<std::uint64_t> parse_setting_bytes(std::string_view text) {
  auto rest = text;
  auto number = take_number(rest, ".");
  struct unit {
    std::string_view name;
    std::int64_t size;
  };
  constexpr unit units[] = {{"B", 1},
                            {"kB", 1000},
                            {"KB", 1000},
                            {"MB", 1000 * 1000},
                            {"GB", 1000 * 1000 * 1000},
                            {"KiB", 1024},
                            {"MiB", 1024 * 1024},
                            {"GiB", 1024 * 1024 * 1024}};
  auto found = std::find_if(std::begin(units), std::end(units), [&](auto& u) { return u.name == rest; });
  if (number && found != std::end(units)) {
    if (auto x = scaled(number->whole, number->fraction, found->size))
      return static_cast<std::uint64_t>(*x);
  }
  return fail(errc::bad_tuning, failure_type::config_error,
              "'" + std::string{text.substr(0, 64)}
                + "' is no size: write a number and a unit, such as 512B, 64KiB, 8MiB or 1GiB.");
}

} // namespace sluice::language
