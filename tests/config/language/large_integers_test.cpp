#include "tests/config/language/template_support.hpp"

using namespace sluice::language;
using namespace sluice::language::test;

namespace {

scope large_scope() {
  scope s;
  s.set("config", json(R"({"big": 12345678901234567890, "less": 12345678901234567889, "negative": -9223372036854775809,
                           "list": [18446744073709551616, 1], "text": "12345678901234567890"})"));
  return s;
}

std::string rendered_large(const std::string& expression) {
  auto t = text_template::parse("{{ " + expression + " }}", {"config"});
  if (!t)
    return "parse error: " + t.error().message;
  auto text = t->render(large_scope());
  return text ? *text : "error: " + text.error().message;
}

std::string evaluated_large(const std::string& source) {
  auto t = text_template::parse(source, {"config"});
  REQUIRE(t);
  auto x = t->evaluate(large_scope());
  return x ? to_json(*x) : "error: " + x.error().message;
}

} // namespace

TEST_CASE("integers beyond 64 bits keep their digits wherever they are passed on, written and compared") {
  const render_case cases[] = {
    {"config.big", "12345678901234567890"},
    {"config.negative", "-9223372036854775809"},
    {"config.list", "[18446744073709551616, 1]"},
    {"config.list[0] ~ '/' ~ config.big", "18446744073709551616/12345678901234567890"},
    {"12345678901234567890", "12345678901234567890"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775809", "-9223372036854775809"},
    {"- -9223372036854775808", "9223372036854775808"},
    {"+config.big", "12345678901234567890"},
    {"0xFFFFFFFFFFFFFFFFFF", "4722366482869645213695"},
    {"0o7777777777777777777777777", "37778931862957161709567"},
    {"config.big | string", "12345678901234567890"},
    {"config.big | tojson", "12345678901234567890"},
    {"config.big | int", "12345678901234567890"},
    {"config.text | int", "12345678901234567890"},
    {"('ff' * 9) | int(base=16)", "4722366482869645213695"},
    {"1e20 | int", "100000000000000000000"},
    {"-1e20 | int", "-100000000000000000000"},
    {"config.big | float", "1.2345678901234567e+19"},
    {"config.negative | abs", "9223372036854775809"},
    {"config.big | round", "12345678901234567890"},
    {"timestamp(config.big)", "12345678901234567890"},
    {"'%d|%s|%5i' % (config.big, config.big, config.big)",
     "12345678901234567890|12345678901234567890|12345678901234567890"},
    {"config.big == 12345678901234567890", "True"},
    {"config.big == config.less", "False"},
    {"config.big > config.less", "True"},
    {"config.negative < -9223372036854775808", "True"},
    {"config.big > 9223372036854775807", "True"},
    {"config.big >= 1e19", "True"},
    {"1e20 <= config.big", "False"},
    {"18446744073709551616 == 18446744073709551616.0", "True"},
    {"18446744073709551617 == 18446744073709551616.0", "False"},
    {"config.big < ('inf' | float)", "True"},
    {"config.big in config.list", "False"},
    {"18446744073709551616 in config.list", "True"},
    {"max(config.big, config.less, 1)", "12345678901234567890"},
    {"min(config.list)", "1"},
    {"config.big is integer and config.big is number and config.big", "12345678901234567890"},
    {"{'a': config.big}", "{'a': 12345678901234567890}"},
  };
  for (const auto& [expression, expected] : cases) {
    CAPTURE(expression);
    CHECK(rendered_large(expression) == expected);
  }
}

TEST_CASE("nothing is computed with integers beyond 64 bits, rather than losing digits") {
  for (auto* expression :
       {"config.big + 1", "1 - config.big", "config.big * 2.0", "config.big / 2", "config.big // 10", "config.big % 10",
        "config.big ** 2", "config.big is odd", "config.big * 'x'", "[1] * config.big"}) {
    CAPTURE(expression);
    CHECK(contains(rendered_large(expression), "beyond 64 bits"));
  }
  CHECK(contains(rendered_large("9223372036854775807 + 1"), "does not fit 64 bits"));
}

TEST_CASE("integers beyond 64 bits survive evaluation and JSON") {
  CHECK(evaluated_large("{{ config.big }}") == "12345678901234567890");
  CHECK(evaluated_large("{{ config.text }}") == "12345678901234567890");
  CHECK(evaluated_large("{{ config.list }}") == "[18446744073709551616,1]");
  CHECK(evaluated_large("-{{ config.big }}") == "-12345678901234567890");
  CHECK(evaluated_large("x{{ config.big }}") == "\"x12345678901234567890\"");
  const std::string longest(4300, '7');
  CHECK(evaluated_large(longest) == longest);
  CHECK(evaluated_large(longest + "7") == "\"" + longest + "7\""); // where Python gives up as well
}
