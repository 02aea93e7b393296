#include "config/language/value.hpp"

#include "tests/support/catch2.hpp"

#include <cmath>
#include <limits>

using namespace sluice::language;

namespace {

const double nan_value = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

} // namespace

TEST_CASE("numbers and booleans are equal as in Python") {
  CHECK(value{1} == value{1.0});
  CHECK(value{true} == value{1});
  CHECK(value{false} == value{0.0});
  CHECK_FALSE(value{1} == value{1.5});
  CHECK_FALSE(value{"1"} == value{1});
  CHECK_FALSE(value{} == value{0});
  CHECK_FALSE(value{nan_value} == value{nan_value});
  // As doubles these are the same.
  CHECK_FALSE(value{std::int64_t{9007199254740993}} == value{9007199254740992.0});
  CHECK_FALSE(value{std::numeric_limits<std::int64_t>::max()} == value{9223372036854775808.0});
}

TEST_CASE("dicts are equal whatever the order of their keys") {
  value a{value_dict{{"x", 1}, {"y", 2}}};
  CHECK(a == value{value_dict{{"y", 2}, {"x", 1}}});
  CHECK_FALSE(a == value{value_dict{{"x", 1}}});
  CHECK_FALSE(a == value{value_dict{{"x", 1}, {"z", 2}}});
  CHECK_FALSE(a == value{value_dict{{"x", 1}, {"y", 3}}});
  value_dict up;
  value_dict down;
  for (int i = 0; i < 100; ++i) {
    up.emplace_back("k" + std::to_string(i), i);
    down.emplace_back("k" + std::to_string(99 - i), 99 - i);
  }
  CHECK(value{up} == value{down});
  down[50].second = value{-1};
  CHECK_FALSE(value{up} == value{down});
}

TEST_CASE("lists are equal element by element") {
  CHECK(value{value_list{1, "a"}} == value{value_list{1.0, "a"}});
  CHECK_FALSE(value{value_list{1, "a"}} == value{value_list{"a", 1}});
  CHECK_FALSE(value{value_list{}} == value{value_dict{}});
}

TEST_CASE("datetimes are equal if they are the same instant") {
  using namespace std::chrono;
  auto noon = sys_days{2024y / 1 / 20} + 12h;
  CHECK(value{datetime{noon, 0s}} == value{datetime{noon, 7200s}});
  CHECK_FALSE(value{datetime{noon, 0s}} == value{datetime{noon + 1us, 0s}});
}

TEST_CASE("truth is Python's") {
  for (auto& x : {value{}, value{false}, value{0}, value{0.0}, value{""}, value{value_list{}}, value{value_dict{}}})
    CHECK_FALSE(truthy(x));
  for (auto& x : {value{true}, value{-1}, value{0.1}, value{"0"}, value{value_list{value{}}},
                  value{value_dict{{"", value{}}}}, value{datetime{}}, value{nan_value}})
    CHECK(truthy(x));
}

TEST_CASE("find looks into dicts only") {
  value x{value_dict{{"a", 1}}};
  REQUIRE(x.find("a") != nullptr);
  CHECK(*x.find("a") == value{1});
  CHECK(x.find("b") == nullptr);
  CHECK(value{"a"}.find("a") == nullptr);
}

TEST_CASE("text is what Python's str gives") {
  struct text_case {
    value x;
    const char* text;
  };
  using namespace std::chrono;
  auto t = sys_days{2024y / 1 / 2} + 3h + 4min + 5s;
  const text_case cases[] = {
    {value{}, "None"},
    {value{true}, "True"},
    {value{false}, "False"},
    {value{-7}, "-7"},
    {value{2.0}, "2.0"},
    {value{0.1}, "0.1"},
    {value{-0.0}, "-0.0"},
    {value{1e15}, "1000000000000000.0"},
    {value{9999999999999998.0}, "9999999999999998.0"},
    {value{1e16}, "1e+16"},
    {value{1.5e300}, "1.5e+300"},
    {value{0.0001}, "0.0001"},
    {value{0.00001}, "1e-05"},
    {value{1.25e-10}, "1.25e-10"},
    {value{123456789012345680.0}, "1.2345678901234568e+17"},
    {value{0.1 + 0.2}, "0.30000000000000004"},
    {value{infinity}, "inf"},
    {value{-infinity}, "-inf"},
    {value{nan_value}, "nan"},
    {value{"it's \"x\"\n"}, "it's \"x\"\n"},
    {value{value_list{}}, "[]"},
    {value{value_dict{}}, "{}"},
    {value{value_list{value{}, true, 1, 1.0, "a"}}, "[None, True, 1, 1.0, 'a']"},
    {value{value_dict{{"k", value_list{1}}, {"it's", "a\\b"}}}, "{'k': [1], \"it's\": 'a\\\\b'}"},
    {value{value_list{"'", "\"", "'\""}}, R"(["'", '"', '\'"'])"},
    {value{value_list{"\n\t\r\x01\x7f"}}, R"(['\n\t\r\x01\x7f'])"},
    {value{value_list{"h\u00e9 \u20ac \U0001F600"}}, "['h\u00e9 \u20ac \U0001F600']"},
    {value{value_list{"\u00a0\u200b\u2028\U000E0001"}}, R"(['\xa0\u200b\u2028\U000e0001'])"},
    {value{datetime{t, 0s}}, "2024-01-02 03:04:05+00:00"},
    {value{datetime{t + 6us, 0s}}, "2024-01-02 03:04:05.000006+00:00"},
    {value{datetime{t, -5400s}}, "2024-01-02 01:34:05-01:30"},
    {value{value_list{datetime{t, 0s}}}, "[datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)]"},
    {value{value_list{datetime{sys_days{2024y / 1 / 2}, -3600s}}},
     "[datetime.datetime(2024, 1, 1, 23, 0, "
     "tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=82800)))]"},
  };
  for (auto& [x, text] : cases)
    CHECK(to_text(x) == text);
}
