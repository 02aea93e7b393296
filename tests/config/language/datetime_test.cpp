#include "config/language/datetime.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

using namespace sluice::language;
using namespace std::chrono;

namespace {

instant at(int y, unsigned m, unsigned d, int h = 0, int min = 0, int s = 0, int us = 0) {
  return sys_days{year{y} / month{m} / day{d}} + hours{h} + minutes{min} + seconds{s} + microseconds{us};
}

std::string formatted(instant t, std::string_view format) {
  auto text = format_datetime(t, format);
  return text ? *text : "error: " + text.error().message;
}

/// ISO text with the offset, or `error`.
std::string parsed(std::string_view text, std::string_view format) {
  auto t = parse_datetime(text, format);
  return t ? to_text(value{*t}) : "error";
}

std::string iso(std::string_view text) {
  auto t = parse_iso8601(text);
  return t ? to_text(value{*t}) : "error";
}

} // namespace

TEST_CASE("datetimes are formatted with strftime's codes and Airbyte's own") {
  auto t = at(2024, 3, 5, 14, 7, 9, 12345);
  struct format_case {
    const char* format;
    const char* text;
  };
  const format_case cases[] = {
    {"%Y-%m-%dT%H:%M:%SZ", "2024-03-05T14:07:09Z"},
    {"%Y-%m-%dT%H:%M:%S.%f%z", "2024-03-05T14:07:09.012345+0000"},
    {"%Y-%m-%dT%H:%M:%S.%_msZ", "2024-03-05T14:07:09.012Z"},
    {"%b %a %e %j %y %p %I %%", "Mar Tue  5 065 24 PM 02 %"},
    {"%B %A %F %T %R %D", "March Tuesday 2024-03-05 14:07:09 14:07 03/05/24"},
    {"%u %w %U %W %Z", "2 2 09 10 UTC"},
    {"%-d/%-m %-H", "5/3 14"},
    {"%s", "1709647629"},
    {"%ms", "1709647629012"},
    {"%s_as_float", "1709647629.012345"},
    {"%epoch_microseconds", "1709647629012345"},
    {"since:%s", "since:1709647629"},
    {"modified_on:gt:%Y", "modified_on:gt:2024"},
    {"", ""},
  };
  for (auto& [format, text] : cases) {
    CAPTURE(format);
    CHECK(formatted(t, format) == text);
  }
  CHECK(formatted(at(2024, 1, 1), "%I %p") == "12 AM");
  CHECK(formatted(at(2024, 1, 1, 12), "%I %p") == "12 PM");
  CHECK(formatted(at(2024, 1, 7), "%u %w %U %W") == "7 0 01 01");
  CHECK(formatted(at(987, 1, 1), "%Y") == "0987");
  CHECK(formatted(at(1969, 12, 31, 23, 59, 59, 500'000), "%s") == "-1");
  CHECK(formatted(at(2024, 1, 1), "%s_as_float") == "1704067200.0");
}

TEST_CASE("a datetime with an offset is formatted with its own wall clock") {
  datetime t{at(2024, 1, 20, 22), 7200s};
  CHECK(format_datetime(t, "%Y-%m-%d %H:%M %z") == "2024-01-21 00:00 +0200");
  CHECK(format_datetime(t, "%s") == "1705788000");
  CHECK(formatted(t.instant, "%Y-%m-%d %H:%M %z") == "2024-01-20 22:00 +0000");
}

TEST_CASE("a code that is not known is an error that names it") {
  for (auto* format : {"%Q", "%", "%Y-%", "%Y%s_as_float", "x%epoch_microseconds", "%-Y", "%_d"}) {
    CAPTURE(format);
    auto text = format_datetime(at(2024, 1, 1), format);
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error().code == sluice::errc::bad_manifest);
    CHECK(text.error().message.find(format) != std::string::npos);
  }
  CHECK(parse_datetime("2024", "%Q").error().code == sluice::errc::bad_manifest);
  CHECK_FALSE(format_datetime(instant::max(), "%Y").has_value());
  CHECK_FALSE(format_datetime(instant::min(), "%Y").has_value());
}

TEST_CASE("datetimes are parsed by Python's rules") {
  struct parse_case {
    const char* text;
    const char* format;
    const char* result;
  };
  const parse_case cases[] = {
    {"2024-01-20", "%Y-%m-%d", "2024-01-20 00:00:00+00:00"},
    {"2024-1-2", "%Y-%m-%d", "2024-01-02 00:00:00+00:00"},
    {"2024-01-20T10:20:30", "%Y-%m-%dT%H:%M:%S", "2024-01-20 10:20:30+00:00"},
    {"2024-01-20t10:20:30z", "%Y-%m-%dT%H:%M:%SZ", "2024-01-20 10:20:30+00:00"},
    {"2024-01-20T10:20:30+02:00", "%Y-%m-%dT%H:%M:%S%z", "2024-01-20 10:20:30+02:00"},
    {"2024-01-20T10:20:30-0530", "%Y-%m-%dT%H:%M:%S%z", "2024-01-20 10:20:30-05:30"},
    {"2024-01-20T10:20:30Z", "%Y-%m-%dT%H:%M:%S%z", "2024-01-20 10:20:30+00:00"},
    {"10:20:30.5", "%H:%M:%S.%f", "1900-01-01 10:20:30.500000+00:00"},
    {"10:20:30.123456", "%H:%M:%S.%f", "1900-01-01 10:20:30.123456+00:00"},
    {"10:20:30.123", "%H:%M:%S.%_ms", "1900-01-01 10:20:30.123000+00:00"},
    {"Mar  5 2024", "%b %d %Y", "2024-03-05 00:00:00+00:00"},
    {"tuesday MARCH 5, 24", "%A %B %d, %y", "2024-03-05 00:00:00+00:00"},
    {"05/03/69 12:30 am", "%d/%m/%y %I:%M %p", "1969-03-05 00:30:00+00:00"},
    {"05/03/68 12:30 PM", "%d/%m/%y %I:%M %p", "2068-03-05 12:30:00+00:00"},
    {"2024-01-20 \t 10:20", "%Y-%m-%d %H:%M", "2024-01-20 10:20:00+00:00"},
    {"2024-01-20 1:2", "%Y-%m-%d %H:%M", "2024-01-20 01:02:00+00:00"},
    {"2024-366", "%Y-%j", "2024-12-31 00:00:00+00:00"},
    // Numbers give digits back if the rest does not match otherwise.
    {"0110", "%m%d", "1900-01-10 00:00:00+00:00"},
    {"110", "%m%d", "1900-01-10 00:00:00+00:00"},
    {"1705744800", "%s", "2024-01-20 10:00:00+00:00"},
    {"-1", "%s", "1969-12-31 23:59:59+00:00"},
    {"1705744800123", "%ms", "2024-01-20 10:00:00.123000+00:00"},
    {"1705744800.5", "%s_as_float", "2024-01-20 10:00:00.500000+00:00"},
    {"1705744800", "%s_as_float", "2024-01-20 10:00:00+00:00"},
    {"1.7057448e9", "%s_as_float", "2024-01-20 10:00:00+00:00"},
    {"1705744800123456", "%epoch_microseconds", "2024-01-20 10:00:00.123456+00:00"},
    {"100% 2024", "100%% %Y", "2024-01-01 00:00:00+00:00"},
  };
  for (auto& [text, format, result] : cases) {
    CAPTURE(text, format);
    CHECK(parsed(text, format) == result);
  }
}

TEST_CASE("texts with numbers of full width are read as all others are") {
  CHECK(rc::check("agreement", [] {
    auto digits = [](int count, const char* alphabet) {
      return *rc::gen::container<std::string>(static_cast<std::size_t>(count),
                                              rc::gen::elementOf(std::string{alphabet}));
    };
    auto text = digits(4, "0129") + "-" + digits(2, "0123") + "-" + digits(2, "0123") + "T" + digits(2, "012") + ":"
                + digits(2, "056") + ":" + digits(2, "0569") + "." + digits(*rc::gen::inRange(0, 8), "09")
                + *rc::gen::element<std::string>("", "Z", "+02:30", "-0130", "+2", "+023015", " ");
    const std::string format = "%Y-%m-%dT%H:%M:%S.%f%z";
    auto quick = parse_datetime(text, format);
    // A letter in the other case is what the way for full widths leaves to the general one.
    auto other = text;
    other[10] = 't';
    auto general = parse_datetime(other, format);
    RC_ASSERT(quick.has_value() == general.has_value());
    if (quick) {
      RC_ASSERT(quick->instant == general->instant);
      RC_ASSERT(quick->offset == general->offset);
    }
    auto matched = match_datetime(text, format);
    RC_ASSERT(matched.has_value() == quick.has_value());
  }));
}

TEST_CASE("a text that does not fit its format is an error") {
  struct parse_case {
    const char* text;
    const char* format;
  };
  const parse_case cases[] = {
    {"2024-01-20 ", "%Y-%m-%d"},
    {" 2024-01-20", "%Y-%m-%d"},
    {"2024-02-30", "%Y-%m-%d"},
    {"2023-02-29", "%Y-%m-%d"},
    {"2024-13-01", "%Y-%m-%d"},
    {"24-01-01", "%Y-%m-%d"},
    {"2024-01-20", "%Y-%m-%dT"},
    {"0000-01-01", "%Y-%m-%d"},
    {"10:60", "%H:%M"},
    {"24:00", "%H:%M"},
    {"10:20:60", "%H:%M:%S"},
    {"10:20:30.1234567", "%H:%M:%S.%f"},
    {"10:20:30.", "%H:%M:%S.%f"},
    {"2023-366", "%Y-%j"},
    {"2024-01-20T10:00:00+2", "%Y-%m-%dT%H:%M:%S%z"},
    {"12.5", "%s"},
    {"abc", "%s"},
    {"", "%s"},
    {"99999999999999999999", "%s"},
    {"999999999999999", "%s"},
    {"nan", "%s_as_float"},
    {"inf", "%s_as_float"},
    {"1e300", "%s_as_float"},
    {"Foo 5", "%b %d"},
    {"", "%Y"},
  };
  for (auto& [text, format] : cases) {
    CAPTURE(text, format);
    auto t = parse_datetime(text, format);
    REQUIRE_FALSE(t.has_value());
    CHECK(t.error().code == sluice::errc::bad_page);
  }
}

TEST_CASE("what is formatted is parsed back to the same instant") {
  struct format_case {
    const char* format;
    microseconds precision;
  };
  const format_case formats[] = {
    {"%Y-%m-%dT%H:%M:%S.%f%z", 1us},
    {"%Y-%m-%dT%H:%M:%SZ", 1s},
    {"%Y-%m-%d", days{1}},
    {"%s", 1s},
    {"%ms", 1ms},
    {"%epoch_microseconds", 1us},
    {"%Y-%m-%dT%H:%M:%S.%_msZ", 1ms},
    {"%a, %d %b %Y %I:%M %p", 1min},
    {"%Y%j%H%M%S", 1s},
    {"%A %B %d %Y", days{1}},
    {"%Y%m%d%H%M%S%f", 1us},
  };
  for (auto& [format, precision] : formats) {
    CAPTURE(format);
    CHECK(rc::check("parse(format(t)) == t", [&format = format, &precision = precision] {
      // The years 1 to 9999.
      auto second = *rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'800);
      auto fraction = *rc::gen::inRange(0, 1'000'000);
      instant t{seconds{second} + microseconds{fraction}};
      auto text = format_datetime(t, format);
      RC_ASSERT(text.has_value());
      auto again = parse_datetime(*text, format);
      RC_ASSERT(again.has_value());
      auto distance = t - again->instant;
      RC_ASSERT(distance >= 0us);
      RC_ASSERT(distance < precision);
    }));
  }
}

TEST_CASE("ISO 8601 is read in its common forms") {
  struct iso_case {
    const char* text;
    const char* result;
  };
  const iso_case cases[] = {
    {"2024-01-20", "2024-01-20 00:00:00+00:00"},
    {"20240120", "2024-01-20 00:00:00+00:00"},
    {"2024-01-20T10:20", "2024-01-20 10:20:00+00:00"},
    {"2024-01-20T10:20:30Z", "2024-01-20 10:20:30+00:00"},
    {"2024-01-20 10:20:30.5", "2024-01-20 10:20:30.500000+00:00"},
    {"2024-01-20T10:20:30.123456789Z", "2024-01-20 10:20:30.123456+00:00"},
    {"2024-01-20T10:20:30+02:00", "2024-01-20 10:20:30+02:00"},
    {"2024-01-20T10:20:30-0530", "2024-01-20 10:20:30-05:30"},
    {"2024-01-20T10:20:30+02", "2024-01-20 10:20:30+02:00"},
    {"2024-01-20 10:20:30 +00:00", "2024-01-20 10:20:30+00:00"},
    {"20240120T102030Z", "2024-01-20 10:20:30+00:00"},
    {"2024-12-31T24:00:00Z", "2025-01-01 00:00:00+00:00"},
    {"2024-01-20t10:20:30z", "2024-01-20 10:20:30+00:00"},
  };
  for (auto& [text, result] : cases) {
    CAPTURE(text);
    CHECK(iso(text) == result);
  }
  for (auto* text :
       {"", "2024", "2024-01", "2024-1-2", "2024-01-32", "2024-01-20T", "2024-01-20T10", "2024-01-20T10:2",
        "2024-01-20T25:00", "2024-01-20T24:01", "2024-01-20T10:20:30+", "2024-01-20T10:20:30Zx", "2024-01-20T10:20:30.",
        "2024-01-20X10:20", "0000-01-01", "garbage", "1705744800", "9999-12-31T24:00:00"}) {
    CAPTURE(text);
    CHECK(iso(text) == "error");
  }
}

TEST_CASE("no text crashes the datetime parsers") {
  CHECK(rc::check("garbage", [] {
    auto text
      = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"0123456789-:TtZz+. ,PYMDHSW%fsmj\xff"}));
    auto format = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"%%%%YmdHMSfzs_jbaIpye -:T"}));
    (void)parse_iso8601(text);
    (void)parse_iso8601_duration(text);
    (void)parse_setting_duration(text);
    (void)parse_setting_bytes(text);
    (void)format_datetime(instant{}, format);
    if (auto t = parse_datetime(text, format))
      RC_ASSERT(format_datetime(t->instant, "%Y").has_value());
  }));
}

TEST_CASE("an ambiguous format does not take forever") {
  std::string format;
  for (int i = 0; i < 100; ++i)
    format += "%f";
  CHECK_FALSE(parse_datetime(std::string(400, '1') + "x", format).has_value());
  CHECK_FALSE(parse_datetime("2024", std::string(10'000, '%')).has_value());
  CHECK_FALSE(parse_datetime(std::string(5'000, ' '), std::string(400, ' ') + "%Y").has_value());
}
