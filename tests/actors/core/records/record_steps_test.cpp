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
  std::string line = "> ";
  (*result)->append_to(line);
  CHECK(line == "> " + std::string{(*result)->text()});
  CHECK((*result)->text().size() <= (*result)->size());
  return std::string{(*result)->text()};
}

/// The message with which the steps refuse a record.
std::string refused(page_fixture& f, std::string_view record) {
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  auto result = steps.apply(record, {});
  REQUIRE_FALSE(result);
  return result.error().message;
}

constexpr auto any = value_kind::any;
constexpr auto string = value_kind::string;

add_field addition(path where, std::string_view source, value_kind kind = any) {
  return {std::move(where), parse_template(source), kind};
}

} // namespace

TEST_CASE("added values are evaluated, or kept as text where the manifest says so") {
  page_fixture f;
  f.slice.partition = make_partition("id", "\"007\"", {});
  f.the_plan->config = language::value_dict{{"n", 5}};
  f.first().steps = {addition({"number"}, "{{ config.n }}"), addition({"text"}, "{{ config.n }}", string),
                     addition({"survey_id"}, "{{ stream_partition.id }}", string), addition({"literal"}, "x\"y")};
  CHECK(changed(f, "{}") == R"({"number":5,"text":"5","survey_id":"007","literal":"x\"y"})");
}

TEST_CASE("text in Python's notation becomes a value only where nothing is lost") {
  page_fixture f;
  f.first().steps = {addition({"x"}, "{{ record.v }}"), addition({"s"}, "{{ record.v }}", string)};
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
                     addition({"d"}, "{{ record.a }}", string)};
  CHECK(changed(f, R"({"a":1,"z":1.10})") == R"({"z":1.10,"b":2,"c":3,"d":""})");
}

TEST_CASE("ancestor fields are copied as they are, before the steps") {
  page_fixture f;
  f.first().ancestors = {{"page_id", {"id"}}, {"gone", {"x"}}};
  f.first().steps = {addition({"copy"}, "{{ record.page_id }}", string)};
  CHECK(changed(f, R"({"id":1})", {"\"p\\u0031\"", ""}) == R"({"id":1,"page_id":"p\u0031","copy":"p1"})");
}

TEST_CASE("the same steps take record after record") {
  page_fixture f;
  f.first().steps = {remove_field{{"a"}}, addition({"n"}, "{{ record.n * 2 }}")};
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  for (int i = 0; i < 20; ++i) {
    const auto record = "{\"a\":[1],\"n\":" + std::to_string(i) + "}";
    auto result = steps.apply(record, {});
    REQUIRE(result);
    CHECK((*result)->text() == "{\"n\":" + std::to_string(2 * i) + "}");
  }
}

TEST_CASE("an addition that cannot be made refuses the page with the record's position") {
  page_fixture f;
  f.first().steps = {add_field{{"a", "b"}, text_template::literal("1")}};
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
  const std::vector<step> all{addition({"a"}, "{{ 1 }}"), addition({"a"}, "{{ 1 }}", string),
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

TEST_CASE("a value that is not of the kind that is wanted stays the text that was rendered") {
  page_fixture f;
  f.first().steps
    = {addition({"n"}, "{{ record.v }}", value_kind::number), addition({"i"}, "{{ record.v }}", value_kind::integer),
       addition({"b"}, "{{ record.v }}", value_kind::boolean)};
  struct row {
    const char* value;
    const char* added;
  };
  auto r = GENERATE(values<row>({
    {"5", R"("n":"5","i":5,"b":"5")"},
    {"5.5", R"("n":5.5,"i":"5.5","b":"5.5")"},
    {"true", R"("n":"True","i":true,"b":true)"},
    {R"("7")", R"("n":"7","i":7,"b":"7")"},
    {R"("1e5")", R"("n":100000.0,"i":"1e5","b":"1e5")"},
    {R"("x")", R"("n":"x","i":"x","b":"x")"},
    {"null", R"("n":"None","i":"None","b":"None")"},
    {"[1]", R"("n":"[1]","i":"[1]","b":"[1]")"},
  }));
  const std::string record = std::string{R"({"v":)"} + r.value;
  CHECK(changed(f, record + "}") == record + "," + r.added + "}");
}

TEST_CASE("a field is added where its condition holds, which sees the value and the path") {
  auto when = [](std::string_view source) {
    auto parsed = condition::parse(source, {"record", "value", "path", "config", "parameters"});
    REQUIRE(parsed);
    return *parsed;
  };
  page_fixture f;
  add_field a{{"a"}, parse_template("{{ record.n * 2 }}"), any, when("{{ record.n > 1 }}")};
  add_field b{{"b", "c"}, text_template::literal("1"), any, when("{{ value == 1 and path == ['b', 'c'] }}")};
  add_field c{{"c"},
              text_template::literal("x"),
              string,
              when("{{ value == 'x' and parameters.p == record.n }}").with_parameters(language::value_dict{{"p", 2}})};
  f.first().steps = {a, b, c};
  CHECK(changed(f, R"({"n":1})") == R"({"n":1,"b":{"c":1}})");
  CHECK(changed(f, R"({"n":2})") == R"({"n":2,"a":4,"b":{"c":1},"c":"x"})");
}

TEST_CASE("a stream without partitions and windows has none for its templates") {
  page_fixture f;
  f.first().steps = {addition({"a"}, "{{ stream_slice.id }}"), addition({"b"}, "{{ stream_partition['id'] }}"),
                     addition({"c"}, "{{ stream_interval.start_time or 'none' }}")};
  CHECK(changed(f, "{}") == R"({"a":"","b":"","c":"none"})");
}

TEST_CASE("templates see what a nested change made, and whole records as they have become") {
  page_fixture f;
  f.first().steps = {addition({"x"}, "{{ record.o.a }}"),          addition({"o", "a"}, "{{ record.o.a + 1 }}"),
                     addition({"y"}, "{{ record.o.a }}"),          addition({"size"}, "{{ record | length }}"),
                     addition({"sizes"}, "{{ record | length }}"), remove_field{{"o"}},
                     addition({"z"}, "{{ 'o' in record }}")};
  for (int i = 0; i < 3; ++i)
    CHECK(changed(f, R"({"o":{"a":1}})") == R"({"x":1,"y":2,"size":3,"sizes":4,"z":false})");
}

TEST_CASE("values go wherever the condition of a removal holds") {
  page_fixture f;
  auto predicate = condition::parse("{{ property == None }}", {"property"});
  REQUIRE(predicate);
  f.first().steps = {remove_values{*predicate}};
  CHECK(changed(f, R"({"a":null,"b":{"c":null,"d":[1,null,2]},"e":"x"})") == R"({"b":{"d":[1,null,2]},"e":"x"})");
  f.first().steps = {remove_values{*predicate, 2}};
  CHECK(changed(f, R"({"a":[null,null,null]})") == R"({"a":[null]})"); // each time, one at the end
}

TEST_CASE("keys are changed, values keep their bytes") {
  page_fixture f;
  const auto* record = R"({"A B":1.10,"c":{"D E":[{"F G":1}]},"Ä":"\u0041"})";
  f.first().steps = {keys_to_lower{}};
  CHECK(changed(f, record) == R"({"a b":1.10,"c":{"D E":[{"F G":1}]},"ä":"\u0041"})");
  f.first().steps = {keys_to_snake_case{}};
  CHECK(changed(f, record) == R"({"a_b":1.10,"c":{"d_e":[{"F G":1}]},"a":"\u0041"})");
  f.first().steps = {replace_in_keys{text_template::literal(" "), parse_template("{{ record.c | length }}")}};
  CHECK(changed(f, record) == R"({"A1B":1.10,"c":{"D1E":[{"F G":1}]},"Ä":"\u0041"})");
  f.first().steps = {keys_to_snake_case{}};
  CHECK(contains(refused(f, R"({"日本":1})"), "KeysToSnakeCase"));
}

TEST_CASE("the fields of an object become the record's own") {
  struct row {
    flatten_object step;
    const char* record;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {{{"a"}}, R"({"a":{"x":1,"y":{}},"b":2})", R"({"a":{"x":1,"y":{}},"b":2,"x":1,"y":{}})"},
    {{{"a"}, true}, R"({"a":{"x":1,"y":{}},"b":2})", R"({"b":2,"x":1,"y":{}})"},
    {{{"a"}, true, true}, R"({"a":{"x":1,"y":{}},"b":2})", R"({"x":1,"y":{}})"},
    {{{"a"}, true}, R"({"a":{"b":1,"y":{}},"b":2})", R"({"a":{"b":1,"y":{}},"b":2})"}, // one of that name is there
    {{{"a"}, true}, R"({"a":{"a":1}})", R"({"a":{"a":1}})"},
    {{{"a"}, true, false, "p_", "_s"}, R"({"a":{"a":1}})", R"({"p_a_s":1})"},
    {{{"a"}, true, true}, R"({"a":{},"b":1})", R"({"b":1})"},
    {{{"a", "b"}, true}, R"({"a":{"b":{"x":1},"c":2}})", R"({"a":{"c":2},"x":1})"},
    {{{"a", "*"}, true}, R"({"a":{"b":{"x":1},"c":{"z":2}}})", R"({"a":{},"x":1})"},
    {{{"a", "0"}}, R"({"a":[{"x":1}]})", R"({"a":[{"x":1}],"x":1})"},
    {{{"a"}}, R"({"a":[{"x":1}]})", R"({"a":[{"x":1}]})"},
    {{{"a"}}, R"({"b":1})", R"({"b":1})"},
    {{{"a"}, false, true, "", "\"q"}, R"({"a":{"\u0041":1}})", R"({"A\"q":1})"},
  }));
  page_fixture f;
  f.first().steps = {r.step};
  CHECK(changed(f, r.record) == r.expected);
  f.first().steps = {flatten_object{{"a?"}}};
  CHECK(contains(refused(f, R"({"ab":{},"ac":{}})"), "`a?` leads to several values"));
}

TEST_CASE("values are cast as the schema has them, after all other steps") {
  page_fixture f;
  auto number = std::make_shared<cast_rule>();
  number->to = cast_rule::target::number;
  auto record = std::make_shared<cast_rule>();
  record->fields = {{"a", number}, {"b", number}};
  f.first().steps = {addition({"b"}, "{{ record.a }}"), cast_types{record}};
  CHECK(changed(f, R"({"a":"5","\u0062":1,"c":"5"})") == R"({"a":5.0,"\u0062":5.0,"c":"5"})");
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  // Fields in another order, or others.
  for (const char* text : {R"({"a":"1","c":"2"})", R"({"c":"2","a":"1"})", R"({"c":"2"})"}) {
    auto result = steps.apply(text, {});
    REQUIRE(result);
    CHECK(contains((*result)->text(), R"("a":1.0)") == contains(text, "\"a\""));
    CHECK(contains((*result)->text(), R"("c":"2")"));
  }
}

namespace {

/// Whether a record of a slice that wants what lies between the seconds 10 and 20 is dropped as known.
bool drops(std::string_view record) {
  page_fixture f;
  auto& cursor = f.endpoint().cursor.emplace();
  cursor.cursor_field = "at";
  cursor.datetime_format = "%s";
  cursor.end = language::instant{std::chrono::seconds{20}};
  f.slice.unread_from_us = 10'000'000;
  f.first().steps = {drop_known{}};
  record_steps steps{f.first(), *f.the_plan, f.slice, std::make_shared<language::memory_budget>(1 << 20)};
  auto result = steps.apply(record, {});
  REQUIRE(result);
  return *result == nullptr;
}

} // namespace

TEST_CASE("records that are known, and those beyond the end, are dropped; those without a cursor are not") {
  CHECK(drops(R"({"at":9})"));
  CHECK_FALSE(drops(R"({"at":10})"));
  CHECK_FALSE(drops(R"({"at":"20"})"));
  CHECK(drops(R"({"at":21})"));
  for (const auto* record : {"{}", R"({"at":null})", R"({"at":"soon"})", R"({"b":{"at":9}})"})
    CHECK_FALSE(drops(record));
}
