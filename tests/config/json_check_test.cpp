#include "config/json_check.hpp"

#include "config/language/value.hpp"
#include "config/raw_json.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"

#include <string>

using namespace sluice;

namespace {

std::string nested(unsigned depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST_CASE("valid JSON has no fault, also with integers beyond 64 bits") {
  for (std::string text : {"{}", " [1, 2.50, -0.0, 1e300, 123456789012345678901234567890] ", "null",
                           "\"\\ud83d\\ude00\"", "{\"a\":{\"b\":[true,false,null]}}"}) {
    CAPTURE(text);
    CHECK(find_json_fault(text).value_or("") == "");
  }
  CHECK_FALSE(find_json_fault(nested(max_file_json_depth)));
}

TEST_CASE("a fault is named with its line and column, without any of the text") {
  auto fault = [](std::string_view text) { return find_json_fault(text).value_or("none"); };
  CHECK(fault("{\"token\":\"secret") == "it ends before the JSON document is complete (line 1, column 17)");
  CHECK(fault("{\"a\": 1,\n \"b\" 2}") == "it has an object key without `:` (line 2, column 6)");
  CHECK(fault("{} {}") == "it goes on after the end of the JSON document (line 1, column 4)");
  CHECK(fault(nested(max_file_json_depth + 1)).starts_with("it is nested too deeply (more than 256 levels)"));
  CHECK(fault({"{}\0x", 4}) == "it goes on after the end of the JSON document (line 1, column 3)");
  // Too large by its digits, not by its exponent alone; what is too small is 0.
  CHECK(fault("[1234e308]") == "it has a number that is too large (line 1, column 2)");
  CHECK(fault("[-" + std::string(400, '9') + "]") == "it has a number that is too large (line 1, column 2)");
  CHECK(fault("[-1.0e-400, 1.7976931348623157e308]") == "none");
  for (std::string text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "{a:1}",
                           "[01]",
                           "[1.]",
                           "[.5]",
                           "[+1]",
                           "[-]",
                           "[1e]",
                           "[1e400]",
                           "[NaN]",
                           "[Infinity]",
                           "[tru]",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"\\ud800x\"",
                           "\"\\ud800\\n\"",
                           "\"\\ud800\\ud800\"",
                           "\"\\udc00\\ud800\"",
                           "\"a\nb\"",
                           "// c\n{}",
                           "{'a':1}",
                           "\"\xff\""}) {
    CAPTURE(text);
    CHECK(find_json_fault(text).has_value());
  }
}

TEST_CASE("deep nesting is refused without deep recursion") {
  CHECK(find_json_fault(std::string(1000000, '[')).has_value());
  std::string objects;
  for (auto i = 0; i < 100000; ++i)
    objects += "{\"a\":";
  CHECK(find_json_fault(objects).has_value());
}

TEST_CASE("members and elements keep their text, apart from white space around them") {
  using members = std::vector<std::pair<std::string, std::string>>;
  CHECK(raw_members(R"( { "a" : 1.0 , "\u0062" : { "x" : [ 1 ] } , "a\"" : "s" } )")
        == members{{"a", "1.0"}, {"b", "{ \"x\" : [ 1 ] }"}, {"a\"", "\"s\""}});
  CHECK(raw_members(R"({"a":1,"b":2,"a":3})") == members{{"a", "3"}, {"b", "2"}});
  CHECK(raw_members("[1]").empty());
  CHECK(raw_members("3").empty());
  CHECK(raw_elements(R"([1e300, 123456789012345678901234567890 ,null,"x",[],{}])")
        == std::vector<std::string>{"1e300", "123456789012345678901234567890", "null", "\"x\"", "[]", "{}"});
  CHECK(raw_elements("{}").empty());
  CHECK(minified(" { \"a b\" : [ 1.0 ,\n 2 ] } ") == R"({"a b":[1.0,2]})");
}

TEST_CASE("what has no fault can be parsed, whatever the bytes") {
  CHECK(rc::check("random and mutated JSON never crashes anything", [] {
    std::string sample = R"({"a":[1,2.5,"x\u20acy",{"b":null}],"c":{"d":true,"e":-1e10}})";
    auto text = *rc::gen::oneOf(test::random_bytes(), test::mutations_of(sample));
    auto fault = find_json_fault(text);
    if (!fault)
      RC_ASSERT(language::parse_json(text).has_value());
    raw_members(text);
    raw_elements(text);
  }));
}
