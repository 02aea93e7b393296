#include "actors/core/records/record_steps.hpp"

#include "actors/core/slices/partition.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;

using path = std::vector<std::string>;

namespace {

std::string changed(page_fixture& f, std::string_view record, const std::vector<std::string_view>& ancestors = {}) {
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  auto result = steps.apply(record, ancestors);
  INFO((result ? "" : result.error().message));
  REQUIRE(result);
  REQUIRE(*result);
  return std::string{**result};
}

add_field addition(path where, std::string_view source, bool as_string = false) {
  return {std::move(where), parse_template(source), as_string};
}

} // namespace

TEST_CASE("added values are evaluated, or kept as text where the manifest says so") {
  page_fixture f;
  f.slice.partition = make_partition("id", "\"007\"", {});
  f.the_plan->config = language::value_dict{{"n", 5}};
  f.first().steps = {addition({"number"}, "{{ config.n }}"), addition({"text"}, "{{ config.n }}", true),
                     addition({"survey_id"}, "{{ stream_partition.id }}", true), addition({"literal"}, "x\"y")};
  CHECK(changed(f, "{}") == R"({"number":5,"text":"5","survey_id":"007","literal":"x\"y"})");
}

TEST_CASE("text in Python's notation becomes a value only where nothing is lost") {
  page_fixture f;
  f.first().steps = {addition({"x"}, "{{ record.v }}"), addition({"s"}, "{{ record.v }}", true)};
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

TEST_CASE("templates see the record as the steps before them left it") {
  page_fixture f;
  f.first().steps = {addition({"b"}, "{{ record.a + 1 }}"), addition({"c"}, "{{ record.b + 1 }}"), remove_field{{"a"}},
                     addition({"d"}, "{{ record.a }}", true)};
  CHECK(changed(f, R"({"a":1,"z":1.10})") == R"({"z":1.10,"b":2,"c":3,"d":""})");
}

TEST_CASE("ancestor fields are copied as they are, before the steps") {
  page_fixture f;
  f.first().ancestors = {{"page_id", {"id"}}, {"gone", {"x"}}};
  f.first().steps = {addition({"copy"}, "{{ record.page_id }}", true)};
  CHECK(changed(f, R"({"id":1})", {"\"p\\u0031\"", ""}) == R"({"id":1,"page_id":"p\u0031","copy":"p1"})");
}

TEST_CASE("the same steps take record after record") {
  page_fixture f;
  f.first().steps = {remove_field{{"a"}}, addition({"n"}, "{{ record.n * 2 }}")};
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  for (int i = 0; i < 20; ++i) {
    auto result = steps.apply("{\"a\":[1],\"n\":" + std::to_string(i) + "}", {});
    REQUIRE(result);
    CHECK(**result == "{\"n\":" + std::to_string(2 * i) + "}");
  }
}

TEST_CASE("an addition that cannot be made refuses the page with the record's position") {
  page_fixture f;
  f.first().steps = {add_field{{"a", "b"}, text_template::literal("1"), false}};
  auto told = f.refusal(R"({"data":[{"a":{}},{"a":"x"}]})");
  INFO(told);
  CHECK(contains(told, "record 2 of `data`"));
  CHECK(contains(told, "the field `a.b` cannot be added"));
}

TEST_CASE("records without steps are not touched") {
  page_fixture f;
  CHECK(record_steps{f.first(), *f.the_plan, f.slice, nullptr}.idle());
  f.first().ancestors = {{"page_id", {"id"}}};
  CHECK_FALSE(record_steps{f.first(), *f.the_plan, f.slice, nullptr}.idle());
  f.first().ancestors.clear();
  f.first().steps = {remove_field{{"a"}}};
  CHECK_FALSE(record_steps{f.first(), *f.the_plan, f.slice, nullptr}.idle());
}

TEST_CASE("steps change only the bytes that they are about") {
  page_fixture f;
  f.first().steps = {remove_field{{"b"}}, addition({"n"}, "{{ record.a }}")};
  CHECK(changed(f, R"({ "a" : 1.10e0 , "b" : 2, "c" : "\u0061" , "d":[ 1 ,2 ]})")
        == R"({ "a" : 1.10e0, "c" : "\u0061" , "d":[ 1 ,2 ],"n":1.1})");
}

TEST_CASE("steps are equal if they do the same, and say what that is") {
  using step = record_step;
  const std::vector<step> all{addition({"a"}, "{{ 1 }}"), addition({"a"}, "{{ 1 }}", true),
                              addition({"b"}, "{{ 1 }}"), addition({"a"}, "{{ 2 }}"),
                              step{remove_field{{"a"}}},  step{remove_field{{"a", "b"}}}};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t k = 0; k < all.size(); ++k)
      CHECK((all[i] == all[k]) == (i == k));
  CHECK(std::get<add_field>(all[0]).description() == "with a = {{ 1 }}");
  CHECK(std::get<remove_field>(all[5]).description() == "without a.b");
}

namespace {

/// Which of the values 1 to 3 of `n` a filter keeps.
std::string kept(page_fixture& f) {
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  std::string result;
  for (const char* n : {"1", "2", "3"}) {
    auto left = steps.apply(std::string{"{\"n\":"} + n + "}", {});
    INFO((left ? "" : left.error().message));
    REQUIRE(left);
    result += *left ? n : "-";
  }
  return result;
}

} // namespace

TEST_CASE("a filter keeps the records for which its condition is true") {
  page_fixture f;
  f.slice.partition = make_partition("id", "2", {});
  f.the_plan->config = language::value_dict{{"least", 2}};
  struct row {
    const char* condition;
    const char* kept;
  };
  auto r = GENERATE(values<row>({
    {"{{ record.n >= config.least }}", "-23"},
    {"{{ record['n'] == stream_partition.id }}", "-2-"},
    {"{{ record.n == stream_slice['id'] }}", "-2-"},
    {"{{ record.n in [1, 3] }}", "1-3"},
    {"{{ config.least == 2 }}", "123"},
    {"{{ config.least == 3 }}", "---"},
    {"{{ record.n - 1 }}", "-23"},    // 0 is false
    {"{{ record.gone }}", "---"},     // nothing is false
    {"{{ record.gone.far }}", "---"}, // and so is what cannot be read
    {"kept", "123"},                  // a text is true
  }));
  INFO(r.condition);
  f.first().steps = {record_filter{parse_condition(r.condition)}};
  CHECK(kept(f) == r.kept);
}

TEST_CASE("a filter without a condition drops every record") {
  page_fixture f;
  f.first().steps = {record_filter{}};
  CHECK(kept(f) == "---");
}

TEST_CASE("a filter sees what the steps before it made, and keeps from those behind it what it drops") {
  page_fixture f;
  f.first().steps = {addition({"m"}, "{{ record.n * 10 }}"), record_filter{parse_condition("{{ record.m > 10 }}")},
                     remove_field{{"n"}}};
  CHECK(kept(f) == "-23");
  CHECK(f.records(R"({"data":[{"n":1},{"n":2}]})") == std::vector<std::string>{R"({"m":20})"});
}

TEST_CASE("what a filter drops is no parent, and counts as a record of the page") {
  page_fixture f;
  f.add_child({"n"}, "n");
  f.first().steps = {record_filter{parse_condition("{{ record.n == 2 }}")}};
  auto page = f.cut(R"({"data":[{"n":1},{"n":2},{"n":3}]})");
  REQUIRE(page);
  CHECK(page->records == 1);
  CHECK(page->extracted == 3);
  REQUIRE(page->parents.size() == 1);
  CHECK(page->parents[0].size() == 1);
}

TEST_CASE("filters are equal if they ask the same, and say what that is") {
  const record_step one = record_filter{parse_condition("{{ record.n }}")};
  CHECK(one == record_step{record_filter{parse_condition("{{ record.n }}")}});
  CHECK_FALSE(one == record_step{record_filter{parse_condition("{{ record.m }}")}});
  CHECK_FALSE(one == record_step{record_filter{}});
  CHECK(std::get<record_filter>(one).description() == "where {{ record.n }}");
}
