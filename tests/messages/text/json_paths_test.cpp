#include "messages/text/json_paths.hpp"

#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;
using namespace sluice::test;

using path = std::vector<std::string>;

TEST_CASE("a removed field takes its comma along and leaves all other bytes") {
  struct row {
    const char* record;
    path what;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {R"({"a":1,"b":2,"c":3})", {"a"}, R"({"b":2,"c":3})"},
    {R"({"a":1,"b":2,"c":3})", {"b"}, R"({"a":1,"c":3})"},
    {R"({"a":1,"b":2,"c":3})", {"c"}, R"({"a":1,"b":2})"},
    {R"({"a":1})", {"a"}, R"({})"},
    {R"({ "a" : 1.10 , "b" : [ 1, 2 ] , "c" : {} })", {"b"}, R"({ "a" : 1.10 , "c" : {} })"},
    {R"({ "a" : 1 , "b" : 2 })", {"a"}, R"({"b" : 2 })"},
    {R"({"a":1})", {"x"}, R"({"a":1})"},
    {R"({})", {"x"}, R"({})"},
    {R"({"a":1,"b":2,"a":3})", {"a"}, R"({"b":2})"},
    {R"({"\u0061":1,"b":2})", {"a"}, R"({"b":2})"},
    {R"({"a":{"b":1,"c":2},"b":3})", {"a", "b"}, R"({"a":{"c":2},"b":3})"},
    {R"({"a":7,"b":3})", {"a", "b"}, R"({"a":7,"b":3})"},
    {R"({"a":{"x":{"b":1},"y":{"c":1,"b":2}}})", {"a", "*", "b"}, R"({"a":{"x":{},"y":{"c":1}}})"},
    {R"({"a":[{"b":1},{"b":2,"c":3},4]})", {"a", "*", "b"}, R"({"a":[{},{"c":3},4]})"},
    {R"({"a":"}\"],","b":1})", {"b"}, R"({"a":"}\"],"})"},
    // Of a list, only the last one goes; the others would move.
    {R"({"a":[1, 2 ,3]})", {"a", "1"}, R"({"a":[1, null ,3]})"},
    {R"({"a":[1, 2 ,3 ]})", {"a", "2"}, R"({"a":[1, 2 ]})"},
    {R"({"a":[1, 2 ,3]})", {"a", "-1"}, R"({"a":[1, 2]})"},
    {R"({"a":[1, 2 ,3]})", {"a", "-3"}, R"({"a":[null, 2 ,3]})"},
    {R"({"a":[1,2,3]})", {"a", "3"}, R"({"a":[1,2,3]})"},
    {R"({"a":[1,2,3],"b":0})", {"a", "*"}, R"({"a":[null,null],"b":0})"},
    // Patterns.
    {R"({"ab":1,"ac":2,"b":3})", {"a*"}, R"({"b":3})"},
    {R"({"ab":1,"ac":2,"b":3})", {"a[!b]"}, R"({"ab":1,"b":3})"},
    {R"({"a?":1,"ab":2})", {"a?"}, R"({})"},
    {R"({"\u0061b":1,"c":2})", {"?b"}, R"({"c":2})"},
    {R"({"[a]":1,"a":2})", {"[a]"}, R"({"[a]":1})"},
    {R"({"x":1,"a":{"x":2,"b":[{"x":3,"y":4}]}})", {"**", "x"}, R"({"a":{"b":[{"y":4}]}})"},
    {R"({"x":1,"a":{"x":2,"b":{"x":3}}})", {"a", "**", "x"}, R"({"x":1,"a":{"b":{}}})"},
    {R"({"x":1,"a":{"x":2}})", {"a", "**"}, R"({"x":1})"},
    {R"({"x":1,"a":{"x":2}})", {"**"}, R"({})"},
  }));
  std::string out = "> ";
  const bool changed = append_without(out, r.record, r.what);
  CHECK(changed == (std::string_view{r.record} != r.expected));
  CHECK(out == (changed ? "> " + std::string{r.expected} : "> "));
}

TEST_CASE("an added field replaces in place or comes last") {
  struct row {
    const char* record;
    path where;
    const char* value;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {R"({"a":1})", {"b"}, "2", R"({"a":1,"b":2})"},
    {R"({})", {"b"}, "2", R"({"b":2})"},
    {R"({ })", {"b"}, "2", R"({"b":2 })"},
    {R"({ "a" : 1 , "b" : 2 })", {"a"}, "\"x\"", R"({ "a" : "x" , "b" : 2 })"},
    {R"({ "a" : 1 })", {"b"}, "[1]", R"({ "a" : 1,"b":[1] })"},
    {R"({"a":1,"a":2})", {"a"}, "3", R"({"a":3,"a":3})"},
    {R"({"\u0061":1})", {"a"}, "3", R"({"\u0061":3})"},
    {R"({"a":{"x":1}})", {"a", "b"}, "2", R"({"a":{"x":1,"b":2}})"},
    {R"({"z":0})", {"a", "b", "c"}, "2", R"({"z":0,"a":{"b":{"c":2}}})"},
    {R"({"a":[{"b":1}]})", {"a", "0", "b"}, "2", R"({"a":[{"b":2}]})"},
    // Numbers make lists, as long as they have to be.
    {R"({"z":0})", {"a", "0", "b"}, "2", R"({"z":0,"a":[{"b":2}]})"},
    {R"({})", {"a", "2"}, "1", R"({"a":[null,null,1]})"},
    {R"({"a":[]})", {"a", "0"}, "1", R"({"a":[1]})"},
    {R"({"a":[ 7 ]})", {"a", "3", "b", "1"}, "1", R"({"a":[ 7,null,null,{"b":[null,1]} ]})"},
    {R"({"a":[7]})", {"a", "0"}, "1", R"({"a":[1]})"},
    {R"({"a":{"x":1}})", {"a", "0"}, "1", R"({"a":{"x":1,"0":1}})"},
    {R"({})", {"0", "00"}, "1", R"({"0":[1]})"},
    {R"({"a":1})", {"q\"\n"}, "null", R"({"a":1,"q\"\n":null})"},
  }));
  std::string out;
  CHECK(append_with(out, r.record, r.where, r.value).empty());
  CHECK(out == r.expected);
}

TEST_CASE("what is in the way of an added field is named") {
  std::string out;
  CHECK(contains(append_with(out, R"({"a":7})", {"a", "b"}, "1"), "is a number, not an object"));
  CHECK(contains(append_with(out, R"({"a":null})", {"a", "b"}, "1"), "is null"));
  CHECK(contains(append_with(out, R"({"a":[null]})", {"a", "0", "b"}, "1"), "is null"));
  CHECK(contains(append_with(out, R"({"a":[]})", {"a", "x"}, "1"), "is a list, not an object"));
}

TEST_CASE("adding a field and removing it again gives back the record") {
  CHECK(rc::check("round trip", [] {
    auto fields = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
    std::string record = "{";
    for (std::size_t i = 0; i < fields.size(); ++i) {
      record += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":" + std::to_string(fields[i]);
    }
    record += "}";
    std::string with;
    RC_ASSERT(append_with(with, record, {"new"}, "[1,{\"f0\":2}]").empty());
    std::string without;
    RC_ASSERT(append_without(without, with, {"new"}));
    RC_ASSERT(without == record);
  }));
}

TEST_CASE("a path may begin below the text at hand") {
  std::string out;
  CHECK(append_without(out, R"({"b":1,"c":2})", {"a", "b"}, 1));
  CHECK(append_with(out, R"({"c":2})", {"a", "b"}, "3", 1).empty());
  CHECK(append_with(out, "", {"a", "b", "0"}, "4", 1).empty());
  CHECK(out == R"({"c":2}{"c":2,"b":3}{"b":[4]})");
}

TEST_CASE("values are removed wherever they are, if somebody says so") {
  auto without = [](std::string_view text) {
    std::string out;
    return append_without_values(out, text, [](std::string_view x) { return x == "null" || x == "0"; }) ? out : "same";
  };
  CHECK(without(R"({"a":null,"b":{"c":0,"d":1},"e":[0,1,null],"f":[]})") == R"({"b":{"d":1},"e":[null,1],"f":[]})");
  CHECK(without(R"({"a":1})") == "same");
}

TEST_CASE("what a path leads to is found in the order of the text") {
  using texts = std::vector<std::string_view>;
  const std::string_view text = R"({"a":{"x":1,"y":[2,{"x":3}]},"b":{"x":4}})";
  CHECK(find_matches(text, {"*", "x"}, 9) == texts{"1", "4"});
  CHECK(find_matches(text, {"*", "x"}, 1) == texts{"1"});
  CHECK(find_matches(text, {"a", "y", "1", "x"}, 9) == texts{"3"});
  CHECK(find_matches(text, {"**", "x"}, 9) == texts{"1", "3", "4"});
  CHECK(find_matches(text, {"c"}, 9).empty());
  CHECK(find_matches("7", {"c"}, 9).empty());
}
