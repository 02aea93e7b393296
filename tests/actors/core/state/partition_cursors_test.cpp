#include "actors/core/state/partition_cursors.hpp"

#include "actors/core/slices/partition.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

instant at(std::string_view iso) {
  auto t = language::parse_iso8601(iso);
  REQUIRE(t.has_value());
  return t->instant;
}

datetime_cursor example_cursor() {
  datetime_cursor c;
  c.cursor_field = "ts";
  c.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  c.start = at("2024-01-01T00:00:00Z");
  c.end = at("2024-02-01T00:00:00Z");
  c.granularity = 1s;
  return c;
}

partition_cursors open(std::string_view state = "", partition_limits limits = {},
                       const datetime_cursor& c = example_cursor()) {
  auto opened = partition_cursors::open(c, "id", state, limits);
  INFO(state << ": " << (opened ? "" : opened.error().message));
  REQUIRE(opened.has_value());
  return *opened;
}

std::string refused(std::string_view state) {
  auto opened = partition_cursors::open(example_cursor(), "id", state);
  INFO(state);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == errc::bad_state);
  CHECK(opened.error().failure == failure_type::config_error);
  CHECK(opened.error().message.find("Nothing was read with it.") != std::string::npos);
  return opened.error().message;
}

std::string key(std::string_view id) {
  return partition_key(make_partition("id", "\"" + std::string{id} + "\"", {}));
}

/// Where the partition begins to read.
std::string begin_of(const partition_cursors& cursors, std::string_view id) {
  const auto windows = test::all(cursors.windows(key(id)));
  if (windows.empty())
    return "nowhere";
  return language::format_datetime(windows.front().lower, "%Y-%m-%dT%H:%M:%SZ").value();
}

void read_all(partition_cursors& cursors, std::string_view id, std::string_view newest) {
  for (const auto& w : test::all(cursors.windows(key(id))))
    cursors.close(key(id), w, newest.empty() ? std::nullopt : std::optional{at(newest)});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// As the reference writes it.
constexpr std::string_view two_partitions
  = R"({"use_global_cursor":false,"states":[{"partition":{"id":"a","parent_slice":{}},"cursor":{"ts":"2024-01-10T00:00:00Z"}},)"
    R"({"partition":{"id":"b","parent_slice":{}},"cursor":{"ts":"2024-01-05T00:00:00Z"}}],"state":{"ts":"2024-01-16T01:00:00Z"},)"
    R"("lookback_window":2,"parent_state":{}})";

} // namespace

// -- the reference's examples --------------------------------------------------

TEST_CASE("the state after the first close lists the partitions", "[partition_cursors]") {
  auto c = example_cursor();
  c.step = language::duration{0, std::chrono::days{10}};
  auto cursors = open("", {}, c);
  cursors.close(key("b"), test::all(cursors.windows(key("b")))[1],
                at("2024-01-12T00:00:00Z")); // its first window is open
  cursors.close(key("a"), test::all(cursors.windows(key("a")))[0], at("2024-01-01T01:00:00Z"));
  CHECK(
    cursors.state_json()
    == R"({"use_global_cursor":false,"states":[{"partition":{"id":"a","parent_slice":{}},"cursor":{"ts":"2024-01-01T01:00:00Z"}},)"
       R"({"partition":{"id":"b","parent_slice":{}},"cursor":{"ts":"2024-01-01T00:00:00Z"}}],"lookback_window":0})");
}

TEST_CASE("the state at the end has the newest value as its global cursor and the run's time as its lookback",
          "[partition_cursors]") {
  auto cursors = open();
  read_all(cursors, "a", "2024-01-16T01:00:00Z");
  read_all(cursors, "b", "2024-01-02T00:00:00Z");
  const auto state = cursors.final_state_json(true, 1001ms);
  CHECK(
    state
    == R"({"use_global_cursor":false,"states":[{"partition":{"id":"a","parent_slice":{}},"cursor":{"ts":"2024-01-16T01:00:00Z"}},)"
       R"({"partition":{"id":"b","parent_slice":{}},"cursor":{"ts":"2024-01-02T00:00:00Z"}}],"state":{"ts":"2024-01-16T01:00:00Z"},)"
       R"("lookback_window":"2","parent_state":{}})");
  const auto next = open(state);
  CHECK(begin_of(next, "a") == "2024-01-16T01:00:00Z");
  CHECK(begin_of(next, "b") == "2024-01-02T00:00:00Z");
  CHECK(begin_of(next, "new") == "2024-01-01T00:00:00Z");
  CHECK(next.state_json() == state);
}

TEST_CASE("in global mode the state at the end has no partitions", "[partition_cursors]") {
  auto cursors = open(R"({"use_global_cursor":true})");
  read_all(cursors, "a", "2024-01-16T01:00:00Z");
  CHECK(cursors.state_json() == R"({"use_global_cursor":true,"lookback_window":0})");
  CHECK(cursors.final_state_json(true, 1s)
        == R"({"use_global_cursor":true,"state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":1,"parent_state":{}})");
}

TEST_CASE("without partitions the state says so", "[partition_cursors]") {
  CHECK(open().final_state_json(true, 5s)
        == R"({"use_global_cursor":false,"states":[],"lookback_window":0,"parent_state":{}})");
}

// -- what a run may promise ----------------------------------------------------

TEST_CASE("with a failed partition global cursor and lookback stay as they came in", "[partition_cursors]") {
  auto cursors = open();
  read_all(cursors, "a", "2024-01-16T01:00:00Z");
  CHECK(
    cursors.final_state_json(false, 9s)
    == R"({"use_global_cursor":false,"states":[{"partition":{"id":"a","parent_slice":{}},"cursor":{"ts":"2024-01-16T01:00:00Z"}}],)"
       R"("lookback_window":0,"parent_state":{}})");
  auto later = open(two_partitions);
  read_all(later, "a", "2024-01-20T00:00:00Z");
  const auto state = later.final_state_json(false, 9s);
  CHECK(contains(state, R"("state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":2,)"));
  CHECK(begin_of(open(state), "a") == "2024-01-20T00:00:00Z");
  CHECK(begin_of(open(state), "b") == "2024-01-05T00:00:00Z");
}

TEST_CASE("the global cursor never moves back, and moments are compared, not texts", "[partition_cursors]") {
  auto c = example_cursor();
  c.datetime_format = "%d.%m.%Y";
  auto cursors = open(R"({"ts":"09.01.2024"})", {}, c);
  for (const auto& w : test::all(cursors.windows(key("a"))))
    cursors.close(key("a"), w, at("2024-01-10T00:00:00Z")); // as text "10.01.2024" comes after "09.01.2024"
  for (const auto& w : test::all(cursors.windows(key("b"))))
    cursors.close(key("b"), w, at("2024-01-02T00:00:00Z"));
  CHECK(contains(cursors.final_state_json(true, 1s), R"("state":{"ts":"10.01.2024"},"lookback_window":"1")"));
  auto february = open(R"({"ts":"31.01.2024"})", {}, c); // and "02.02.2024" would come before "31.01.2024"
  february.close(key("a"), {at("2024-01-31T00:00:00Z"), at("2024-02-05T00:00:00Z")}, at("2024-02-02T00:00:00Z"));
  CHECK(contains(february.final_state_json(true, 1s), R"("state":{"ts":"02.02.2024"})"));
  auto back = open(two_partitions);
  read_all(back, "b", "2024-01-06T00:00:00Z");
  CHECK(contains(back.final_state_json(true, 7s), R"("state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":"7")"));
}

TEST_CASE("without a single value a complete run moves nothing", "[partition_cursors]") {
  auto cursors = open(two_partitions);
  read_all(cursors, "a", "");
  read_all(cursors, "b", "");
  auto known = std::string{two_partitions};
  known.replace(known.find("\"lookback_window\":2") + 18, 1, "\"2\""); // but all partitions are known now
  CHECK(cursors.final_state_json(true, 99s) == known);
}

TEST_CASE("a value beyond its window counts as the window's end", "[partition_cursors]") {
  auto cursors = open();
  read_all(cursors, "a", "2030-01-01T00:00:00Z");
  const auto state = cursors.final_state_json(true, 1s);
  CHECK_FALSE(contains(state, "2030"));
  CHECK(contains(state, R"("state":{"ts":"2024-02-01T00:00:00Z"})"));
}

TEST_CASE("windows that end out of order, twice or late never let a partition overtake a gap", "[partition_cursors]") {
  auto c = example_cursor();
  c.step = language::duration{0, std::chrono::days{10}};
  auto cursors = open("", {}, c);
  const auto w = test::all(cursors.windows(key("a")));
  REQUIRE(w.size() == 4);
  cursors.close(key("a"), w[2], at("2024-01-22T00:00:00Z"));
  cursors.close(key("a"), w[2], at("2024-01-22T00:00:00Z"));
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-01T00:00:00Z"})"));
  cursors.close(key("a"), w[0], {});
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-01T00:00:00Z"})"));
  cursors.advance(key("a"), w[1], at("2024-01-13T00:00:00Z"));
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-13T00:00:00Z"})"));
  CHECK(begin_of(open(cursors.state_json(), {}, c), "a") == "2024-01-13T00:00:00Z");
  cursors.close(key("a"), w[1], at("2024-01-14T00:00:00Z"));
  cursors.advance(key("a"), w[1], at("2024-01-13T00:00:00Z"));
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-22T00:00:00Z"})"));
  cursors.close(key("a"), {w[3].lower, w[3].upper, true}, at("2024-01-31T00:00:00Z"));
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-22T00:00:00Z"})"));
}

TEST_CASE("a new partition that is stopped half way resumes there, not at the global cursor", "[partition_cursors]") {
  auto cursors = open(R"({"ts":"2024-01-10T00:00:00Z"})");
  const auto w = test::all(cursors.windows(key("new")));
  REQUIRE(w.size() == 1);
  CHECK(w[0].lower == at("2024-01-10T00:00:00Z"));
  cursors.advance(key("new"), w[0], at("2024-01-12T00:00:00Z"));
  CHECK(begin_of(open(cursors.state_json()), "new") == "2024-01-12T00:00:00Z");
  CHECK(begin_of(open(cursors.final_state_json(false, 1s)), "other") == "2024-01-10T00:00:00Z");
}

TEST_CASE("what is to be read is a function of the incoming state alone", "[partition_cursors]") {
  auto cursors = open(two_partitions);
  const auto snapshot = cursors;
  const auto before = test::all(cursors.windows(key("a")));
  read_all(cursors, "a", "2024-01-20T00:00:00Z");
  CHECK(test::all(cursors.windows(key("a"))) == before);
  CHECK(test::all(snapshot.windows(key("a"))) == before);
  CHECK(snapshot.state_json() == two_partitions);
}

TEST_CASE("the cursor's own lookback comes off every partition, the state's only off the global cursor",
          "[partition_cursors]") {
  auto c = example_cursor();
  c.lookback = {0, 1h};
  const auto cursors = open(two_partitions, {}, c);
  CHECK(begin_of(cursors, "a") == "2024-01-09T23:00:00Z");
  const auto flat = open(R"({"ts":"2024-01-16T01:00:00Z","lookback_window":2})", {}, c);
  CHECK(begin_of(flat, "new") == "2024-01-15T23:59:58Z");
}

// -- incoming states -----------------------------------------------------------

TEST_CASE("nothing, an empty object and Airbyte's markers are no state", "[partition_cursors]") {
  for (const std::string state :
       {"", "  \n", "{}", " { } ", R"({"__ab_no_cursor_state_message":true})", R"({"ts":null})"}) {
    CHECK(begin_of(open(state), "a") == "2024-01-01T00:00:00Z");
    CHECK(open(state).state_json() == R"({"use_global_cursor":false,"states":[],"lookback_window":0})");
  }
}

TEST_CASE("a flat cursor holds for all partitions", "[partition_cursors]") {
  for (const std::string value : {R"("2024-01-16T01:00:00Z")", R"("2024-01-16T03:00:00+02:00")", "1705366800",
                                  "1705366800.5", R"("1705366800")"}) {
    const auto cursors = open(R"({"ts":)" + value + R"(,"other":{"x":12345678901234567890}})");
    CHECK(begin_of(cursors, "a") == "2024-01-16T01:00:00Z");
    CHECK(begin_of(cursors, "b") == "2024-01-16T01:00:00Z");
    CHECK(cursors.state_json()
          == R"({"use_global_cursor":false,"states":[],"state":{"ts":)" + value
               + R"(},"lookback_window":0,"other":{"x":12345678901234567890}})");
  }
  CHECK(begin_of(open(R"({"ts":"2024-01-16T01:00:00Z","lookback_window":3600,"parent_state":{"p":{"x":1.0}}})"), "a")
        == "2024-01-16T00:00:00Z");
}

TEST_CASE("the older shape with partition values as keys is understood", "[partition_cursors]") {
  const auto cursors = open(R"({"a": {"ts": "2024-01-10T00:00:00Z"}, "b\u00e9": {"ts": 1705366800}})");
  CHECK(begin_of(cursors, "a") == "2024-01-10T00:00:00Z");
  CHECK(begin_of(cursors, "b\xC3\xA9") == "2024-01-16T01:00:00Z");
  CHECK(begin_of(cursors, "c") == "2024-01-01T00:00:00Z");
  CHECK(cursors.state_json()
        == "{\"use_global_cursor\":false,\"states\":[{\"partition\":{\"id\":\"a\",\"parent_slice\":{}},\"cursor\":"
           "{\"ts\":\"2024-01-10T00:00:00Z\"}},{\"partition\":{\"id\":\"b\xC3\xA9\",\"parent_slice\":{}},\"cursor\":{"
           "\"ts\":1705366800}}],"
           "\"lookback_window\":0}");
}

TEST_CASE("the older shape does not tell numbers from texts", "[partition_cursors]") {
  auto cursors = open(R"({"7":{"ts":"2024-01-10T00:00:00Z"},"07":{"ts":"2024-01-11T00:00:00Z"}})");
  const std::string number = R"({"id":7,"parent_slice":{}})";
  for (const auto& partition : {number, key("7")})
    CHECK(test::all(cursors.windows(partition)).front().lower == at("2024-01-10T00:00:00Z"));
  for (const auto& w : test::all(cursors.windows(number)))
    cursors.close(number, w, at("2024-01-20T00:00:00Z"));
  const auto state = cursors.state_json();
  INFO(state);
  CHECK(contains(state, R"({"partition":{"id":7,"parent_slice":{}},"cursor":{"ts":"2024-01-20T00:00:00Z"}})"));
  CHECK_FALSE(contains(state, R"("id":"7")"));
  CHECK(contains(state, R"("id":"07")"));
}

TEST_CASE("a cursor may be in the form of concurrent ones, everywhere", "[partition_cursors]") {
  const std::string read = R"({"state_type":"date-range","slices":[{"start":"2024-01-01T00:00:00Z",)"
                           R"("end":"2024-01-12T00:00:00Z","most_recent_cursor_value":"2024-01-10T00:00:00Z"}]})";
  const std::string gap
    = R"({"state_type":"integer","slices":[{"start":"2024-01-01T00:00:00Z",)"
      R"("end":"2024-01-05T00:00:00Z"},{"start":"2024-01-09T00:00:00Z","end":"2024-01-12T00:00:00Z"}]})";
  struct row {
    std::string state;
    const char* begin_of_a;
    const char* begin_of_b;
  };
  for (const auto& [state, begin_of_a, begin_of_b] : std::initializer_list<row>{
         {R"({"states":[{"partition":{"id":"a"},"cursor":)" + read + "}]}", "2024-01-12T00:00:00Z",
          "2024-01-01T00:00:00Z"},
         {R"({"states":[{"partition":{"id":"a"},"cursor":)" + gap + "}]}", "2024-01-05T00:00:01Z",
          "2024-01-01T00:00:00Z"},
         {R"({"state":)" + read + "}", "2024-01-10T00:00:00Z", "2024-01-10T00:00:00Z"},
         {read, "2024-01-10T00:00:00Z", "2024-01-10T00:00:00Z"},
         {R"({"a":)" + read + "}", "2024-01-12T00:00:00Z", "2024-01-01T00:00:00Z"},
         {R"({"state_type":"date-range","slices":[]})", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"},
         {R"({"use_global_cursor":null,"state":{"ts":"2024-01-10T00:00:00Z"}})", "2024-01-10T00:00:00Z",
          "2024-01-10T00:00:00Z"},
       }) {
    INFO(state);
    const auto cursors = open(state);
    CHECK(begin_of(cursors, "a") == begin_of_a);
    CHECK(begin_of(cursors, "b") == begin_of_b);
    CHECK_FALSE(contains(cursors.state_json(), "slices"));
  }
  const auto windows
    = test::all(open(R"({"states":[{"partition":{"id":"a"},"cursor":)" + gap + "}]}").windows(key("a")));
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].upper == at("2024-01-08T23:59:59Z"));
  CHECK(contains(refused(R"({"state_type":"x","slices":[]})"), "state_type"));
  CHECK(
    contains(refused(R"({"states":[{"partition":{},"cursor":{"state_type":"date-range","slices":5}}]})"), "slices"));
  CHECK(contains(refused(R"({"state":{"state_type":"date-range","slices":[{"start":"x"}]}})"), "slices[0].start"));
}

TEST_CASE("a partition is the same whatever the order of its fields, and with or without an empty parent slice",
          "[partition_cursors]") {
  for (const std::string parent : {R"("parent_slice": {},)", R"("parent_slice": null,)", ""}) {
    const auto cursors = open(R"({"states":[{"partition":{"z": 1.0, )" + parent + R"( "id": "\u0061"},
                                           "cursor":{"ts":"2024-01-10T00:00:00Z"}}]})");
    const auto same = partition_key(R"({"id":"a","z":1.0})");
    CHECK(same == R"({"id":"a","parent_slice":{},"z":1.0})");
    CHECK(test::all(cursors.windows(same)).front().lower == at("2024-01-10T00:00:00Z"));
    CHECK(test::all(cursors.windows(partition_key(R"({"id":"a","z":1})"))).front().lower == at("2024-01-01T00:00:00Z"));
    CHECK(contains(cursors.state_json(), R"({"partition":{"id":"a","parent_slice":{},"z":1.0},"cursor")"));
  }
}

TEST_CASE("children of different parents have cursors of their own, whatever their own key", "[partition_cursors]") {
  // The second one as a hand would write it: without the empty parent slice of the parent.
  const auto cursors = open(
    R"({"states":[{"partition":{"parent_slice":{"p":1,"parent_slice":{}},"id":9},"cursor":{"ts":"2024-01-10T00:00:00Z"}},
                  {"partition":{"parent_slice":{"p":2},"id":9},"cursor":{"ts":"2024-01-12T00:00:00Z"}}]})");
  const auto child = [](const std::string& parent) {
    return partition_key(make_partition("id", "9", make_partition("p", parent, {})));
  };
  CHECK(test::all(cursors.windows(child("1"))).front().lower == at("2024-01-10T00:00:00Z"));
  CHECK(test::all(cursors.windows(child("2"))).front().lower == at("2024-01-12T00:00:00Z"));
  CHECK(test::all(cursors.windows(child("3"))).front().lower == at("2024-01-01T00:00:00Z"));
  // What is not read goes out as it came; what is read, as slices have it.
  CHECK(contains(cursors.state_json(), R"({"partition":{"id":9,"parent_slice":{"p":2}},"cursor")"));
  auto read = cursors;
  read.close(child("2"), test::all(read.windows(child("2"))).front(), {});
  CHECK(contains(read.state_json(), R"({"partition":{"id":9,"parent_slice":{"p":2,"parent_slice":{}}},"cursor")"));
}

TEST_CASE("partitions of lists name no parent, neither as they came in nor as they are read", "[partition_cursors]") {
  partition_kind lists;
  lists.names_parents = false;
  lists.has_parent_state = false;
  const auto opened = [&](std::string_view state) {
    auto cursors = partition_cursors::open(example_cursor(), "region", state, {}, lists);
    REQUIRE(cursors);
    return *cursors;
  };
  auto cursors = opened("");
  const std::string eu = R"({"region":"eu"})";
  for (const auto& w : test::all(cursors.windows(eu)))
    cursors.close(eu, w, at("2024-01-05T00:00:00Z"));
  const auto state = cursors.final_state_json(true, 1s);
  CHECK(contains(state, R"("states":[{"partition":{"region":"eu"},"cursor":{"ts":"2024-01-05T00:00:00Z"}}])"));
  CHECK_FALSE(contains(state, "parent"));
  const auto again = opened(state);
  CHECK(contains(again.state_json(), R"([{"partition":{"region":"eu"},"cursor")"));
  CHECK(test::all(again.windows(eu)).front().lower == at("2024-01-05T00:00:00Z"));
  // The reference's list of partitions without parents is no sign of an older state of ours, which lists them all.
  const auto theirs = opened(R"({"states":[{"partition":{"region":"eu"},"cursor":{"ts":"2024-01-05T00:00:00Z"}}],)"
                             R"("state":{"ts":"2024-01-05T00:00:00Z"}})");
  CHECK(test::all(theirs.windows(R"({"region":"us"})")).front().lower == at("2024-01-05T00:00:00Z"));
}

TEST_CASE("groups have one cursor together, also after a state that has one for each partition",
          "[partition_cursors]") {
  partition_kind groups;
  groups.only_global = true;
  for (const std::string state : {"", R"({"states":[{"partition":{"id":"a"},"cursor":{"ts":"2024-01-20T00:00:00Z"}}],)"
                                      R"("state":{"ts":"2024-01-10T00:00:00Z"}})"}) {
    auto cursors = partition_cursors::open(example_cursor(), "id", state, {}, groups);
    REQUIRE(cursors);
    CHECK(cursors->global_mode());
    const std::string group = R"({"id":["a","b"],"parent_slice":[{},{}]})";
    const auto windows = test::all(cursors->windows(group));
    CHECK(windows.front().lower == at(state.empty() ? "2024-01-01T00:00:00Z" : "2024-01-10T00:00:00Z"));
    cursors->close(group, windows.front(), at("2024-01-25T00:00:00Z"));
    CHECK(
      cursors->final_state_json(true, 1s)
      == R"({"use_global_cursor":true,"state":{"ts":"2024-01-25T00:00:00Z"},"lookback_window":1,"parent_state":{}})");
  }
}

TEST_CASE("of a partition whose rows make partitions of others, what its state covers is for those alone",
          "[partition_cursors]") {
  const auto cursors = open(R"({"states":[{"partition":{"id":"a","parent_slice":{}},)"
                            R"("cursor":{"ts":"2024-01-10T00:00:00Z"}}]})");
  const auto windows = test::all(cursors.windows(key("a"), true));
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].children_only);
  CHECK(windows[0].lower == at("2024-01-01T00:00:00Z"));
  CHECK_FALSE(windows[1].children_only);
  CHECK(windows[1].lower == at("2024-01-10T00:00:00Z"));
}

TEST_CASE("texts of what does not move go out as they came in", "[partition_cursors]") {
  auto c = example_cursor();
  c.state = state_format::epoch_seconds;
  c.start = instant{};
  const std::string state
    = R"({"use_global_cursor":false,"states":[{"partition":{"id":12345678901234567890,"parent_slice":{}},"cursor":{"ts":1.0,"n":1.0}},)"
      R"({"partition":{"id":"b","parent_slice":{}},"cursor":{"n":98765432109876543210,"ts":2.50,"m":1e2}}],"state":{"ts":1.0},)"
      R"("lookback_window":1.0,"parent_state":{"p":{"x":12345678901234567890}},"more":[1.0]})";
  auto cursors = open(state, {}, c);
  CHECK(cursors.state_json() == state);
  const auto w = test::all(cursors.windows(key("b")));
  cursors.close(key("b"), w.front(), {});
  CHECK(cursors.state_json() == state); // it has not moved
  cursors.close(key("b"), w.front(), instant{9s});
  CHECK(contains(cursors.state_json(),
                 R"({"partition":{"id":"b","parent_slice":{}},"cursor":{"ts":9,"n":98765432109876543210,"m":1e2}})"));
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":1.0,"n":1.0})"));
}

TEST_CASE("the parent's state is kept until there is a newer one", "[partition_cursors]") {
  auto cursors = open(R"({"states":[],"parent_state":{"surveys":{"ts":1.0}}})");
  CHECK(contains(cursors.state_json(), R"("lookback_window":0,"parent_state":{"surveys":{"ts":1.0}}})"));
  cursors.set_parent_state(R"({"surveys":{"ts":2}})");
  CHECK(contains(cursors.final_state_json(false, 0s), R"("parent_state":{"surveys":{"ts":2}}})"));
}

TEST_CASE("a partition without a value begins at the start", "[partition_cursors]") {
  for (const std::string cursor : {"{}", R"({"ts":null})", R"({"__ab_full_refresh_sync_complete":true})"})
    CHECK(begin_of(open(R"({"state":{"ts":"2024-01-16T01:00:00Z"},"states":[{"partition":{"id":"a"},"cursor":)" + cursor
                        + "}]}"),
                   "a")
          == "2024-01-01T00:00:00Z");
}

TEST_CASE("of two cursors of one partition the older counts", "[partition_cursors]") {
  const std::string older = R"({"partition":{"id":"a"},"cursor":{"ts":"2024-01-10T00:00:00Z"}})";
  const std::string newer = R"({"partition":{"id":"a"},"cursor":{"ts":"2024-01-12T00:00:00Z"}})";
  CHECK(begin_of(open(R"({"states":[)" + older + "," + newer + "]}"), "a") == "2024-01-10T00:00:00Z");
  CHECK(begin_of(open(R"({"states":[)" + newer + "," + older + "]}"), "a") == "2024-01-10T00:00:00Z");
}

TEST_CASE("a state that cannot be understood is refused with its place", "[partition_cursors]") {
  CHECK(contains(refused("{"), "not valid JSON"));
  CHECK(contains(refused("[]"), "expected an object"));
  CHECK(contains(refused(R"({"other":1})"), R"(neither "ts" nor cursors of partitions)"));
  CHECK(contains(refused(R"({"a":{"ts":"2024-01-10T00:00:00Z"},"b":1})"), "neither"));
  CHECK(contains(refused(R"({"a":{"other":1}})"), R"(The state's "a" has no "ts")"));
  CHECK(contains(refused(R"({"ts":"yesterday"})"), R"(The state's "ts" is "yesterday")"));
  CHECK(contains(refused(R"({"ts":1705366800000})"), "milliseconds"));
  CHECK(contains(refused(R"({"ts":1,"states":[]})"), "both"));
  CHECK(contains(refused(R"({"states":{}})"), R"("states" is {}, expected a list)"));
  CHECK(contains(refused(R"({"states":[7]})"), "states[0] is 7"));
  CHECK(contains(refused(R"({"states":[{"cursor":{}}]})"), "states[0].partition is missing"));
  CHECK(contains(refused(R"({"states":[{"partition":{"id":1}}]})"), "states[0].cursor is missing"));
  CHECK(contains(refused(R"({"states":[{"partition":{"id":1},"cursor":{"ts":true}}]})"), R"(states[0].cursor."ts")"));
  CHECK(contains(refused(R"({"states":[{"partition":{},"cursor":{"x":1}}]})"), R"(states[0].cursor has no "ts")"));
  CHECK(contains(refused(R"({"state":[]})"), R"("state" is [])"));
  CHECK(contains(refused(R"({"use_global_cursor":1})"), "expected true or false"));
  for (const std::string wrong : {"true", "0", "1.5", R"("x")", "[]", "[1]", R"({"x":1})"}) {
    if (wrong != "true")
      CHECK(contains(refused(R"({"use_global_cursor":)" + wrong + "}"), "use_global_cursor"));
    CHECK(contains(refused(R"({"states":)" + (wrong == "[]" ? "{}" : wrong) + "}"), "states"));
    CHECK(contains(refused(R"({"states":[)" + wrong + "]}"), "states[0]"));
    if (wrong.front() != '{') {
      CHECK(contains(refused(R"({"states":[{"partition":)" + wrong + R"(,"cursor":{}}]})"), "states[0].partition"));
      CHECK(contains(refused(R"({"parent_state":)" + wrong + "}"), "parent_state"));
      CHECK(contains(refused(R"({"parent_state":{"p":)" + wrong + "}}"), R"("parent_state"."p")"));
    }
    CHECK(contains(refused(R"({"states":[{"partition":{"id":1},"cursor":)" + wrong + "}]}"), "states[0].cursor"));
    CHECK(contains(refused(R"({"state":)" + wrong + "}"), R"("state")"));
    if (wrong != "true")
      for (const std::string marker : {"__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete"}) {
        CHECK(contains(refused("{\"" + marker + "\":" + wrong + "}"), marker));
        CHECK(contains(refused("{\"ts\":1,\"" + marker + "\":" + wrong + "}"), marker));
        CHECK(contains(refused(R"({"states":[{"partition":{"id":1},"cursor":{")" + marker + "\":" + wrong + "}}]}"),
                       marker));
        CHECK(contains(refused(R"({"state":{")" + marker + "\":" + wrong + "}}"), marker));
      }
    if (wrong != "0" && wrong != "1.5")
      CHECK(contains(refused(R"({"lookback_window":)" + wrong + "}"), "lookback_window"));
  }
  CHECK(contains(refused(R"({"__ab_no_cursor_state_message":false})"), "expected true"));
  CHECK(contains(refused(R"({"id":[1,null]})"), "neither"));
  for (const std::string bad : {"-1", "1e300", "\"x\"", "99999999999999999999", "[]"})
    CHECK(contains(refused(R"({"lookback_window":)" + bad + "}"), "lookback_window"));
}

// -- partitions that the state does not know -------------------------------------

TEST_CASE("a partition that appears after a complete run is read from the start", "[partition_cursors]") {
  auto cursors = open();
  read_all(cursors, "a", "2024-01-16T01:00:00Z");
  read_all(cursors, "empty", "");
  auto state = cursors.final_state_json(true, 2s);
  // A partition without rows is known, as in the reference; each state says that its list is complete.
  CHECK(contains(state, R"({"partition":{"id":"empty","parent_slice":{}},"cursor":{"ts":"2024-01-01T00:00:00Z"}})"));
  for (int run = 0; run < 3; ++run) {
    auto next = open(state);
    CHECK(begin_of(next, "late") == "2024-01-01T00:00:00Z");
    CHECK(begin_of(next, "a") == "2024-01-16T01:00:00Z");
    CHECK(begin_of(open(next.state_json()), "late") == "2024-01-01T00:00:00Z");
    read_all(next, "a", "");
    state = next.final_state_json(run != 1, 5s); // also if a run in between failed
  }
}

TEST_CASE("unknown partitions of the reference's states start at the start, also when a run was stopped",
          "[partition_cursors]") {
  auto cursors = open(two_partitions);
  CHECK(begin_of(cursors, "new") == "2024-01-01T00:00:00Z");
  read_all(cursors, "a", "2024-01-20T00:00:00Z");
  for (const auto& state : {cursors.state_json(), cursors.final_state_json(false, 1s)}) {
    CHECK(contains(state, R"("lookback_window":2,)"));
    CHECK(begin_of(open(state), "new") == "2024-01-01T00:00:00Z");
  }
  read_all(cursors, "new", "");
  CHECK(cursors.unlisted_warning().empty());
  // The reference keeps whole seconds of what we wrote.
  auto state = cursors.final_state_json(true, 1s);
  state.replace(state.find("\"1\""), 3, "1");
  CHECK(begin_of(open(state), "late") == "2024-01-01T00:00:00Z");
}

TEST_CASE("partitions that a list may lack start at the global cursor, and that is told", "[partition_cursors]") {
  // The reference was stopped in its first run from a cursor for all of them: not all of them are listed.
  auto state = std::string{two_partitions};
  state.replace(state.find("\"lookback_window\":2") + 18, 1, "0");
  auto cursors = open(state);
  CHECK(begin_of(cursors, "new") == "2024-01-16T01:00:00Z");
  CHECK(begin_of(open(cursors.state_json()), "new") == "2024-01-16T01:00:00Z");
  read_all(cursors, "a", "");
  CHECK(cursors.unlisted_warning().empty());
  read_all(cursors, "new", "");
  read_all(cursors, "new", "2024-01-20T00:00:00Z");
  CHECK(contains(cursors.unlisted_warning(), "1 partitions that its state does not list were read from"));
  CHECK(contains(cursors.unlisted_warning(), "2024-01-16T01:00:00Z"));
  CHECK(begin_of(open(cursors.final_state_json(true, 1s)), "late") == "2024-01-01T00:00:00Z");
  // Older versions of the reference dropped the oldest of many.
  std::string many = R"({"use_global_cursor":false,"states":[)";
  for (int i = 0; i < 9'999; ++i)
    many += (i == 0 ? "" : ",") + (R"({"partition":{"id":")" + std::to_string(i))
            + R"(","parent_slice":{}},"cursor":{"ts":"2024-01-10T00:00:00Z"}})";
  CHECK(begin_of(open(many + R"(],"state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":2})"), "new")
        == "2024-01-16T00:59:58Z");
}

TEST_CASE("empty windows count while a sync is under way, and when it is stopped", "[partition_cursors]") {
  auto c = example_cursor();
  c.step = language::duration{0, std::chrono::days{5}};
  auto cursors = open("", {}, c);
  const auto w = test::all(cursors.windows(key("a")));
  REQUIRE(w.size() == 7);
  cursors.close(key("a"), w[0], at("2024-01-02T00:00:00Z"));
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-02T00:00:00Z"})")); // less than a step
  cursors.close(key("a"), w[2], {});
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-02T00:00:00Z"})")); // a gap
  cursors.close(key("a"), w[1], {});
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-15T23:59:59Z"})"));
  CHECK(contains(cursors.final_state_json(false, 1s), R"("cursor":{"ts":"2024-01-15T23:59:59Z"})"));
  CHECK(begin_of(open(cursors.final_state_json(false, 1s), {}, c), "a") == "2024-01-15T23:59:59Z");
  for (std::size_t i = 3; i < w.size(); ++i)
    cursors.close(key("a"), w[i], {});
  // Not in the last step before the end; and at the end of all, the newest record counts.
  CHECK(contains(cursors.state_json(), R"("cursor":{"ts":"2024-01-27T00:00:00Z"})"));
  CHECK(contains(cursors.final_state_json(true, 1s), R"("cursor":{"ts":"2024-01-02T00:00:00Z"})"));
}

TEST_CASE("states from before partitions had a parent slice list all partitions", "[partition_cursors]") {
  const auto cursors
    = open(R"({"use_global_cursor":false,"states":[{"partition":{"id":"a"},"cursor":{"ts":"2024-01-10T00:00:00Z"}}],)"
           R"("state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":2,"parent_state":{}})");
  CHECK(begin_of(cursors, "a") == "2024-01-10T00:00:00Z");
  CHECK(begin_of(cursors, "new") == "2024-01-01T00:00:00Z");
  CHECK(begin_of(open(cursors.state_json()), "new") == "2024-01-01T00:00:00Z");
}

TEST_CASE("a state whose partitions were dropped keeps the global cursor for all", "[partition_cursors]") {
  auto cursors = open("", {1});
  read_all(cursors, "a", "2024-01-16T01:00:00Z");
  read_all(cursors, "b", "2024-01-15T00:00:00Z");
  const auto state = cursors.final_state_json(true, 2s);
  CHECK(contains(state, R"("use_global_cursor":true,"state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":2,)"));
  CHECK(begin_of(open(state), "a") == "2024-01-16T00:59:58Z");
  CHECK(begin_of(open(state), "new") == "2024-01-16T00:59:58Z");
}

TEST_CASE("cursors that lie in the future are counted", "[partition_cursors]") {
  CHECK(open(two_partitions).beyond(at("2024-02-01T00:00:00Z")) == 0);
  CHECK(open(two_partitions).beyond(at("2024-01-08T00:00:00Z")) == 2);
  CHECK(open(R"({"ts":"2024-01-10T00:00:00Z"})").beyond(at("2024-01-08T00:00:00Z")) == 1);
  CHECK(open().beyond(at("2024-01-08T00:00:00Z")) == 0);
}

TEST_CASE("a start in the future leaves the state as it came", "[partition_cursors]") {
  auto c = example_cursor();
  c.start = at("2027-01-01T00:00:00Z");
  CHECK(test::all(open("", {}, c).windows(key("a"))).empty());
  CHECK(open("", {}, c).final_state_json(true, 1s)
        == R"({"use_global_cursor":false,"states":[],"lookback_window":0,"parent_state":{}})");
  CHECK(test::all(open(two_partitions, {}, c).windows(key("a"))).empty());
  CHECK(open(two_partitions, {}, c).state_json() == two_partitions);
}

// -- limits --------------------------------------------------------------------

TEST_CASE("with too many partitions the state becomes one for all, and promises what came in until the end",
          "[partition_cursors]") {
  // Its list may lack some.
  auto partial = std::string{two_partitions};
  partial.replace(partial.find("\"lookback_window\":2") + 18, 1, "0");
  auto cursors = open(partial, {3});
  read_all(cursors, "a", "2024-01-20T00:00:00Z");
  read_all(cursors, "c", "2024-01-21T00:00:00Z");
  CHECK_FALSE(cursors.global_mode());
  read_all(cursors, "d", "2024-01-19T00:00:00Z");
  CHECK(cursors.global_mode());
  const std::string came_in
    = R"({"use_global_cursor":true,"state":{"ts":"2024-01-16T01:00:00Z"},"lookback_window":0,"parent_state":{}})";
  CHECK(cursors.state_json() == came_in);
  CHECK(cursors.final_state_json(false, 9s) == came_in);
  read_all(cursors, "b", "");
  CHECK(begin_of(cursors, "b") == "2024-01-05T00:00:00Z"); // what came in still holds
  const auto state = cursors.final_state_json(true, 9s);
  CHECK(state
        == R"({"use_global_cursor":true,"state":{"ts":"2024-01-21T00:00:00Z"},"lookback_window":9,"parent_state":{}})");
  CHECK(begin_of(open(state), "a") == "2024-01-20T23:59:51Z");
}

TEST_CASE("in global mode own cursors that came in count, and are not printed", "[partition_cursors]") {
  auto state = std::string{two_partitions};
  state.replace(state.find("false"), 5, "true");
  CHECK(begin_of(open(state), "b") == "2024-01-05T00:00:00Z");
  CHECK(begin_of(open(state), "c") == "2024-01-16T00:59:58Z");
  CHECK(open(state).state_json().find("states") == std::string::npos);
}

TEST_CASE("with too many partitions the list of a state that has all of them is given up at the end alone",
          "[partition_cursors]") {
  auto state = std::string{two_partitions};
  state.replace(state.find("\"lookback_window\":2") + 18, 1, R"("2")");
  auto cursors = open(state, {2});
  read_all(cursors, "a", "2024-01-20T00:00:00Z");
  read_all(cursors, "new", "2024-01-21T00:00:00Z");
  CHECK(cursors.global_mode());
  read_all(cursors, "newer", "2024-01-22T00:00:00Z");
  read_all(cursors, "b", "2024-01-19T00:00:00Z");
  // A partition that is new may have rows older than the global cursor, and those of it may not all be read.
  for (const auto& stopped : {cursors.state_json(), cursors.final_state_json(false, 9s)}) {
    INFO(stopped);
    CHECK_FALSE(contains(stopped, "new"));
    CHECK(begin_of(open(stopped), "a") == "2024-01-20T00:00:00Z");
    CHECK(begin_of(open(stopped), "b") == "2024-01-19T00:00:00Z");
    CHECK(begin_of(open(stopped), "newer") == "2024-01-01T00:00:00Z");
  }
  CHECK(cursors.final_state_json(true, 9s)
        == R"({"use_global_cursor":true,"state":{"ts":"2024-01-22T00:00:00Z"},"lookback_window":9,"parent_state":{}})");
}

TEST_CASE("the limit of partitions is the reference's", "[partition_cursors]") {
  const partition_limits limits;
  auto cursors = open("");
  for (std::size_t i = 0; i < limits.partitions; ++i)
    cursors.close(key(std::to_string(i)), {at("2024-01-01T00:00:00Z"), at("2024-02-01T00:00:00Z"), false}, {});
  CHECK_FALSE(cursors.global_mode());
  cursors.close(key("one more"), {at("2024-01-01T00:00:00Z"), at("2024-02-01T00:00:00Z"), false}, {});
  CHECK(cursors.global_mode());
}

TEST_CASE("states list partitions in the order in which they were made, after those that came in",
          "[partition_cursors]") {
  auto cursors
    = open(R"({"states":[{"partition":{"id":"z","parent_slice":{}},"cursor":{"ts":"2024-01-10T00:00:00Z"}}]})");
  const cursor_window all{at("2024-01-01T00:00:00Z"), at("2024-02-01T00:00:00Z"), false};
  cursors.close(key("b"), all, at("2024-01-20T00:00:00Z"), 3);
  cursors.advance(key("a"), all, at("2024-01-20T00:00:00Z"), 7);
  cursors.close(key("a"), all, at("2024-01-20T00:00:00Z"), 2);
  const auto state = cursors.state_json();
  INFO(state);
  CHECK(state.find("\"z\"") < state.find("\"a\""));
  CHECK(state.find("\"a\"") < state.find("\"b\""));
}

TEST_CASE("a state with more partitions than allowed is one for all from the beginning", "[partition_cursors]") {
  const auto cursors = open(two_partitions, {1});
  CHECK(cursors.global_mode());
  CHECK(begin_of(cursors, "b") == "2024-01-05T00:00:00Z");
}

TEST_CASE("the mark of a complete list is a lookback that is a text; older states have a half more",
          "[partition_cursors]") {
  for (const std::string lookback : {R"("2")", "2.5"}) {
    auto state = std::string{two_partitions};
    state.replace(state.find("\"lookback_window\":2") + 18, 1, lookback);
    CHECK(begin_of(open(state), "new") == "2024-01-01T00:00:00Z");
    CHECK(contains(open(state).state_json(), R"("lookback_window":"2")"));
  }
  for (const std::string bad : {R"("")", R"("2s")", R"("-2")", R"("2.0")", R"("99999999999999999999")"})
    CHECK(contains(refused(R"({"lookback_window":)" + bad + "}"), "lookback_window"));
}

TEST_CASE("what holds for all partitions stays where a stopped sync has left those that are not read again",
          "[partition_cursors]") {
  auto cursors = open(two_partitions);
  CHECK(cursors.reads_until() == at("2024-02-01T00:00:00Z"));
  cursors.hold_at(at("2024-01-18T00:00:00Z"));
  CHECK(cursors.reads_until() == at("2024-01-18T00:00:00Z"));
  read_all(cursors, "a", "2024-01-20T00:00:00Z");
  const auto state = cursors.final_state_json(true, 1s);
  CHECK(contains(state, R"("id":"a","parent_slice":{}},"cursor":{"ts":"2024-01-20T00:00:00Z"})"));
  CHECK(contains(state, R"("state":{"ts":"2024-01-18T00:00:00Z"})"));
  SECTION("not before the start, where older states do not say when") {
    auto first = open(R"({"use_global_cursor":true})");
    first.hold_at(instant::min());
    read_all(first, "a", "2024-01-20T00:00:00Z");
    CHECK(contains(first.final_state_json(true, 1s), R"("state":{"ts":"2024-01-01T00:00:00Z"})"));
  }
  SECTION("of parents each one stays") {
    auto parents = open(two_partitions);
    parents.hold_each_at(at("2024-01-08T00:00:00Z"));
    for (const std::string id : {"a", "b", "c"})
      read_all(parents, id, "2024-01-20T00:00:00Z");
    const auto held = parents.final_state_json(true, 1s);
    CHECK(contains(held, R"("id":"a","parent_slice":{}},"cursor":{"ts":"2024-01-10T00:00:00Z"})")); // as it came in
    CHECK(contains(held, R"("id":"b","parent_slice":{}},"cursor":{"ts":"2024-01-08T00:00:00Z"})"));
    CHECK(contains(held, R"("id":"c","parent_slice":{}},"cursor":{"ts":"2024-01-08T00:00:00Z"})"));
  }
}
