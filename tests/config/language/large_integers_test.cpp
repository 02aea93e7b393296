#include "tests/config/language/template_support.hpp"

#include <rapidcheck.h>

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

TEST_CASE("integers beyond 64 bits are computed with exactly") {
  const std::pair<const char*, const char*> cases[] = {
    {"config.big + 1", "12345678901234567891"},
    {"1 - config.big", "-12345678901234567889"},
    {"config.big * 2.0", "2.4691357802469134e+19"},
    {"config.big / 2", "6.172839450617284e+18"},
    {"config.big // 10", "1234567890123456789"},
    {"config.big % 10", "0"},
    {"config.big ** 2", "152415787532388367501905199875019052100"},
    {"config.big is odd", "False"},
    {"-config.big // 7", "-1763668414462081128"},
    {"-config.big % 7", "6"},
    {"config.big % -7", "-6"},
    {"config.big - config.big", "0"},
    {"9223372036854775807 + 1", "9223372036854775808"},
    {"-9223372036854775807 - 2", "-9223372036854775809"},
    {"9223372036854775807 * -3", "-27670116110564327421"},
    {"2 ** 200", "1606938044258990275541962092341162602522202993782792835301376"},
    {"(-3) ** 61", "-127173474825648610542883299603"},
    {"(2 ** 200) // (2 ** 130)", "1180591620717411303424"},
    {"(2 ** 200) % (10 ** 30)", "162602522202993782792835301376"},
    {"10 ** 30 - 10 ** 30 + 5", "5"},
    {"(0 - 9223372036854775807 - 1) // -1", "9223372036854775808"},
    {"(10 ** 40 + 1) // (10 ** 20)", "100000000000000000000"},
    {"5 // (2 ** 70)", "0"},
    {"-5 // (2 ** 70)", "-1"},
    {"-5 % (2 ** 70)", "1180591620717411303419"},
  };
  for (const auto& [expression, expected] : cases) {
    CAPTURE(expression);
    CHECK(rendered_large(expression) == expected);
  }
}

TEST_CASE("a quotient and a remainder of large integers make the number again") {
  CHECK(rc::check("a == a // b * b + a % b", [] {
    auto number = [] {
      auto size = static_cast<std::size_t>(*rc::gen::inRange(1, 60));
      auto digits = *rc::gen::container<std::string>(size, rc::gen::inRange('1', ':'));
      return (*rc::gen::arbitrary<bool>() ? "-" : "") + digits;
    };
    auto a = number();
    auto b = number();
    auto sum = "((" + a + ") // (" + b + ")) * (" + b + ") + (" + a + ") % (" + b + ")";
    RC_ASSERT(rendered_large(sum) == a);
  }));
}

TEST_CASE("integers that would take hours are refused") {
  for (auto* expression : {"10 ** 4400", "2 ** 9223372036854775807", "(10 ** 4000) * (10 ** 4000)"}) {
    CAPTURE(expression);
    CHECK(contains(rendered_large(expression), "more than 4300 digits"));
  }
  for (auto* expression : {"config.big * 'x'", "[1] * config.big"}) {
    CAPTURE(expression);
    CHECK(contains(rendered_large(expression), "too long"));
  }
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
