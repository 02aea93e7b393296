#include "actors/core/records/record_expander.hpp"

#include "tests/actors/core/records/page_fixture.hpp"

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using texts = std::vector<std::string>;

record_expansion of(texts path) {
  record_expansion result;
  result.path = std::move(path);
  return result;
}

texts expanded(const record_expansion& how, std::string_view record) {
  record_expander expander{how};
  texts result;
  const auto problem = expander.run(record, [&](std::string_view, std::string_view made) {
    result.emplace_back(made);
    return true;
  });
  if (!problem.empty())
    result.push_back("problem: " + problem);
  return result;
}

} // namespace

TEST_CASE("the elements of all lists that a path leads to come in the record's order", "[record_expander]") {
  struct row {
    texts path;
    const char* record;
    texts elements;
  };
  const auto r = GENERATE(values<row>({
    {{"a"}, R"({"a":[{"x":1},{"x":2}]})", {R"({"x":1})", R"({"x":2})"}},
    {{"a"}, R"({"a":[1,[2],null]})", {"1", "[2]", "null"}},
    {{"a"}, R"({"a":{"x":1}})", {}},
    {{"a"}, R"({"a":null,"b":[1]})", {}},
    {{"a", "b"}, R"({"a":{"b":[1,2]},"b":[3]})", {"1", "2"}},
    {{"a", "*", "b"}, R"({"a":{"x":{"b":[1]},"y":{"b":2},"z":{"b":[3]}}})", {"1", "3"}},
    {{"a", "1"}, R"({"a":[[1],[2]]})", {"2"}},
  }));
  CAPTURE(r.path, r.record);
  CHECK(expanded(of(r.path), r.record) == r.elements);
}

TEST_CASE("elements get of the record around what the manifest says", "[record_expander]") {
  auto how = of({"p", "l"});
  const std::string record = R"({"id":1,"p":{"n":2,"l":[{"a":1,"id":9},7]},"z":[{"l":[3]}]})";
  SECTION("its fields") {
    how.merges_parent = true;
    CHECK(
      expanded(how, record)
      == texts{R"({"id":9,"p":{"n":2},"z":[{"l":[3]}],"a":1})", R"({"id":1,"p":{"n":2},"z":[{"l":[3]}],"value":7})"});
  }
  SECTION("single values, null if it has none, at any place") {
    how.parent_fields = {{{"p", "n"}, {"a"}}, {{"no"}, {"b", "c"}}, {{"z", "0"}, {"b", "d"}}};
    CHECK(
      expanded(how, record)
      == texts{R"({"a":2,"id":9,"b":{"c":null,"d":{"l":[3]}}})", R"({"value":7,"a":2,"b":{"c":null,"d":{"l":[3]}}})"});
  }
  SECTION("it itself") {
    how.embeds_parent = true;
    CHECK(expanded(how, record)
          == texts{R"({"a":1,"id":9,"original_record":)" + record + "}",
                   R"({"value":7,"original_record":)" + record + "}"});
  }
  SECTION("not at a place in a value that is no object") {
    how.parent_fields = {{{"id"}, {"a", "b"}}};
    CHECK(contains(expanded(how, record).at(0), "problem: "));
  }
}

TEST_CASE("lists are taken out wherever they are, with their commas", "[record_expander]") {
  auto how = of({"a", "*"});
  how.merges_parent = true;
  CHECK(expanded(how, R"({"a":[[1],2,[3]],"b":4})")
        == texts{R"({"a":[2],"b":4,"value":1})", R"({"a":[2],"b":4,"value":3})"});
  CHECK(expanded(how, R"({"a":{"x":[{"c":1}],"y":5}})") == texts{R"({"a":{"y":5},"c":1})"});
  CHECK(expanded(how, R"({"a":{"x":[{"c":1}]}})") == texts{R"({"a":{},"c":1})"});
  how = of({"l"});
  how.merges_parent = true;
  CHECK(expanded(how, R"({"l":[{"a":1}]})") == texts{R"({"a":1})"});
}

TEST_CASE("a record without elements stays if the manifest says so", "[record_expander]") {
  auto how = of({"l"});
  how.keeps_childless = true;
  how.embeds_parent = true;
  for (const auto* record : {R"({"l":[]})", "{}", R"({"l":{}})"})
    CHECK(expanded(how, record) == texts{record});
}

TEST_CASE("a record says that its lists are cut short", "[record_expander]") {
  auto how = of({"l"});
  CHECK_FALSE(record_expander{how}.is_truncated(R"({"more":true})"));
  how.truncation_mark = {"l", "more"};
  CHECK(record_expander{how}.is_truncated(R"({"l":{"more":1}})"));
  for (const auto* record : {R"({"l":{"more":false}})", R"({"l":{"more":""}})", R"({"l":7})", "{}"})
    CHECK_FALSE(record_expander{how}.is_truncated(record));
}

TEST_CASE("expanded records are counted, changed, printed and parents like others", "[record_expander]") {
  page_fixture f;
  f.first().expansion = of({"l"});
  f.add_child({"a"}, "id");
  f.endpoint().needs_last_record = true;
  const auto page = R"({"data":[{"l":[{"a":1},{"a":2}]},{"l":[]},{"l":[{"a":3}]}]})";
  SECTION("as they are") {
    CHECK(f.records(page) == texts{R"({"a":1})", R"({"a":2})", R"({"a":3})"});
  }
  SECTION("with steps") {
    f.first().steps
      = {record_filter{parse_condition("{{ record.a != 2 }}")}, add_field{{"b"}, parse_template("{{ record.a }}")}};
    CHECK(f.records(page) == texts{R"({"a":1,"b":1})", R"({"a":3,"b":3})"});
  }
  auto cut = f.cut(page);
  REQUIRE(cut);
  CHECK(cut->extracted == 3);
  CHECK(cut->last_record.starts_with(R"({"a":3)"));
  REQUIRE(cut->parents.at(0).size() == cut->records);
  CHECK(cut->parents[0].back().key == "3");
}

TEST_CASE("an element that is no object refuses its page", "[record_expander]") {
  page_fixture f;
  f.first().expansion = of({"l"});
  CHECK(contains(f.refusal(R"({"data":[{"l":[{}]},{"l":[{},5]}]})"),
                 "an element of `l` in record 2 of `data` is a number"));
  f.first().expansion->parent_fields = {{{"id"}, {"a", "b"}}};
  CHECK(contains(f.refusal(R"({"data":[{"id":1,"l":[{"a":1}]}]})"), "cannot be put into its elements"));
}
