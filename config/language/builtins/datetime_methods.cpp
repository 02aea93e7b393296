#include "config/language/builtins/method_tables.hpp"
#include "config/language/calendar.hpp"
#include "config/language/context.hpp"

#include <array>
#include <cstdio>

namespace sluice::language::detail {

namespace {

using namespace std::chrono;

/// A date counts as its midnight.
datetime moment(const object& self) {
  return self.as_datetime() != nullptr ? *self.as_datetime() : datetime{self.as_date()->day, seconds{0}};
}

result<object> strftime(context& c, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string as format");
  auto text = format_datetime(moment(self), *args[0].as_string());
  return text ? c.text(std::move(*text)) : refuse(text.error().message);
}

/// (sep='T', timespec='auto')
result<object> datetime_isoformat(context& c, const object& self, const arguments& args) {
  for (std::size_t i : {0U, 1U}) {
    if (args.has(i) && args[i].as_string() == nullptr)
      return refuse_kind(args[i], "a string");
  }
  auto separator = args.has(0) ? *args[0].as_string() : "T";
  auto precision = args.has(1) ? *args[1].as_string() : "auto";
  if (separator.size() != 1)
    return refuse("the separator must be one character");
  auto& t = *self.as_datetime();
  if (precision == "auto")
    return c.text(iso_text(t, separator[0]));
  struct form {
    std::string_view name;
    const char* time;
  };
  static constexpr std::array forms = {form{"hours", "%H"}, form{"minutes", "%H:%M"}, form{"seconds", "%H:%M:%S"},
                                       form{"milliseconds", "%H:%M:%S.%_ms"}, form{"microseconds", "%H:%M:%S.%f"}};
  for (auto& [name, time] : forms) {
    if (name != precision)
      continue;
    auto day = format_datetime(t, "%Y-%m-%d");
    auto clock = format_datetime(t, time);
    if (!day || !clock)
      return refuse("the datetime is outside of the years 1 to 9999");
    return c.text(*day + separator + *clock + offset_text(t.offset, true));
  }
  return refuse("timespec must be auto, hours, minutes, seconds, milliseconds or microseconds");
}

result<object> date_isoformat(context& c, const object& self, const arguments&) {
  return c.text_of(self).map([](auto text) { return object{value{std::move(text)}}; });
}

result<object> datetime_timestamp(context&, const object& self, const arguments&) {
  return object{value{static_cast<double>(self.as_datetime()->instant.time_since_epoch().count()) / 1e6}};
}

/// Days since Monday, plus `First`.
template <int First>
result<object> weekday_number(context&, const object& self, const arguments&) {
  auto t = moment(self);
  auto day = weekday{floor<days>(t.instant + t.offset)};
  return object{value{static_cast<int>(day.iso_encoding()) - 1 + First}};
}

result<object> datetime_date(context&, const object& self, const arguments&) {
  auto t = moment(self);
  return object{date{floor<days>(t.instant + t.offset)}};
}

/// (year=, month=, day=, hour=, minute=, second=, microsecond=)
result<object> datetime_replace(context&, const object& self, const arguments& args) {
  auto t = *self.as_datetime();
  auto wall = to_civil(t.instant, t.offset);
  if (!wall)
    return refuse("the datetime is outside of the years 1 to 9999");
  std::array<std::int64_t, 7> parts
    = {wall->year, wall->month, wall->day, wall->hour, wall->minute, wall->second, wall->microsecond};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!args.has(i))
      continue;
    auto x = as_integer(args[i]);
    if (!x || *x < 0 || *x > 999'999)
      return refuse("there is no such date or time");
    parts[i] = *x;
  }
  auto moved = from_civil({static_cast<int>(parts[0]), static_cast<unsigned>(parts[1]), static_cast<unsigned>(parts[2]),
                           static_cast<int>(parts[3]), static_cast<int>(parts[4]), static_cast<int>(parts[5]),
                           static_cast<int>(parts[6])},
                          t.offset);
  if (!moved)
    return refuse("there is no such date or time");
  return object{value{datetime{*moved, t.offset}}};
}

/// (year=, month=, day=)
result<object> date_replace(context&, const object& self, const arguments& args) {
  year_month_day day{self.as_date()->day};
  std::array<std::int64_t, 3> parts
    = {static_cast<int>(day.year()), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day())};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!args.has(i))
      continue;
    auto x = as_integer(args[i]);
    if (!x)
      return refuse_kind(args[i], "an integer");
    if (*x < 1 || *x > 9999)
      return refuse("there is no such date");
    parts[i] = *x;
  }
  year_month_day made{year{static_cast<int>(parts[0])}, month{static_cast<unsigned>(parts[1])},
                      std::chrono::day{static_cast<unsigned>(parts[2])}};
  if (!made.ok())
    return refuse("there is no such date");
  return object{date{sys_days{made}}};
}

/// Days since the day before the year 1.
result<object> ordinal(context&, const object& self, const arguments&) {
  auto t = moment(self);
  constexpr int epoch = 719'163;
  return object{value{std::int64_t{floor<days>(t.instant + t.offset).time_since_epoch().count()} + epoch}};
}

/// The year, week and day of ISO 8601.
result<object> iso_calendar(context& c, const object& self, const arguments&) {
  auto t = moment(self);
  auto day = floor<days>(t.instant + t.offset);
  auto thursday = day + days{4 - static_cast<int>(weekday{day}.iso_encoding())};
  auto its_year = year_month_day{thursday}.year();
  auto week = (thursday - sys_days{its_year / January / 1}).count() / 7 + 1;
  return c.make_list({object{value{static_cast<int>(its_year)}}, object{value{static_cast<std::int64_t>(week)}},
                      object{value{static_cast<int>(weekday{day}.iso_encoding())}}},
                     list_kind::tuple);
}

result<object> c_time(context& c, const object& self, const arguments&) {
  auto t = moment(self);
  auto before = format_datetime(t, "%a %b");
  auto behind = format_datetime(t, "%H:%M:%S %Y");
  if (!before || !behind)
    return refuse("the datetime is outside of the years 1 to 9999");
  auto number = static_cast<unsigned>(year_month_day{floor<days>(t.instant + t.offset)}.day());
  return c.text(*before + (number < 10 ? "  " : " ") + std::to_string(number) + " " + *behind);
}

result<object> utc_offset(context&, const object& self, const arguments&) {
  return object{duration{0, self.as_datetime()->offset}};
}

result<object> zone_name(context& c, const object& self, const arguments&) {
  auto offset = self.as_datetime()->offset;
  return c.text(offset == seconds{0} ? "UTC" : "UTC" + offset_text(offset, true));
}

result<object> total_seconds(context&, const object& self, const arguments&) {
  if (self.as_duration()->months != 0)
    return refuse("a duration of calendar months has no number of seconds");
  return object{value{static_cast<double>(self.as_duration()->exact.count()) / 1e6}};
}

} // namespace

const std::vector<builtin>& datetime_methods() {
  static const std::vector<builtin> all = {
    {"ctime", {}, 0, false, c_time},
    {"date", {}, 0, false, datetime_date},
    {"isocalendar", {}, 0, false, iso_calendar},
    {"isoformat", {"sep", "timespec"}, 0, false, datetime_isoformat},
    {"isoweekday", {}, 0, false, weekday_number<1>},
    {"replace", {"year", "month", "day", "hour", "minute", "second", "microsecond"}, 0, false, datetime_replace},
    {"strftime", {"format"}, 1, false, strftime},
    {"timestamp", {}, 0, false, datetime_timestamp},
    {"toordinal", {}, 0, false, ordinal},
    {"tzname", {}, 0, false, zone_name},
    {"utcoffset", {}, 0, false, utc_offset},
    {"weekday", {}, 0, false, weekday_number<0>},
  };
  return all;
}

const std::vector<builtin>& date_methods() {
  static const std::vector<builtin> all = {
    {"ctime", {}, 0, false, c_time},
    {"isocalendar", {}, 0, false, iso_calendar},
    {"isoformat", {}, 0, false, date_isoformat},
    {"isoweekday", {}, 0, false, weekday_number<1>},
    {"replace", {"year", "month", "day"}, 0, false, date_replace},
    {"strftime", {"format"}, 1, false, strftime},
    {"toordinal", {}, 0, false, ordinal},
    {"weekday", {}, 0, false, weekday_number<0>},
  };
  return all;
}

const std::vector<builtin>& duration_methods() {
  static const std::vector<builtin> all = {{"total_seconds", {}, 0, false, total_seconds}};
  return all;
}

} // namespace sluice::language::detail
