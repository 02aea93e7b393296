#include "config/language/calendar.hpp"

#include <array>
#include <cstdio>

namespace sluice::language::detail {

namespace {

using namespace std::chrono;

constexpr sys_days first_day = sys_days{year{1} / January / 1};
constexpr sys_days behind_last_day = sys_days{year{10000} / January / 1};

} // namespace

bool is_expressible(instant t) noexcept {
  return t >= first_day && t < behind_last_day;
}

std::optional<civil_time> to_civil(instant t, seconds offset) noexcept {
  if (!is_expressible(t) || !is_expressible(t + offset))
    return std::nullopt;
  auto local = t + offset;
  auto midnight = floor<days>(local);
  year_month_day date{midnight};
  hh_mm_ss time{local - midnight};
  return civil_time{static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()),
                    static_cast<int>(time.hours().count()),
                    static_cast<int>(time.minutes().count()),
                    static_cast<int>(time.seconds().count()),
                    static_cast<int>(time.subseconds().count())};
}

std::optional<instant> from_civil(const civil_time& c, seconds offset) noexcept {
  if (c.year < 1 || c.year > 9999)
    return std::nullopt;
  year_month_day date{year{c.year}, month{c.month}, day{c.day}};
  bool time_ok = c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second < 60
                 && c.microsecond >= 0 && c.microsecond < 1'000'000;
  if (!date.ok() || !time_ok)
    return std::nullopt;
  instant t
    = sys_days{date} + hours{c.hour} + minutes{c.minute} + seconds{c.second} + microseconds{c.microsecond} - offset;
  if (!is_expressible(t))
    return std::nullopt;
  return t;
}

std::string offset_text(seconds offset, bool colons) {
  auto magnitude = offset < seconds{0} ? -offset : offset;
  hh_mm_ss time{magnitude};
  std::array<char, 32> buffer;
  const char* colon = colons ? ":" : "";
  int length = std::snprintf(buffer.data(), buffer.size(), "%c%02d%s%02d", offset < seconds{0} ? '-' : '+',
                             static_cast<int>(time.hours().count()), colon, static_cast<int>(time.minutes().count()));
  std::string text{buffer.data(), static_cast<std::size_t>(length)};
  if (time.seconds() != seconds{0}) {
    length = std::snprintf(buffer.data(), buffer.size(), "%s%02d", colon, static_cast<int>(time.seconds().count()));
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  return text;
}

std::string iso_text(const datetime& t, char separator) {
  auto c = to_civil(t.instant, t.offset);
  if (!c)
    return "@" + std::to_string(duration_cast<seconds>(t.instant.time_since_epoch()).count());
  std::array<char, 64> buffer;
  int length = std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02u%c%02d:%02d:%02d", c->year, c->month, c->day,
                             separator, c->hour, c->minute, c->second);
  std::string text{buffer.data(), static_cast<std::size_t>(length)};
  if (c->microsecond != 0) {
    length = std::snprintf(buffer.data(), buffer.size(), ".%06d", c->microsecond);
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  return text + offset_text(t.offset, true);
}

} // namespace sluice::language::detail
