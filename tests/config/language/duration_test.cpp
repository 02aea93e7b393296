#include "config/language/datetime.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

using namespace sluice::language;
using namespace std::chrono;
using span = sluice::language::duration;

namespace {

instant day_of(int y, unsigned m, unsigned d) {
  return sys_days{year{y} / month{m} / day{d}};
}

} // namespace

TEST_CASE("ISO 8601 durations are read") {
  struct duration_case {
    const char* text;
    span result;
  };
  const duration_case cases[] = {
    {"P365D", {0, days{365}}}, {"PT1S", {0, 1s}},       {"P1M", {1, 0us}},
    {"PT1M", {0, 1min}},       {"PT0.5S", {0, 500ms}},  {"PT0,1S", {0, 100ms}},
    {"PT0.000001S", {0, 1us}}, {"P1W", {0, weeks{1}}},  {"P1Y2M10DT2H30M", {14, days{10} + 2h + 30min}},
    {"P0D", {0, 0us}},         {"-P1D", {0, -days{1}}}, {"-P1M", {-1, 0us}},
    {"P1.5D", {0, 36h}},
  };
  for (auto& [text, result] : cases) {
    CAPTURE(text);
    auto d = parse_iso8601_duration(text);
    REQUIRE(d.has_value());
    CHECK(*d == result);
  }
  for (auto* text : {"",
                     "P",
                     "PT",
                     "P1",
                     "1D",
                     "P1S",
                     "PT1D",
                     "P1DT",
                     "P1H",
                     "p1d",
                     "P-1D",
                     "P1M1Y",
                     "PT1S1M",
                     "P1D1D",
                     "P1.5M",
                     "P1.D",
                     "P.5D",
                     "P99999999999D",
                     "P99999999999999999999D",
                     "P1000000Y",
                     "P1D "}) {
    CAPTURE(text);
    auto d = parse_iso8601_duration(text);
    REQUIRE_FALSE(d.has_value());
    CHECK(d.error().code == sluice::errc::bad_manifest);
  }
}

TEST_CASE("months are added by the calendar and end at the month's last day") {
  CHECK(add(day_of(2024, 1, 31), {1, 0us}) == day_of(2024, 2, 29));
  CHECK(add(day_of(2023, 1, 31), {1, 0us}) == day_of(2023, 2, 28));
  CHECK(add(day_of(2024, 3, 31), {-1, 0us}) == day_of(2024, 2, 29));
  CHECK(add(day_of(2024, 2, 29), {12, 0us}) == day_of(2025, 2, 28));
  CHECK(add(day_of(2024, 12, 15), {1, 0us}) == day_of(2025, 1, 15));
  CHECK(add(day_of(2024, 1, 15), {-1, 0us}) == day_of(2023, 12, 15));
  CHECK(add(day_of(2024, 1, 15) + 7h, {-25, 0us}) == day_of(2021, 12, 15) + 7h);
  // The calendar part comes first.
  CHECK(add(day_of(2024, 1, 31), {1, days{1}}) == day_of(2024, 3, 1));
}

TEST_CASE("addition saturates instead of overflowing") {
  CHECK(add(instant::max(), {0, 1us}) == instant::max());
  CHECK(add(instant::min(), {0, -1us}) == instant::min());
  CHECK(add(day_of(9999, 12, 1), {1, 0us}) == instant::max());
  CHECK(add(day_of(1, 1, 1), {-1, 0us}) == instant::min());
  CHECK(add(instant::max(), {1, 0us}) == instant::max());
  CHECK(add(instant::max(), {0, -1us}) == instant::max() - 1us);
}

TEST_CASE("adding and taking back an exact duration changes nothing") {
  CHECK(rc::check("t + d - d == t", [] {
    instant t{microseconds{*rc::gen::inRange<std::int64_t>(-1LL << 60, 1LL << 60)}};
    microseconds d{*rc::gen::inRange<std::int64_t>(-1LL << 60, 1LL << 60)};
    RC_ASSERT(add(add(t, {0, d}), {0, -d}) == t);
  }));
}

TEST_CASE("adding months never leaves the month that is meant") {
  CHECK(rc::check("month arithmetic", [] {
    auto start = sys_days{year{2000} / 1 / 1} + days{*rc::gen::inRange(0, 20'000)};
    auto months_added = *rc::gen::inRange(-600, 600);
    year_month_day before{start};
    year_month_day after{floor<days>(add(instant{start}, {months_added, 0us}))};
    auto wanted = year_month{before.year(), before.month()} + months{months_added};
    RC_ASSERT((year_month{after.year(), after.month()} == wanted));
    RC_ASSERT(after.day() <= before.day());
  }));
}

TEST_CASE("a setting's duration needs a unit") {
  CHECK(parse_setting_duration("500ms") == 500ms);
  CHECK(parse_setting_duration("30s") == 30s);
  CHECK(parse_setting_duration("2m") == 2min);
  CHECK(parse_setting_duration("1h") == 1h);
  CHECK(parse_setting_duration("1d") == 24h);
  CHECK(parse_setting_duration("10us") == 10us);
  CHECK(parse_setting_duration("0s") == 0s);
  CHECK(parse_setting_duration("1.5s") == 1500ms);
  CHECK(parse_setting_duration("0.3s") == 300ms);
  for (auto* text : {"", "5", "s", "-1s", "1 s", "1S", "1x", "1s2", "1.s", "1e3s", "99999999999999999999s",
                     "200000000d", "inf", "0x1s"}) {
    CAPTURE(text);
    auto d = parse_setting_duration(text);
    REQUIRE_FALSE(d.has_value());
    CHECK(d.error().code == sluice::errc::bad_tuning);
    CHECK(d.error().failure == sluice::failure_type::config_error);
  }
}

TEST_CASE("a setting's size needs a unit") {
  CHECK(parse_setting_bytes("512B") == 512U);
  CHECK(parse_setting_bytes("64KiB") == 65'536U);
  CHECK(parse_setting_bytes("8MiB") == 8'388'608U);
  CHECK(parse_setting_bytes("1GiB") == 1'073'741'824U);
  CHECK(parse_setting_bytes("10kB") == 10'000U);
  CHECK(parse_setting_bytes("1MB") == 1'000'000U);
  CHECK(parse_setting_bytes("1.5KiB") == 1'536U);
  CHECK(parse_setting_bytes("0.3KiB") == 307U);
  for (auto* text : {"", "64", "KiB", "-1B", "1 MiB", "1mib", "1M", "99999999999GiB", "1e3B"}) {
    CAPTURE(text);
    auto size = parse_setting_bytes(text);
    REQUIRE_FALSE(size.has_value());
    CHECK(size.error().code == sluice::errc::bad_tuning);
  }
}
