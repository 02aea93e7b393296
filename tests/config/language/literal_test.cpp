#include "config/language/template.hpp"
#include "tests/config/language/template_support.hpp"

#include <limits>

#include <rapidcheck.h>

using namespace sluice::language;
using namespace sluice::language::test;

namespace {

/// How a plain text, which is a template without expressions, evaluates.
value literal(std::string_view text) {
  auto t = text_template::parse(text, {});
  REQUIRE(t.has_value());
  auto x = t->evaluate(scope{});
  REQUIRE(x.has_value());
  return *x;
}

/// Equality of kind as well: 1 and 1.0 differ here.
bool same(const value& a, const value& b) {
  return a == b && to_json(a) == to_json(b);
}

} // namespace

TEST_CASE("rendered text evaluates as Python's literal_eval does") {
  struct literal_case {
    const char* text;
    value x;
  };
  const literal_case cases[] = {
    {"123", 123},
    {"-5", -5},
    {"+14155552671", std::int64_t{14155552671}},
    {" 7 ", 7},
    {"5 # x", 5},
    {"- 5", -5},
    {"-(5)", -5},
    {"1_000", 1000},
    {"0x1F", 31},
    {"0b101", 5},
    {"0o17", 15},
    {"00", 0},
    {"1e5", 100000.0},
    {"1.10", 1.1},
    {"5.", 5.0},
    {".5", 0.5},
    {"00.5", 0.5},
    {"1_0.0_1", 10.01},
    {"-1.5e-3", -0.0015},
    {"True", true},
    {"False", false},
    {"None", value{}},
    {"1,2", value_list{1, 2}},
    {"1,", value_list{1}},
    {"()", value_list{}},
    {"(1)", 1},
    {"[1, 2]", value_list{1, 2}},
    {"[1, 2,]", value_list{1, 2}},
    {"[\n1, # one\n2\n]", value_list{1, 2}},
    {"{'a': 1}", value_dict{{"a", 1}}},
    {"{'a': 1, 'a': 2}", value_dict{{"a", 2}}},
    {"{}", value_dict{}},
    {"'a' 'b'", "ab"},
    {"\"it's\"", "it's"},
    {"'''a\nb'''", "a\nb"},
    {"'\\x41\\u00e9\\n\\d\\101'", "A\u00e9\n\\dA"},
    {"r'\\n'", "\\n"},
    {"u'x'", "x"},
    {"{'x': [None, True, 1.0, \"it's\"]}", value_dict{{"x", value_list{value{}, true, 1.0, "it's"}}}},
    {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
    {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
    {"-(9223372036854775808)", std::numeric_limits<std::int64_t>::min()},
    {"12345678901234567890123", make_integer("12345678901234567890123")},
    {"-9223372036854775809", make_integer("-9223372036854775809")},
    {"0xFFFF_FFFF_FFFF_FFFF", make_integer("18446744073709551615")},
    {"[18446744073709551615]", value_list{make_integer("18446744073709551615")}},
  };
  for (auto& [text, x] : cases) {
    CAPTURE(text, to_json(literal(text)));
    CHECK(same(literal(text), x));
  }
}

TEST_CASE("text that is no literal stays the text that it is") {
  for (auto* text : {"", " ", "hello", "00123", "0777", "2021-01-02", "1-2", "1+2", "--5", "+True", "-'a'", "true",
                     "null", "{\"a\": true}", "nan", "inf", "1__0", "1_", "_1", "0x", "1e", "5 5", "5;", "[1", "[1 2]",
                     "[,]", "{'a'}", "{'a':}", "{'a': 1, 2}", "'a", "'a\nb'", "'a' + 'b'", "f'x'", "10.0.0.1",
                     "http://x/?a=1", "12:30", "1 if 1 else 2",
                     "\xc2\xa0"
                     "5",
                     "\n 5",
                     // What Python has and `value` has not.
                     "...", "b'x'", "{1, 2}", "{[1]: 2}", "1j", "1+2j", "set()"}) {
    CAPTURE(text);
    CHECK(same(literal(text), value{text}));
  }
  CHECK(same(literal("a\n"), value{"a"})); // Jinja drops one line break at the end
}

// Identifiers are no numbers to whoever wrote them: the reference makes `inf` of the first, and null in the record.
TEST_CASE("a number that a float cannot hold stays the text that it is") {
  for (auto* text : {"35E87645934406417", "-1e309", "1e999", "[1, 1e999]", "{'a': 1e999}", "0.12345678901234567890",
                     "123456789012345678.5", "1e-400", "9007199254740993.0", "1_0e9_99", "(1e999)"}) {
    CAPTURE(text);
    CHECK(same(literal(text), value{text}));
  }
  const std::pair<const char*, double> held[] = {{"1e5", 1e5},
                                                 {"12E5", 12e5},
                                                 {"0.10", 0.1},
                                                 {"0.1000000000000000000000", 0.1},
                                                 {"0.30000000000000004", 0.30000000000000004},
                                                 {"1.7976931348623157e308", 1.7976931348623157e308},
                                                 {"0e999", 0.0},
                                                 {"-0.000", -0.0},
                                                 {"5e-324", 5e-324},
                                                 {"123456789012345680.0", 123456789012345680.0}};
  for (auto& [text, x] : held) {
    CAPTURE(text);
    CHECK(same(literal(text), value{x}));
  }
  CHECK(evaluated("{{ '35E87645934406417' }}") == "\"35E87645934406417\"");
}

TEST_CASE("single expressions evaluate as their text would") {
  // The reference's table of results, and what differs from the obvious.
  struct evaluation_case {
    const char* source;
    const char* json;
  };
  const evaluation_case cases[] = {
    {"{{ 1 }}", "1"},
    {"{{ 4/2 }}", "2.0"},
    {"{{ config.phone }}", "14155552671"},
    {"{{ record.id }}", "\"00123\""},
    {"{{ record.obj }}", R"({"a":true,"b":null,"c":"it's"})"},
    {"{{ record.b == 123 }}", "false"},
    {"{{ record.b }}", "123"},
    {"{{ [1,\"2\",none] | join(\",\") }}", "[1,2,null]"},
    {"{{ 'None' }}", "null"},
    {"{{ 'true' }}", "\"true\""},
    {"{{ ' 7' }}", "7"},
    {"{{ '1e5' }}", "100000.0"},
    {"{{ \"'x'\" }}", "\"x\""},
    {"{{ ['1', 1] }}", "[\"1\",1]"},
    {"{{ (1, 'a') }}", "[1,\"a\"]"},
    {"{{ config.missing }}", "\"\""},
    {"{{ config.n }}", "null"},
    {"{{ now_utc() }}", "\"2024-05-31 16:08:37.123456+00:00\""},
    {"{{ [today_utc()] }}", "\"[datetime.date(2024, 5, 31)]\""},
    {"{{ [config.missing] }}", "\"[Undefined]\""},
    {"{{ '1e400'|float }}", "\"inf\""},
    {"{{ config.a | string }}", "\"1\""},
    {"{{ config.d | string }}", R"("{\"x\": {\"y\": [1, 2, 3]}}")"},
    {"{{ config.s | string }}", "\"hello\""},
    {"{{ 1 }}{{ 2 }}", "12"},
    {"[{{ 1 }}, '{{ 'a' }}']", "[1,\"a\"]"},
    {"{{ config.a }}x", "\"1x\""},
  };
  for (auto& [source, result] : cases) {
    CAPTURE(source);
    CHECK(evaluated(source) == result);
  }
}

TEST_CASE("the shortcut for single expressions agrees with the way through text") {
  auto direct = text_template::parse("{{ x }}", {"x"});
  auto through_text = text_template::parse("{{ x }}{{ '' }}", {"x"});
  REQUIRE(direct.has_value());
  REQUIRE(through_text.has_value());
  CHECK(rc::check("evaluate(x) == literal(render(x))", [&] {
    auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string{"[]{}(),:'\"\\ 0123456789.eExn_#-+TrueNone\n"}));
    auto number = *rc::gen::arbitrary<double>();
    auto integer = *rc::gen::arbitrary<std::int64_t>();
    scope s;
    s.set("x", *rc::gen::element(value{text}, value{number}, value{integer}, value{value_list{text, number, true}},
                                 value{value_dict{{text, value_list{integer, value{}}}}}));
    auto a = direct->evaluate(s);
    auto b = through_text->evaluate(s);
    RC_ASSERT(a.has_value());
    RC_ASSERT(b.has_value());
    RC_ASSERT(same(*a, *b));
  }));
}

TEST_CASE("deeply nested literals stay text instead of overflowing the stack") {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(literal(nested(150)).as_list() != nullptr);
  CHECK(literal(nested(20'000)).as_string() != nullptr);
  CHECK(literal(std::string(60'000, '(')).as_string() != nullptr);
  CHECK(literal(std::string(60'000, '-')).as_string() != nullptr);
}
