#include "actors/core/records/field_changes.hpp"

#include "tests/actors/core/records/page_fixture.hpp"

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
    {R"({"a":[1, 2 ,3]})", {"a", "1"}, R"({"a":[1 ,3]})"},
    {R"({"a":[1,2,3],"b":0})", {"a", "*"}, R"({"a":[],"b":0})"},
    {R"({"a":"}\"],","b":1})", {"b"}, R"({"a":"}\"],"})"},
  }));
  std::string out;
  append_without(out, r.record, r.what);
  CHECK(out == r.expected);
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
    {"", {"0", "b"}, "1", R"({"0":{"b":1}})"},
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
    append_without(without, with, {"new"});
    RC_ASSERT(without == record);
  }));
}
