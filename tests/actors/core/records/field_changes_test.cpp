#include "actors/core/records/field_changes.hpp"

#include "actors/core/slices/partition.hpp"

#include "tests/actors/core/records/page_fixture.hpp"

#include <memory>
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

namespace {

std::string changed(page_fixture& f, std::string_view record, const std::vector<std::string_view>& ancestors = {}) {
  field_changer changer{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  auto result = changer.apply(record, ancestors);
  INFO((result ? "" : result.error().message));
  REQUIRE(result);
  return std::string{*result};
}

field_change addition(path where, std::string_view source, bool as_string = false) {
  return {field_change::kind::add, std::move(where), parse_template(source), as_string};
}

} // namespace

TEST_CASE("added values are evaluated, or kept as text where the manifest says so") {
  page_fixture f;
  f.slice.partition = make_partition("id", "\"007\"", {});
  f.the_plan->config = language::value_dict{{"n", 5}};
  f.first().changes = {addition({"number"}, "{{ config.n }}"), addition({"text"}, "{{ config.n }}", true),
                       addition({"survey_id"}, "{{ stream_partition.id }}", true), addition({"literal"}, "x\"y")};
  CHECK(changed(f, "{}") == R"({"number":5,"text":"5","survey_id":"007","literal":"x\"y"})");
}

TEST_CASE("text in Python's notation becomes a value only where nothing is lost") {
  page_fixture f;
  f.first().changes = {addition({"x"}, "{{ record.v }}"), addition({"s"}, "{{ record.v }}", true)};
  struct row {
    const char* value;
    const char* evaluated;
    const char* kept;
  };
  auto r = GENERATE(values<row>({
    {R"("35E87645934406417")", R"("35E87645934406417")", R"("35E87645934406417")"},
    {R"("nan")", R"("nan")", R"("nan")"},
    {R"("0.12345678901234567890")", R"("0.12345678901234567890")", R"("0.12345678901234567890")"},
    {R"("1e5")", "100000.0", R"("1e5")"},
    {R"("00123")", R"("00123")", R"("00123")"},
    {R"("12345678901234567890")", "12345678901234567890", R"("12345678901234567890")"},
    {"12345678901234567890", "12345678901234567890", R"("12345678901234567890")"},
    {"[98765432109876543210]", "[98765432109876543210]", R"("[98765432109876543210]")"},
    {R"("\"q\"")", R"("q")", R"("q")"},
    {R"("'q' 'r'")", R"("qr")", R"("qr")"},
    {"null", "null", R"("None")"},
    {"[1]", "[1]", R"("[1]")"},
  }));
  const std::string record = std::string{R"({"v":)"} + r.value;
  CHECK(changed(f, record + "}") == record + R"(,"x":)" + r.evaluated + R"(,"s":)" + r.kept + "}");
}

TEST_CASE("templates see the record as the changes before them left it") {
  page_fixture f;
  f.first().changes = {addition({"b"}, "{{ record.a + 1 }}"),
                       addition({"c"}, "{{ record.b + 1 }}"),
                       {field_change::kind::remove, {"a"}, {}, false},
                       addition({"d"}, "{{ record.a }}", true)};
  CHECK(changed(f, R"({"a":1,"z":1.10})") == R"({"z":1.10,"b":2,"c":3,"d":""})");
}

TEST_CASE("ancestor fields are copied as they are, before the changes") {
  page_fixture f;
  f.first().ancestors = {{"page_id", {"id"}}, {"gone", {"x"}}};
  f.first().changes = {addition({"copy"}, "{{ record.page_id }}", true)};
  CHECK(changed(f, R"({"id":1})", {"\"p\\u0031\"", ""}) == R"({"id":1,"page_id":"p\u0031","copy":"p1"})");
}

TEST_CASE("a changer can be used for many records") {
  page_fixture f;
  f.first().changes = {{field_change::kind::remove, {"a"}, {}, false}, addition({"n"}, "{{ record.n * 2 }}")};
  field_changer changer{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  for (int i = 0; i < 20; ++i) {
    auto result = changer.apply("{\"a\":[1],\"n\":" + std::to_string(i) + "}", {});
    REQUIRE(result);
    CHECK(*result == "{\"n\":" + std::to_string(2 * i) + "}");
  }
}

TEST_CASE("an addition that cannot be made refuses the page with the record's position") {
  page_fixture f;
  f.first().changes = {{field_change::kind::add, {"a", "b"}, text_template::literal("1"), false}};
  auto told = f.refusal(R"({"data":[{"a":{}},{"a":"x"}]})");
  INFO(told);
  CHECK(contains(told, "record 2 of `data`"));
  CHECK(contains(told, "the field `a.b` cannot be added"));
}
