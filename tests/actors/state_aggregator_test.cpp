#include "actors/state_aggregator.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t second_us = 1'000'000;

/// One stream whose cursor runs over [0, 100] seconds in windows of 25.
plan_ptr one_cursor() {
  auto p = std::make_shared<plan>();
  endpoint e;
  e.name = "surveys";
  output out;
  out.stream_name = e.name;
  e.outputs.push_back(out);
  datetime_cursor c;
  c.cursor_field = "ts";
  c.ascending = true;
  c.datetime_format = "%s";
  c.state = state_format::epoch_seconds;
  c.end = instant{std::chrono::seconds{100}};
  c.granularity = std::chrono::seconds{1};
  c.step = language::duration{0, std::chrono::seconds{25}};
  e.cursor = c;
  p->endpoints.push_back(e);
  planned_stream s;
  s.name = e.name;
  s.endpoint = 0;
  s.incremental = true;
  p->streams.push_back(s);
  return p;
}

/// A state aggregator among probes. States may be printed at once, unless a case says otherwise.
struct aggregator_case {
  explicit aggregator_case(std::chrono::microseconds state_interval = 0us, std::uint64_t state_rate = 1'000'000'000) {
    auto ledger = slice_ledger::open(one_cursor());
    REQUIRE(ledger);
    under_test = f.spawn(state_aggregator, std::move(*ledger), state_pacer{state_rate, state_interval},
                         emitter.handle(), supervisor.handle());
  }

  static slice window(std::uint64_t number) {
    slice s;
    s.id = number;
    s.has_window = true;
    s.lower_us = static_cast<std::int64_t>(number) * 25 * second_us;
    s.upper_us = number == 3 ? 100 * second_us : s.lower_us + 24 * second_us;
    return s;
  }

  /// Page `number` of a window is written; its newest record is `newest` seconds after the window's begin.
  void written(std::uint64_t number, bool last = true, std::int64_t newest = 24, bool ascending = false) {
    page_receipt r;
    r.slice = window(number);
    r.last = last;
    r.counts = {{0, 1, 10}};
    r.has_cursor = true;
    r.newest_us = r.slice.lower_us + newest * second_us;
    r.oldest_us = r.newest_us;
    r.ascending = ascending;
    f.send(under_test, page_written{r});
  }

  std::vector<std::string> states() const {
    std::vector<std::string> found;
    for (const auto& x : emitter.all<state_update>())
      found.push_back(x.json);
    return found;
  }

  actor_fixture f;
  probe<emitter_actor> emitter = f.probe_of<emitter_actor>("emitter");
  probe<read_supervisor_actor> supervisor = f.probe_of<read_supervisor_actor>("read_supervisor");
  state_aggregator_actor under_test;
};

} // namespace

TEST_CASE("slices close in any order: no state passes one that is open, and the last one is always the same") {
  std::vector<std::uint64_t> order{0, 1, 2, 3};
  do {
    aggregator_case c;
    c.f.send(c.under_test, slices_opened{0, 4});
    c.f.send(c.under_test, generation_done{0, true});
    std::vector<bool> closed(4, false);
    for (auto number : order) {
      c.written(number);
      closed[number] = true;
      auto gap = std::find(closed.begin(), closed.end(), false) - closed.begin();
      // The newest value of the windows before the gap; nothing has been promised before the first is closed.
      auto promised = gap == 0 ? 0 : (gap - 1) * 25 + 24;
      INFO("after window " << number << " of order " << order[0] << order[1] << order[2] << order[3]);
      REQUIRE(!c.states().empty());
      CHECK(c.states().back() == R"({"ts":)" + std::to_string(promised) + "}");
    }
    REQUIRE(c.supervisor.count<endpoint_done>() == 1);
    CHECK(c.supervisor.all<endpoint_done>()[0].complete);
    CHECK(c.supervisor.all<endpoint_done>()[0].slices == 4);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("an endpoint is done when its last slice is, after its final state and not before no more will come") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 1});
  c.written(0, false);
  c.written(0, true);
  CHECK(c.supervisor.count<endpoint_done>() == 0);
  c.f.journal.clear();
  c.f.send(c.under_test, generation_done{0, true});
  CHECK(c.f.journal == std::vector<std::string>{"emitter state_update", "read_supervisor endpoint_done"});
}

TEST_CASE("a page that does not end its slice changes no state, unless it came in order") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 1});
  c.written(0, false, 10);
  CHECK(c.states().empty());
  aggregator_case ordered;
  ordered.f.send(ordered.under_test, slices_opened{0, 1});
  ordered.written(0, false, 10, true);
  CHECK(ordered.states() == std::vector<std::string>{R"({"ts":10})"});
}

TEST_CASE("a state that was printed lately waits for its interval, and then the newest is printed once") {
  aggregator_case c{10s};
  c.f.send(c.under_test, slices_opened{0, 2});
  for (std::int64_t newest : {1, 2, 3})
    c.written(0, false, newest, true);
  CHECK(c.states().empty());
  c.f.advance(9s);
  c.written(0, false, 4, true);
  CHECK(c.states().empty());
  c.f.advance(1s);
  CHECK(c.states() == std::vector<std::string>{R"({"ts":4})"});
  // A slice that closes is worth a state at once.
  c.f.advance(1s);
  c.written(0, true, 24, true);
  CHECK(c.states() == std::vector<std::string>{R"({"ts":4})", R"({"ts":24})"});
  c.f.advance(60s);
  CHECK(c.states().size() == 2);
}

TEST_CASE("states that are too large for their share of the output wait for it") {
  aggregator_case c{0us, 1}; // one byte a second
  c.f.send(c.under_test, slices_opened{0, 4});
  c.written(0);
  c.written(1);
  REQUIRE(c.states().size() == 1);
  c.f.advance(100s);
  CHECK(c.states().size() == 1);
  c.f.advance(200s);
  CHECK(c.states() == std::vector<std::string>{R"({"ts":24})", R"({"ts":49})"});
}

TEST_CASE("a failed slice is told to the supervisor, and its endpoint ends without being complete") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 2});
  c.f.send(c.under_test, generation_done{0, true});
  c.written(1);
  c.f.send(c.under_test, slice_failed{aggregator_case::window(0), 3, {}});
  auto told = c.supervisor.all<slice_failed>();
  REQUIRE(told.size() == 1);
  CHECK(told[0].page == 3);
  auto done = c.supervisor.all<endpoint_done>();
  REQUIRE(done.size() == 1);
  CHECK(!done[0].complete);
  CHECK(done[0].failed_slices == 1);
  CHECK(c.f.journal.back() == "read_supervisor endpoint_done");
  // What came after the gap is not promised.
  CHECK(c.states().back() == R"({"ts":0})");
}

TEST_CASE("slices that nobody will ask for end their endpoint, too") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 4});
  c.written(0);
  c.f.send(c.under_test, generation_done{0, true});
  CHECK(c.supervisor.count<endpoint_done>() == 0);
  c.f.send(c.under_test, slices_abandoned{0, 3});
  REQUIRE(c.supervisor.count<endpoint_done>() == 1);
  CHECK(!c.supervisor.all<endpoint_done>()[0].complete);
}

TEST_CASE("a run that ends early has a final state of every stream, once") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 4});
  c.written(0);
  c.emitter.clear();
  CHECK(c.f.ask<finished>(c.under_test, finish_request{}));
  CHECK(c.states() == std::vector<std::string>{R"({"ts":24})"});
  CHECK(c.f.ask<finished>(c.under_test, finish_request{}));
  CHECK(c.states().size() == 1);
}

TEST_CASE("a heartbeat prints the present states of the streams under way") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 4});
  c.written(0);
  c.emitter.clear();
  c.f.send(c.under_test, heartbeat{});
  CHECK(c.states() == std::vector<std::string>{R"({"ts":24})"});
}

TEST_CASE("the numbers for progress count pages, slices and records as they are written") {
  aggregator_case c;
  c.f.send(c.under_test, slices_opened{0, 4});
  c.written(0, false);
  c.written(0);
  auto report = c.f.ask<aggregator_report>(c.under_test, report_request{});
  REQUIRE(report);
  REQUIRE(report->streams.size() == 1);
  const auto& s = report->streams[0];
  CHECK(s.pages == 2);
  CHECK(s.records == 2);
  CHECK(s.bytes == 20);
  CHECK(s.slices_known == 4);
  CHECK(s.slices_done == 1);
  CHECK(s.status == stream_phase::running);
}
