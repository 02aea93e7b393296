#include "actors/core/records/value_casts.hpp"

#include "tests/support/catch2.hpp"

#include <memory>
#include <string>

using namespace sluice;

namespace {

using target = cast_rule::target;

std::shared_ptr<cast_rule> to(target x, bool keeps_null = false) {
  auto rule = std::make_shared<cast_rule>();
  rule->to = x;
  rule->keeps_null = keeps_null;
  return rule;
}

std::string cast(std::string_view text, const cast_rule& rule) {
  std::string out = "> ";
  const bool changed = append_cast(out, text, rule);
  CHECK(changed == (out != "> "));
  return changed ? out.substr(2) : std::string{text};
}

} // namespace

TEST_CASE("values become texts as Python's str writes them") {
  struct row {
    const char* value;
    const char* text;
  };
  auto r = GENERATE(values<row>({
    {R"("5")", R"("5")"},
    {"5", R"("5")"},
    {"2.0", R"("2.0")"},
    {"1.10", R"("1.1")"},
    {"1e5", R"("100000.0")"},
    {"1e16", R"("1e+16")"},
    {"1e999", R"("inf")"},
    {"-1e999", R"("-inf")"},
    {"12345678901234567890", R"("12345678901234567890")"},
    {"true", R"("True")"},
    {"null", R"("None")"},
    {"[]", R"("[]")"},
    {R"([1,"a",null,true])", R"("[1, 'a', None, True]")"},
    {R"({"a":1.0,"b":"it's"})", R"("{'a': 1.0, 'b': \"it's\"}")"},
  }));
  CHECK(cast(r.value, *to(target::string)) == r.text);
}

TEST_CASE("values become numbers as Python's float and int read them, and never lose digits") {
  struct row {
    const char* value;
    const char* number;
    const char* integer;
  };
  auto r = GENERATE(values<row>({
    {"null", "null", "null"},
    {"true", "1.0", "1"},
    {"false", "0.0", "0"},
    {"5", "5.0", "5"},
    {"-0", "0.0", "-0"},
    {"1.10", "1.10", "1"},
    {"-1.9", "-1.9", "-1"},
    {"-0.5", "-0.5", "0"},
    {"1e3", "1e3", "1000"},
    {"1e999", "1e999", "1e999"},
    {"12345678901234567890", "12345678901234567890", "12345678901234567890"},
    {"10000000000000000", "1e16", "10000000000000000"},
    {R"("5")", "5.0", "5"},
    {R"(" 7 ")", "7.0", "7"},
    {R"("1_000")", "1000.0", "1000"},
    {R"("+5")", "5.0", "5"},
    {R"("1.5")", "1.5", R"("1.5")"},
    {R"(".5")", "0.5", R"(".5")"},
    {R"("1e5")", "100000.0", R"("1e5")"},
    {R"("0x10")", R"("0x10")", R"("0x10")"},
    {R"("nan")", R"("nan")", R"("nan")"},
    {R"("inf")", R"("inf")", R"("inf")"},
    {R"("1e400")", R"("1e400")", R"("1e400")"},
    {R"("12345678901234567890")", "1.2345678901234567e19", "12345678901234567890"},
    {R"("")", R"("")", R"("")"},
    {R"("abc")", R"("abc")", R"("abc")"},
    {"[1]", "[1]", "[1]"},
    {R"({"a":1})", R"({"a":1})", R"({"a":1})"},
  }));
  INFO(r.value);
  CHECK(cast(r.value, *to(target::number)) == r.number);
  CHECK(cast(r.value, *to(target::integer)) == r.integer);
}

TEST_CASE("values become true or false, texts only if they say so") {
  struct row {
    const char* value;
    const char* boolean;
  };
  auto r = GENERATE(values<row>({
    {"null", "false"},
    {"0", "false"},
    {"-0.0", "false"},
    {"2", "true"},
    {"[]", "false"},
    {"[ 0 ]", "true"},
    {"{}", "false"},
    {R"({"a":0})", "true"},
    {"true", "true"},
    {R"("yes")", "true"},
    {R"(" ON ")", "true"},
    {R"("off")", "false"},
    {R"("0")", "false"},
    {R"("")", R"("")"},
    {R"("2")", R"("2")"},
    {R"("ja")", R"("ja")"},
  }));
  INFO(r.value);
  CHECK(cast(r.value, *to(target::boolean)) == r.boolean);
}

TEST_CASE("null stays where the schema has it") {
  CHECK(cast("null", *to(target::string, true)) == "null");
  CHECK(cast("null", *to(target::boolean, true)) == "null");
  CHECK(cast("null", *to(target::array, true)) == "null");
  CHECK(cast("null", *to(target::array)) == "[null]");
}

TEST_CASE("what is in a value is cast after the value itself") {
  cast_rule list = *to(target::array);
  list.items = to(target::string);
  CHECK(cast("1", list) == R"(["1"])");
  CHECK(cast(R"([ 1 , "b", null ])", list) == R"([ "1" , "b", "None" ])");
  CHECK(cast(R"(["b"])", list) == R"(["b"])");
  cast_rule object;
  object.fields = {{"a", to(target::number)}, {"b", std::make_shared<cast_rule>(list)}};
  CHECK(cast(R"({ "\u0061" : "1", "b":2 , "c":"3" })", object) == R"({ "\u0061" : 1.0, "b":["2"] , "c":"3" })");
  CHECK(cast(R"([{"a":"1"}])", object) == R"([{"a":"1"}])");
  object.to = target::string; // then there is nothing in it any more
  CHECK(cast(R"({"a":"1"})", object) == R"("{'a': '1'}")");
}
