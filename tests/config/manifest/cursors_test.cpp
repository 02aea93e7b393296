// Cursors, compiled.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <chrono>
#include <string>
#include <variant>
#include <vector>

using namespace sluice;
using namespace sluice::testing;
using namespace std::chrono_literals;

namespace {

using language::instant;
using language::value;
using language::value_dict;

instant day(int year, unsigned month, unsigned d) {
  return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(d)};
}

std::string with_cursor(const std::string& cursor, std::string text = std::string{small_manifest}) {
  return with("    schema_loader:\n", "    incremental_sync: " + cursor + "\n    schema_loader:\n", std::move(text));
}

expected<plan> compiled(const std::string& yaml) {
  compile_input in;
  in.config = value{value_dict{{"url", "http://127.0.0.1:8080/api"}, {"period", "WEEK"}, {"first", 7}}};
  in.now = day(2024, 3, 20) + 15h;
  in.streams = {{"parents", "", true, ""}};
  return compile_plan(*load(yaml), in);
}

datetime_cursor cursor_of(const std::string& cursor) {
  auto p = compiled(with_cursor(cursor));
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p);
  return p->endpoints.at(0).cursor.value();
}

std::string refusal(const std::string& cursor) {
  auto p = compiled(with_cursor(cursor));
  REQUIRE_FALSE(p);
  return p.error().message;
}

std::vector<std::string> steps_of(const std::string& cursor, const std::string& selector = {}) {
  auto yaml = with("field_path: [data]", "field_path: [data]\n" + selector);
  yaml = with("    schema_loader:\n",
              "    transformations: [{type: RemoveFields, field_pointers: [[a]]}]\n    schema_loader:\n", yaml);
  auto p = compiled(with_cursor(cursor, yaml));
  INFO((p ? std::string{} : p.error().message));
  REQUIRE(p);
  std::vector<std::string> result;
  for (const auto& step : p->endpoints.at(0).outputs.at(0).steps)
    result.push_back(std::visit([](const auto& x) { return x.description(); }, step));
  return result;
}

std::string dates(const std::string& more) {
  return "{cursor_field: at, datetime_format: '%Y-%m-%d', start_datetime: '2024-01-10', " + more + "}";
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a clamped cursor ends with the last whole period") {
  struct row {
    const char* clamping;
    window_clamp clamp;
    instant end;
  };
  using period = window_clamp::period;
  const auto r = GENERATE(values<row>({
    {"{target: DAY}", {period::day}, day(2024, 3, 20)},
    {"{target: '{{ config.period }}', target_details: {weekday: TUESDAY}}",
     {period::week, std::chrono::Tuesday},
     day(2024, 3, 19)},
    {"{target: MONTH}", {period::month}, day(2024, 3, 1)},
  }));
  CAPTURE(r.clamping);
  const auto plain = cursor_of(dates(std::string{"clamping: "} + r.clamping));
  CHECK(plain.clamp == r.clamp);
  CHECK(plain.start == day(2024, 1, 10));
  CHECK(plain.end == r.end);
  CHECK(cursor_of(dates(std::string{"step: P30D, cursor_granularity: PT1S, clamping: "} + r.clamping)).end
        == r.end - 1s);
}

TEST_CASE("a clamp that is none is refused with its place") {
  CHECK(
    contains(refusal(dates("clamping: {target: YEAR}")), "clamping.target: must be DAY, WEEK or MONTH, but is 'YEAR'"));
  for (const auto* details :
       {"", ", target_details: {}", ", target_details: {weekday: FREEDAY}", ", target_details: {weekday: 1}"})
    CHECK(contains(refusal(dates(std::string{"clamping: {target: WEEK"} + details + "}")),
                   "target_details: WEEK needs a weekday"));
}

TEST_CASE("periods begin and end as in the reference") {
  using period = window_clamp::period;
  const window_clamp days{period::day};
  CHECK(days.ceiling(day(2024, 2, 28)) == day(2024, 2, 28));
  CHECK(days.ceiling(day(2024, 2, 28) + 1us) == day(2024, 2, 29));
  CHECK(days.floor(day(2024, 2, 29) + 23h) == day(2024, 2, 29));
  CHECK(days.floor(instant{-1us}) == day(1969, 12, 31));
  const window_clamp weeks{period::week, std::chrono::Sunday};
  CHECK(weeks.ceiling(day(2024, 1, 6) + 5h) == day(2024, 1, 7));
  CHECK(weeks.ceiling(day(2024, 1, 7) + 5h) == day(2024, 1, 7)); // the week has begun
  CHECK(weeks.ceiling(day(2024, 1, 8)) == day(2024, 1, 14));
  CHECK(weeks.floor(day(2024, 1, 13) + 5h) == day(2024, 1, 7));
  CHECK(weeks.floor(day(2024, 1, 7)) == day(2024, 1, 7));
  const window_clamp months{period::month};
  CHECK(months.ceiling(day(2024, 1, 1) + 5h) == day(2024, 1, 1));
  CHECK(months.ceiling(day(2023, 12, 31)) == day(2024, 1, 1));
  CHECK(months.floor(day(2024, 2, 29) + 23h) == day(2024, 2, 1));
}

TEST_CASE("what is known is dropped last by default, before the manifest's own filter") {
  const auto client_side = dates("is_client_side_incremental: true");
  const std::string filter = "        record_filter: {condition: '{{ record.a }}'}\n";
  CHECK(steps_of(client_side) == texts{"without a", "newer than the state"});
  CHECK(steps_of(client_side, filter) == texts{"without a", "newer than the state", "where {{ record.a }}"});
  CHECK(steps_of(client_side, filter + "        transform_before_filtering: false\n")
        == texts{"newer than the state", "where {{ record.a }}", "without a"});
  CHECK(steps_of(client_side, "        record_filter: {type: RecordFilter}\n")
        == texts{"without a", "newer than the state"});
  // A feed drops it behind the paginator.
  CHECK(steps_of(dates("is_client_side_incremental: true, is_data_feed: true"), filter)
        == texts{"without a", "where {{ record.a }}"});
  CHECK(steps_of(dates("is_data_feed: true"), filter) == texts{"where {{ record.a }}", "without a"});
  CHECK(cursor_of(dates("is_data_feed: true")).is_feed);
  CHECK(cursor_of(dates("is_compare_strictly: true")).without_points);
}

TEST_CASE("a cursor that counts has numbers for moments, and no end") {
  const auto c = cursor_of(
    "{type: IncrementingCountCursor, cursor_field: id, start_value: '{{ config.first }}', start_value_option: "
    "{inject_into: request_parameter, field_name: since}}");
  CHECK(c.counts);
  CHECK(c.cursor_field == "id");
  CHECK(c.start == instant{7us});
  CHECK(c.end == instant::max());
  CHECK(c.start_name == "start");
  CHECK(c.start_option == request_option{inject_into::parameter, "since"});
  CHECK(cursor_of("{type: IncrementingCountCursor, cursor_field: id}").start == instant{0us});
  CHECK(contains(refusal("{type: IncrementingCountCursor, cursor_field: id, start_value: many}"),
                 "start_value: must be a whole number"));
}

TEST_CASE("a cursor that counts stands beside no router") {
  compile_input in;
  in.config = value{value_dict{{"url", "http://127.0.0.1:8080/api"}}};
  in.streams = {{"children", "", true, ""}};
  auto p = compile_plan(
    *load(with("      schema: {type: object}\n", "      schema: {type: object}\n    incremental_sync: {type: "
                                                 "IncrementingCountCursor, cursor_field: id}\n")),
    in);
  REQUIRE_FALSE(p);
  CHECK(contains(p.error().message,
                 "streams[1].incremental_sync: an IncrementingCountCursor cannot stand beside a partition_router"));
}
