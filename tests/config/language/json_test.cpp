#include "config/language/value.hpp"

#include "tests/support/catch2.hpp"

#include <limits>

#include <rapidcheck.h>

using namespace sluice::language;

namespace {

std::string round_trip(std::string_view text) {
  auto x = parse_json(text);
  return x ? to_json(*x) : "error: " + x.error().message;
}

/// Any JSON value, not too deep.
rc::Gen<value> any_value(int depth) {
  auto text = rc::gen::map(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)),
                           [](std::string s) { return value{std::move(s)}; });
  auto scalar
    = rc::gen::oneOf(rc::gen::just(value{}), rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return value{b}; }),
                     rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t i) { return value{i}; }),
                     rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return value{d}; }), text);
  if (depth == 0)
    return scalar;
  auto inner = rc::gen::lazy([depth] { return any_value(depth - 1); });
  auto list = rc::gen::map(rc::gen::resize(5, rc::gen::container<value_list>(inner)),
                           [](value_list l) { return value{std::move(l)}; });
  auto dict = rc::gen::map(rc::gen::resize(5, rc::gen::container<value_list>(inner)), [](const value_list& l) {
    value_dict d;
    for (std::size_t i = 0; i < l.size(); ++i)
      d.emplace_back("key " + std::to_string(i), l[i]);
    return value{std::move(d)};
  });
  return rc::gen::oneOf(scalar, list, dict);
}

} // namespace

TEST_CASE("JSON keeps values, their order and their kinds") {
  struct json_case {
    const char* text;
    const char* again;
  };
  const json_case cases[] = {
    {R"({"b": 1, "a": [true, null, "x", 2.0, -3]})", R"({"b":1,"a":[true,null,"x",2.0,-3]})"},
    {"1.50", "1.5"},
    {"1e16", "1e16"},
    {"0.00001", "0.00001"},
    {"1e-7", "1e-7"},
    {"-0", "0"},
    {"-0.0", "-0.0"},
    {"9223372036854775807", "9223372036854775807"},
    {"-9223372036854775808", "-9223372036854775808"},
    {R"("\u00e9\ud83d\ude00\/\b\f\u0001")", "\"\u00e9\U0001F600/\\b\\f\\u0001\""},
    {R"({"a": 1, "b": 2, "a": 3})", R"({"a":3,"b":2})"},
    {" [ ] ", "[]"},
  };
  for (auto& [text, again] : cases) {
    CAPTURE(text);
    CHECK(round_trip(text) == again);
  }
}

TEST_CASE("the last of equal keys wins in large objects too") {
  std::string text = "{";
  for (int i = 0; i < 50; ++i)
    text += "\"k" + std::to_string(i % 30) + "\":" + std::to_string(i) + (i < 49 ? "," : "}");
  auto x = parse_json(text);
  REQUIRE(x.has_value());
  CHECK(x->as_dict()->size() == 30);
  CHECK(*x->find("k0") == value{30});
  CHECK(*x->find("k29") == value{29});
}

TEST_CASE("integers beyond 64 bits keep their digits") {
  CHECK(round_trip("[9223372036854775808]") == "[9223372036854775808]");
  CHECK(round_trip("[18446744073709551615, 18446744073709551616, 9223372036854775807, \"\\ud800\"]")
        == "[18446744073709551615,18446744073709551616,9223372036854775807,\"\uFFFD\"]");
  CHECK(round_trip(R"({"a": [99999999999999999999, {"b": -99999999999999999998}], "a": 99999999999999999997})")
        == R"({"a":99999999999999999997})");
  CHECK(round_trip(std::string(5000, '9')) == std::string(5000, '9'));
  CHECK(round_trip(R"({"a": 18446744073709551616, "b": -9223372036854775809, "c": "18446744073709551616", "d": 7})")
        == R"({"a":18446744073709551616,"b":-9223372036854775809,"c":"18446744073709551616","d":7})");
  CHECK(round_trip(R"(["\"123456789012345678901234567890", 123456789012345678901234567890])")
        == R"(["\"123456789012345678901234567890",123456789012345678901234567890])");
}

TEST_CASE("half a surrogate pair becomes the replacement character") {
  CHECK(round_trip(R"(["\ud83d", "\ude00x", "\ud83d\ude00", "\\ud83d", "\ud83dA"])")
        == "[\"\uFFFD\",\"\uFFFDx\",\"\U0001F600\",\"\\\\ud83d\",\"\uFFFDA\"]");
}

TEST_CASE("what is no JSON is an error that does not quote it") {
  for (auto* text : {"", " ", "{", "[1,", "nope", "{'a': 1}", "[1] 2", "\"\xff\"", "NaN", "01", "[1e400]", "\"\x01\"",
                     "{\"secret\": }"}) {
    CAPTURE(text);
    auto x = parse_json(text);
    REQUIRE_FALSE(x.has_value());
    CHECK(x.error().code == sluice::errc::bad_response);
    CHECK(x.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("nesting is bounded at 256 levels") {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse_json(nested(256)).has_value());
  for (std::size_t depth : {257, 258, 300, 100'000}) {
    auto x = parse_json(nested(depth));
    REQUIRE_FALSE(x.has_value());
    CHECK(x.error().message.find("256") != std::string::npos);
  }
  CHECK_FALSE(parse_json(std::string(1'000'000, '[')).has_value());
}

TEST_CASE("JSON text is always valid JSON") {
  using namespace std::chrono;
  CHECK(to_json(value{std::numeric_limits<double>::infinity()}) == "null");
  CHECK(to_json(value{std::numeric_limits<double>::quiet_NaN()}) == "null");
  CHECK(to_json(value{"a\xffz"}) == "\"a\uFFFDz\"");
  CHECK(to_json(value{datetime{sys_days{2024y / 1 / 2} + 500ms, 3600s}}) == "\"2024-01-02T01:00:00.500000+01:00\"");
  CHECK(to_json(value{"\"\\\n\x1f"}) == R"("\"\\\n\u001f")");
}

TEST_CASE("JSON written is read back as the same value") {
  CHECK(rc::check("parse_json(to_json(x)) == x", [] {
    auto x = *any_value(3);
    auto text = to_json(x);
    auto again = parse_json(text);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == x);
    RC_ASSERT(to_json(*again) == text);
  }));
}

TEST_CASE("no text crashes the JSON parser") {
  CHECK(rc::check("garbage", [] {
    auto text
      = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"[]{}\":,\\u0dD8019eE+-. tfn\xff\xc3"}));
    auto x = parse_json(text);
    if (x)
      RC_ASSERT(parse_json(to_json(*x)).has_value());
  }));
}
