#include "actors/core/state/slice_ledger.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

namespace {

constexpr std::int64_t second = 1'000'000;

/// One endpoint with a cursor in epoch seconds over [0, 100] and one without.
plan_ptr two_endpoints(const std::string& state = "") {
  auto p = std::make_shared<plan>();
  for (std::uint32_t i = 0; i < 2; ++i) {
    endpoint e;
    e.id = i;
    e.name = i == 0 ? "surveys" : "responses";
    output out;
    out.stream = i;
    out.stream_name = e.name;
    e.outputs.push_back(out);
    if (i == 0) {
      datetime_cursor c;
      c.cursor_field = "ts";
      c.datetime_format = "%s";
      c.state = state_format::epoch_seconds;
      c.end = instant{std::chrono::seconds{100}};
      c.granularity = std::chrono::seconds{1};
      c.step = language::duration{0, std::chrono::seconds{25}};
      e.cursor = c;
    }
    p->endpoints.push_back(e);
    p->streams.push_back({e.name, "", i, 0, i == 0, i == 0 ? state : ""});
  }
  return p;
}

page_receipt receipt(endpoint_id e, std::uint64_t id, std::int64_t lower, std::int64_t upper, bool last,
                     std::int64_t newest = -1, std::uint64_t records = 1) {
  page_receipt r;
  r.slice.endpoint = e;
  r.slice.id = id;
  r.slice.has_window = e == 0;
  r.slice.lower_us = lower * second;
  r.slice.upper_us = upper * second;
  r.last = last;
  r.counts.push_back({e, records});
  if (newest >= 0) {
    r.has_cursor = true;
    r.newest_us = newest * second;
  }
  return r;
}

/// The state of the endpoint's stream after a page that closes a slice.
std::string state_after(slice_ledger& ledger, const page_receipt& r) {
  auto change = ledger.written(r);
  REQUIRE(change);
  CHECK(*change == state_change::slice_closed);
  return ledger.present_state(r.slice.endpoint).json;
}

} // namespace

TEST_CASE("a slice closes with its last page only, and its newest value is that of all its pages") {
  auto ledger = slice_ledger::open(two_endpoints());
  REQUIRE(ledger);
  ledger->opened({0, 1});
  CHECK(!ledger->written(receipt(0, 1, 0, 24, false, 20)));
  CHECK(state_after(*ledger, receipt(0, 1, 0, 24, true, 10)) == R"({"ts":20})");
}

TEST_CASE("slices that close out of order hold the state at the first gap") {
  auto ledger = slice_ledger::open(two_endpoints());
  REQUIRE(ledger);
  ledger->opened({0, 4});
  CHECK(state_after(*ledger, receipt(0, 3, 50, 74, true, 55)) == R"({"ts":0})");
  CHECK(state_after(*ledger, receipt(0, 1, 0, 24, true, 5)) == R"({"ts":5})");
  CHECK(state_after(*ledger, receipt(0, 4, 75, 100, true, 80)) == R"({"ts":5})");
  CHECK(state_after(*ledger, receipt(0, 2, 25, 49, true, 30)) == R"({"ts":80})");
}

TEST_CASE("a window that is read for children alone never moves the state") {
  auto ledger = slice_ledger::open(two_endpoints(R"({"ts":40})"));
  REQUIRE(ledger);
  ledger->opened({0, 1});
  auto r = receipt(0, 1, 0, 39, true, 39);
  r.slice.children_only = true;
  CHECK(!ledger->written(r));
  ledger->generated({0, true});
  REQUIRE(ledger->take_completion(0));
  CHECK(ledger->final_states(0, {}).front().json == R"({"ts":40})");
}

TEST_CASE("an endpoint is complete once, when all its slices have ended and no more will come") {
  auto ledger = slice_ledger::open(two_endpoints());
  REQUIRE(ledger);
  CHECK(!ledger->take_completion(1));
  ledger->opened({1, 2});
  ledger->written(receipt(1, 1, 0, 0, true));
  ledger->written(receipt(1, 2, 0, 0, true));
  CHECK(!ledger->take_completion(1));
  ledger->generated({1, true});
  CHECK(ledger->take_completion(1));
  CHECK(!ledger->take_completion(1));
  auto states = ledger->final_states(1, {});
  REQUIRE(states.size() == 1);
  CHECK(states[0].json == R"({"__ab_no_cursor_state_message":true})");
  CHECK(ledger->final_states(1, {}).empty());
  CHECK(ledger->summary(1).complete);
}

TEST_CASE("a failed slice or a missing parent takes the end marker away from a full refresh") {
  SECTION("failed slice") {
    auto ledger = slice_ledger::open(two_endpoints());
    REQUIRE(ledger);
    ledger->opened({1, 2});
    ledger->written(receipt(1, 1, 0, 0, true));
    slice_failed f;
    f.slice.endpoint = 1;
    f.slice.id = 2;
    ledger->failed(f);
    ledger->generated({1, true});
    REQUIRE(ledger->take_completion(1));
    CHECK(ledger->final_states(1, {}).front().json == "{}");
    CHECK(ledger->summary(1).failed_slices == 1);
    CHECK(!ledger->summary(1).complete);
  }
  SECTION("missing parents") {
    auto ledger = slice_ledger::open(two_endpoints());
    REQUIRE(ledger);
    ledger->generated({1, false});
    REQUIRE(ledger->take_completion(1));
    CHECK(ledger->final_states(1, {}).front().json == "{}");
  }
}

TEST_CASE("a run that ends early states what is closed, for every stream") {
  auto ledger = slice_ledger::open(two_endpoints(R"({"ts":7})"));
  REQUIRE(ledger);
  ledger->opened({0, 2});
  ledger->opened({1, 1});
  auto states = ledger->all_final_states({});
  REQUIRE(states.size() == 2);
  CHECK(states[0].json == R"({"ts":7})");
  CHECK(states[1].json == "{}");
  CHECK(ledger->all_final_states({}).empty());
}

TEST_CASE("the report counts records, pages and slices of each stream") {
  auto ledger = slice_ledger::open(two_endpoints());
  REQUIRE(ledger);
  ledger->opened({1, 3});
  ledger->written(receipt(1, 1, 0, 0, false, -1, 10));
  ledger->written(receipt(1, 1, 0, 0, true, -1, 5));
  auto report = ledger->report();
  REQUIRE(report.streams.size() == 2);
  CHECK(report.streams[0].status == stream_phase::waiting);
  CHECK(report.streams[1].status == stream_phase::running);
  CHECK(report.streams[1].records == 15);
  CHECK(report.streams[1].pages == 2);
  CHECK(report.streams[1].slices_known == 3);
  CHECK(report.streams[1].slices_done == 1);
}

TEST_CASE("a state that cannot be understood is an error that names the stream") {
  auto ledger = slice_ledger::open(two_endpoints(R"({"ts":"yesterday"})"));
  REQUIRE(!ledger);
  CHECK(ledger.error().code == errc::bad_state);
  CHECK(ledger.error().message.find("surveys") != std::string::npos);
}

namespace {

/// Folders, surveys below them and collectors below those; the stream at hand may have a cursor in each partition.
std::string refusal_of(std::size_t stream, const std::string& state, bool with_cursor) {
  auto p = std::make_shared<plan>();
  const std::vector<std::string> names{"folders", "surveys", "collectors"};
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    endpoint e;
    e.id = i;
    e.name = names[i];
    e.depth = i;
    output out;
    out.stream = i;
    out.stream_name = names[i];
    e.outputs.push_back(out);
    if (i > 0) {
      e.slices.factors = {parent_records{{i - 1}}};
      p->edges.push_back({i - 1, i, 0, {"id"}, i == 1 ? "folder_id" : "survey_id", false});
      p->endpoints.back().child_edges.push_back(i - 1);
    }
    if (i == stream && with_cursor) {
      datetime_cursor c;
      c.cursor_field = "ts";
      c.datetime_format = "%s";
      c.end = instant{std::chrono::seconds{100}};
      e.cursor = c;
    }
    p->endpoints.push_back(e);
    p->streams.push_back({names[i], "", i, 0, with_cursor && i == stream, i == stream ? state : ""});
  }
  auto ledger = slice_ledger::open(p);
  if (ledger)
    return {};
  CHECK(ledger.error().code == errc::bad_state);
  CHECK(ledger.error().message.find("Stream " + names[stream] + ": ") == 0);
  return ledger.error().message;
}

} // namespace

TEST_CASE("lists of what a stopped sync has done are read where they belong, and refused where they are none") {
  for (const bool with_cursor : {false, true}) {
    CHECK(refusal_of(1, R"({"completed_partitions":{"folder_id":["a"]}})", with_cursor).empty());
    CHECK(refusal_of(2, R"({"completed_partitions":{"survey_id":["a"]},"completed_parents":{"folder_id":[1]}})",
                     with_cursor)
            .empty());
    CHECK(refusal_of(2, R"({"completed_parents":{"folder_id":[1]}})", with_cursor).empty());
    for (const std::string wrong :
         {"null", "true", "7", R"("x")", "[]", "{}", R"({"folder_id":"x"})", R"({"folder_id":[null]})",
          R"({"other":[1]})", R"({"folder_id":[1],"other":[1]})"}) {
      INFO(wrong);
      CHECK(refusal_of(1, R"({"completed_partitions":)" + wrong + "}", with_cursor).find("completed_partitions")
            != std::string::npos);
      CHECK(refusal_of(2, R"({"completed_parents":)" + wrong + "}", with_cursor).find("completed_parents")
            != std::string::npos);
      CHECK(
        refusal_of(2, R"({"completed_partitions":{"survey_id":[1]},"completed_parents":)" + wrong + "}", with_cursor)
          .find("completed_parents")
        != std::string::npos);
    }
    // The parents of surveys have no partitions that could be complete.
    CHECK(refusal_of(1, R"({"completed_parents":{"folder_id":[1]}})", with_cursor).find("completed_parents")
          != std::string::npos);
    for (const std::string marker : {"false", "null", "1", R"("true")"})
      CHECK(!refusal_of(2, R"({"__ab_no_cursor_state_message":)" + marker + "}", with_cursor).empty());
    CHECK(!refusal_of(0, R"({"completed_partitions":{"folder_id":[]}})", with_cursor).empty());
    CHECK(refusal_of(0, R"({"__ab_no_cursor_state_message":true})", with_cursor).empty());
  }
}

TEST_CASE("states and start dates that lie in the future are told") {
  auto p = std::make_shared<plan>(*two_endpoints(R"({"ts":101})"));
  p->endpoints[0].cursor->now = p->endpoints[0].cursor->end;
  auto ledger = slice_ledger::open(p);
  REQUIRE(ledger);
  REQUIRE(ledger->warnings().size() == 1);
  CHECK(ledger->warnings()[0].find("Stream surveys: its state lies in the future") == 0);
  p = std::make_shared<plan>(*two_endpoints());
  p->endpoints[0].cursor->start = instant{std::chrono::seconds{200}};
  auto early = slice_ledger::open(p);
  REQUIRE(early);
  REQUIRE(early->warnings().size() == 1);
  CHECK(early->warnings()[0].find("start date") != std::string::npos);
  CHECK(early->windows_of(0).empty());
  early->generated({0, true});
  CHECK(early->final_states(0, {})[0].json == "{}");
}

namespace {

/// Surveys and contacts, and answers to each of both.
std::shared_ptr<plan> two_parents(const std::string& state, bool with_cursors) {
  auto p = std::make_shared<plan>();
  for (const char* name : {"surveys", "contacts", "answers"}) {
    endpoint e;
    e.id = static_cast<endpoint_id>(p->endpoints.size());
    e.name = name;
    output out;
    out.stream = e.id;
    out.stream_name = name;
    e.outputs.push_back(out);
    if (with_cursors)
      e.cursor = two_endpoints()->endpoints[0].cursor;
    p->endpoints.push_back(e);
    p->streams.push_back({name, "", e.id, 0, with_cursors, e.id == 2 ? state : ""});
  }
  for (endpoint_id parent : {0U, 1U}) {
    p->edges.push_back({parent, 2, 0, {"id"}, parent == 0 ? "survey_id" : "contact_id", with_cursors});
    p->endpoints[parent].child_edges.push_back(parent);
  }
  p->endpoints[2].slices.factors = {parent_records{{0, 1}}};
  return p;
}

} // namespace

TEST_CASE("partitions of several parents have one state, in which each is found again") {
  auto ledger = slice_ledger::open(two_parents("", false));
  REQUIRE(ledger);
  page_receipt r = receipt(2, 1, 0, 0, true);
  r.slice.partition = R"({"survey_id":"1","parent_slice":{}})";
  CHECK(state_after(*ledger, r) == R"({"completed_partitions":{"survey_id":["1"]}})");
  r.slice.id = 2;
  r.slice.partition = R"({"contact_id":"1","parent_slice":{}})";
  const auto state = state_after(*ledger, r);
  CHECK(state == R"({"completed_partitions":{"survey_id":["1",{"contact_id":"1"}]}})");
  auto next = slice_ledger::open(two_parents(state, false));
  REQUIRE(next);
  const auto past = next->past_of(2);
  CHECK(past->completed(R"({"survey_id":"1","parent_slice":{}})"));
  CHECK(past->completed(R"({"contact_id":"1","parent_slice":{}})"));
  CHECK_FALSE(past->completed(R"({"contact_id":"2","parent_slice":{}})"));
  CHECK_FALSE(past->completed(R"({"survey_id":"2","parent_slice":{}})"));
}

TEST_CASE("a state names each of the parents on which it depends, and they are read on from there") {
  auto ledger = slice_ledger::open(two_parents("", true));
  REQUIRE(ledger);
  for (endpoint_id parent : {0U, 1U})
    for (std::int64_t lower : {0, 25, 50, 75}) {
      const auto upper = lower == 75 ? 100 : lower + 24;
      page_receipt r = receipt(parent, static_cast<std::uint64_t>(lower + 1), lower, upper, true,
                               lower == 75 ? 80 + static_cast<std::int64_t>(parent) : -1);
      r.slice.has_window = true;
      (void)ledger->written(r);
    }
  for (endpoint_id e : {0U, 1U, 2U})
    ledger->generated({e, true});
  const auto state = ledger->final_states(2, {})[0].json;
  INFO(state);
  CHECK(state.find(R"("parent_state":{"surveys":{"ts":80},"contacts":{"ts":81}})") != std::string::npos);
  // What the parent's own stream has read is read again only for children who do not know it.
  for (const auto& known : {std::string{}, state}) {
    auto p = two_parents(known, true);
    p->streams[0].initial_state = R"({"ts":80})";
    auto next = slice_ledger::open(p);
    REQUIRE(next);
    CHECK(next->windows_of(0).front().children_only == known.empty());
    CHECK(next->windows_of(0).back().upper == instant{std::chrono::seconds{100}});
  }
}

// -- findings ------------------------------------------------------------------

namespace {

/// What a ledger has to say when these pages are all there is.
std::vector<std::string> findings_of(const plan_ptr& p, const std::vector<page_receipt>& pages) {
  auto ledger = slice_ledger::open(p);
  REQUIRE(ledger);
  for (const auto& page : pages)
    ledger->written(page);
  auto result = ledger->take_findings(0);
  CHECK(ledger->take_findings(0).empty());
  CHECK(ledger->take_findings(1).empty());
  return result;
}

bool has(const std::vector<std::string>& texts, std::string_view part) {
  return texts.size() == 1 && texts.front().find(part) != std::string::npos;
}

} // namespace

TEST_CASE("records without a cursor are counted and told of once") {
  auto a = receipt(0, 1, 0, 24, true, 20, 5);
  a.records_without_cursor = 2;
  auto b = receipt(0, 2, 25, 49, true, -1, 4);
  b.records_without_cursor = 4;
  const auto found = findings_of(two_endpoints(), {a, b});
  CHECK(has(found, "Stream surveys: 6 of 9 records have no readable cursor `ts`."));
  CHECK(findings_of(two_endpoints(), {receipt(0, 1, 0, 24, true, 20)}).empty());
  a.slice.children_only = true;
  CHECK(findings_of(two_endpoints(), {a}).empty());
}

TEST_CASE("records outside of their windows are told of, with the first as an example") {
  auto a = receipt(0, 1, 0, 24, false, 20, 9);
  auto b = receipt(0, 2, 25, 49, true, 90, 9);
  b.slice.label = "surveys 25..49";
  b.oldest_us = 30 * second;
  b.records_outside = 1;
  auto found = findings_of(two_endpoints(), {a, b});
  CHECK(has(found, "1 of 18 records have a cursor `ts` outside of the window that was asked for (the first: "
                   "1970-01-01T00:01:30Z in surveys 25..49). The API seems to filter by something else"));
  b.oldest_us = 1 * second;
  b.newest_us = 40 * second;
  b.records_outside = 9;
  a.records_outside = 5;
  a.slice.label = "surveys 0..24";
  found = findings_of(two_endpoints(), {b, a});
  CHECK(has(found, "14 of 18 records have a cursor `ts` outside"));
  CHECK(has(found, "1970-01-01T00:00:01Z in surveys 25..49). The API seems not to filter by it"));
}

TEST_CASE("cursors finer than what lies between windows are told of, unless it is read all the same") {
  auto a = receipt(0, 1, 0, 24, true, 20);
  a.slice.upper_text = "24";
  a.newest_us += 250'000;
  a.oldest_us = a.newest_us;
  CHECK(has(findings_of(two_endpoints(), {a}), "records right behind it (24) are in no window"));
  auto read = a;
  read.newest_us = 24 * second + 1;
  CHECK(findings_of(two_endpoints(), {a, read}).empty());
  auto last = a;
  last.slice.upper_us = 100 * second; // no window follows
  CHECK(findings_of(two_endpoints(), {last}).empty());
  auto days = std::make_shared<plan>(*two_endpoints());
  days->endpoints[0].cursor->datetime_format = "%Y-%m-%d";
  CHECK(findings_of(days, {a}).empty());
}

TEST_CASE("a sync that was stopped keeps windows without records, one that is complete the newest record") {
  for (const bool complete : {false, true}) {
    auto ledger = slice_ledger::open(two_endpoints());
    REQUIRE(ledger);
    ledger->opened({0, complete ? 2U : 4U});
    CHECK(state_after(*ledger, receipt(0, 1, 0, 24, true)) == R"({"ts":0})");
    CHECK(state_after(*ledger, receipt(0, 2, 25, 49, true)) == R"({"ts":49})");
    ledger->generated({0, true});
    CHECK(ledger->final_states(0, {}).front().json == (complete ? R"({"ts":0})" : R"({"ts":49})"));
  }
}

TEST_CASE("the state of a full refresh to which a stream delegates says so until it is complete") {
  const auto delegating = [](const std::string& state) {
    auto p = std::make_shared<plan>(*two_endpoints(state));
    p->streams[0].delegated_full_refresh = true;
    return p;
  };
  const std::string stopped = R"({"ts":20,"delegated_to":"full_refresh_stream"})";
  auto ledger = slice_ledger::open(delegating(""));
  REQUIRE(ledger);
  ledger->opened({0, 4});
  CHECK(state_after(*ledger, receipt(0, 1, 0, 24, true, 20)) == stopped);
  CHECK(ledger->all_final_states({})[0].json == stopped);

  auto next = slice_ledger::open(delegating(stopped));
  REQUIRE(next);
  CHECK(next->windows_of(0).front().lower == instant{std::chrono::seconds{20}});
  next->opened({0, 1});
  CHECK(state_after(*next, receipt(0, 1, 20, 100, true, 90)) == R"({"ts":90,"delegated_to":"full_refresh_stream"})");
  next->generated({0, true});
  CHECK(next->final_states(0, {})[0].json == R"({"ts":90})");
}

TEST_CASE("the state of a full refresh stays beside that of the stream that follows it") {
  auto p = std::make_shared<plan>(*two_endpoints(R"({"use_global_cursor":true,"state":{"ts":7}})"));
  p->streams[0].begins_anew = true;
  auto ledger = slice_ledger::open(p);
  REQUIRE(ledger);
  CHECK(ledger->windows_of(0).front().lower == instant{});
  CHECK(ledger->present_state(0).json == R"({"ts":0,"use_global_cursor":true,"state":{"ts":7}})");
}

TEST_CASE("a state that does not count is not read, and that is told") {
  auto p = std::make_shared<plan>(*two_endpoints(R"({"ts":"no moment"})"));
  p->streams[0].delegated_full_refresh = true;
  p->streams[0].begins_anew = true;
  p->streams[0].warning = "its state is too old";
  auto ledger = slice_ledger::open(p);
  REQUIRE(ledger);
  CHECK(ledger->warnings() == std::vector<std::string>{"Stream surveys: its state is too old."});
  CHECK(ledger->windows_of(0).front().lower == instant{});
}

namespace {

/// Folders, surveys in them, and answers to those, each read by what has changed; only answers are printed, or all.
std::shared_ptr<plan> three_generations(const std::string& state, bool all_printed = false) {
  auto p = std::make_shared<plan>();
  for (const char* name : {"folders", "surveys", "answers"}) {
    endpoint e;
    e.id = static_cast<endpoint_id>(p->endpoints.size());
    e.name = name;
    output out;
    out.emit = all_printed || e.id == 2;
    out.stream = all_printed ? e.id : 0;
    out.stream_name = name;
    e.outputs.push_back(out);
    e.cursor = two_endpoints()->endpoints[0].cursor;
    e.cursor->step.reset();
    if (e.id > 0)
      e.slices.factors = {parent_records{{e.id - 1}}, time_windows{}};
    p->endpoints.push_back(e);
    if (out.emit)
      p->streams.push_back({name, "", e.id, 0, true, e.id == 2 ? state : ""});
  }
  for (endpoint_id parent : {0U, 1U}) {
    p->edges.push_back({parent, parent + 1, 0, {"id"}, parent == 0 ? "folder" : "survey", true});
    p->endpoints[parent].child_edges.push_back(parent);
  }
  return p;
}

constexpr const char* folder = R"({"folder":"f","parent_slice":{}})";

} // namespace

TEST_CASE("a state holds its parents', they their own parents', and all are read on from there") {
  auto ledger = slice_ledger::open(three_generations(""));
  REQUIRE(ledger);
  auto of_all = receipt(0, 1, 0, 100, true, 80);
  of_all.counts.clear(); // they are not printed
  (void)ledger->written(of_all);
  auto of_folder = receipt(1, 1, 0, 100, true, 70);
  of_folder.counts.clear();
  of_folder.slice.has_window = true;
  of_folder.slice.partition = folder;
  (void)ledger->written(of_folder);
  for (endpoint_id e : {0U, 1U, 2U})
    ledger->generated({e, true});
  const auto state = ledger->final_states(2, std::chrono::seconds{1})[0].json;
  INFO(state);
  const std::string surveys
    = R"("parent_state":{"surveys":{"use_global_cursor":false,"states":[{"partition":{"folder":)"
      R"("f","parent_slice":{}},"cursor":{"ts":70}}],"state":{"ts":70},"lookback_window":"1",)"
      R"("parent_state":{"folders":{"ts":80}}}})";
  CHECK(state.find(surveys) != std::string::npos);

  auto next = slice_ledger::open(three_generations(state));
  REQUIRE(next);
  CHECK(next->windows_of(0).front().lower == instant{std::chrono::seconds{80}});
  CHECK(next->past_of(1)->windows(folder)->front().lower == instant{std::chrono::seconds{70}});
  // Surveys that are printed themselves, and know nothing, need all of it.
  auto printed = slice_ledger::open(three_generations(state, true));
  REQUIRE(printed);
  CHECK(printed->windows_of(0).front().lower == instant{});
}

TEST_CASE("where one of the generations depends on all of its parents, so do those above") {
  for (std::uint32_t plain : {0U, 1U}) {
    const std::string known
      = R"({"states":[],"state":{"ts":90},"parent_state":{"surveys":{"states":[],"state":{"ts":70},)"
        R"("parent_state":{"folders":{"ts":80}}}}})";
    auto p = three_generations(known);
    p->edges[plain].incremental = false;
    auto ledger = slice_ledger::open(p);
    REQUIRE(ledger);
    CHECK(ledger->windows_of(0).front().lower == instant{});
  }
  // Where the parents begin anew, their own state does not count either.
  auto p = three_generations(
    R"({"states":[],"parent_state":{"surveys":{"states":[],"parent_state":{"folders":{"ts":80}}}}})");
  p->edges[1].parents_begin_anew = true;
  auto ledger = slice_ledger::open(p);
  REQUIRE(ledger);
  CHECK(ledger->windows_of(0).front().lower == instant{});
}
