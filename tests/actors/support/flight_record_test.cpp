#include "actors/support/flight_record.hpp"
#include "messages/interfaces.hpp"
#include "tests/support/catch2.hpp"

#include <atomic>
#include <string>
#include <thread>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

template <class T>
message_kind kind() {
  return kind_of(caf::make_rtti_pair<T>());
}

const flight_time start{1000s};

} // namespace

TEST_CASE("a record tells what is handled, since when, and what waits") {
  flight_record r{7};
  for (int i = 0; i < 3; ++i)
    r.queued(start);
  r.begin(kind<slice_demand>(), 4, {}, start);
  r.end(start + 5ms);
  r.begin(kind<permit>(), 9, {}, start + 1s);
  auto v = r.view();
  CHECK(v.actor == 7);
  CHECK(v.mailbox == 1);
  CHECK(v.handled == 2);
  CHECK(v.busy());
  CHECK(!v.ended);
  REQUIRE(v.messages.size() == 2);
  CHECK(name_of(v.messages[0].kind) == "permit");
  CHECK(v.messages[0].from == 9);
  CHECK(v.messages[0].began == start + 1s);
  CHECK(name_of(v.messages[1].kind) == "slice_demand");
  CHECK(v.messages[1].took == 5ms);
  r.end(start + 3s);
  r.ended();
  CHECK(!r.view().busy());
  CHECK(r.view().messages[0].took == 2s);
  CHECK(r.view().ended);
}

TEST_CASE("a record keeps the last messages, newest first") {
  flight_record r{1};
  for (std::uint64_t i = 1; i <= 3 * flight_record::depth; ++i) {
    r.begin(kind<page_outcome>(), i, {}, start + std::chrono::milliseconds{i});
    r.end(start + std::chrono::milliseconds{i});
  }
  auto v = r.view();
  REQUIRE(v.messages.size() == flight_record::depth);
  for (std::size_t i = 0; i < v.messages.size(); ++i)
    CHECK(v.messages[i].from == 3 * flight_record::depth - i);
}

TEST_CASE("messages that only look at a run or keep time do not move it") {
  flight_record r{1};
  r.begin(kind<page_outcome>(), 0, {}, start);
  r.end(start + 1s);
  CHECK(r.view().moved == start + 1s);
  for (auto k : {kind<tick>(), kind<report_request>(), kind<governor_report>(), kind<aggregator_report>(),
                 kind<run_snapshot>(), kind<log_entry>()}) {
    r.begin(k, 0, {}, start + 2s);
    r.end(start + 3s);
    CHECK(r.view().moved == start + 1s);
  }
  r.begin(kind<drain>(), 0, {}, start + 4s);
  CHECK(r.view().moved == start + 4s);
}

TEST_CASE("every type of message has a name") {
  CHECK(name_of(kind<record_batch>()) == "record_batch");
  CHECK(name_of(kind<atom::join>()) == "atom::join");
  CHECK(name_of(kind<caf::exit_msg>()) == "caf::exit_msg");
  CHECK(name_of(0) == "other");
}

TEST_CASE("a wait for something outside is seen while it lasts") {
  flight_record r{1};
  {
    outside_wait waiting{r, outside::answer, "surveys page 2"};
    CHECK(r.view().waits_for == outside::answer);
    CHECK(r.view().wait_text == "surveys page 2");
    CHECK(flight_clock::now() - r.view().wait_changed < 1h);
  }
  CHECK(r.view().waits_for == outside::nothing);
  r.set_timer(start);
  CHECK(r.view().timer == start);
}

TEST_CASE("a wait that a message will end is told from one inside a handler") {
  flight_record r{1};
  r.begin(kind<permit>(), 4, {}, start);
  r.await(outside::answer, "surveys page 2");
  CHECK(r.view().awaits);
  r.end(start + 1s);
  CHECK(r.view().waits_for == outside::answer);
  r.wait_ended();
  CHECK_FALSE(r.view().awaits);
  CHECK(r.view().waited == 0s);
  CHECK(r.view().awaited > 0s);
  {
    outside_wait waiting{r, outside::output, ""};
    CHECK_FALSE(r.view().awaits);
  }
  CHECK(r.view().waited > 0s);
}

TEST_CASE("a question that was not answered is not asked again, and does not count as mail") {
  flight_record r{1};
  CHECK(r.may_ask());
  r.queued(start);
  CHECK(!r.may_ask());
  CHECK(r.view().mailbox == 0);
  r.skipped();
  r.answered();
  CHECK(r.may_ask());
}

TEST_CASE("a record that is read while it is written shows whole messages only") {
  flight_record r{1};
  std::atomic<bool> stop{false};
  std::thread writer{[&] {
    for (std::uint64_t i = 1; !stop; ++i) {
      // All of a message's parts tell its number.
      r.begin(static_cast<message_kind>(i), i, {}, flight_time{std::chrono::nanoseconds{i}});
      r.end(flight_time{std::chrono::nanoseconds{2 * i}});
    }
  }};
  std::size_t seen = 0;
  std::string torn;
  while (seen < 20'000) {
    auto v = r.view();
    for (std::size_t i = 0; i < v.messages.size(); ++i) {
      const auto& m = v.messages[i];
      ++seen;
      if (m.from != v.handled - i || m.kind != m.from || m.began != flight_time{std::chrono::nanoseconds{m.from}}
          || (m.took.count() >= 0 && m.took != std::chrono::nanoseconds{m.from}) || (i > 0 && m.took.count() < 0))
        torn = "message " + std::to_string(m.from) + " of " + std::to_string(v.handled);
    }
  }
  stop = true;
  writer.join();
  CHECK(torn == "");
}

TEST_CASE("a record remembers which page of which slice a message was about, and how long it waited") {
  flight_record r{1};
  const std::string longest(100, 'x');
  r.queued(start);
  r.queued(start + 1ms);
  r.begin(kind<permit>(), 4, {7, 3, "survey_details survey_id=\"12\""}, start + 5ms);
  r.end(start + 6ms);
  r.begin(kind<permit>(), 4, {8, 1, longest}, start + 8ms);
  r.end(start + 9ms);
  auto v = r.view();
  REQUIRE(v.messages.size() == 2);
  CHECK(v.messages[1].slice == "survey_details survey_id=\"12\"");
  CHECK(v.messages[1].page == 3);
  CHECK(v.messages[1].sent == start);
  CHECK(v.messages[0].slice == longest.substr(0, flight_record::slice_bytes));
  CHECK(v.messages[0].sent == start + 1ms);
  // A slot that is used again keeps nothing of what it held.
  for (std::size_t i = 0; i < flight_record::depth; ++i)
    r.begin(kind<drain>(), 4, {}, start + 1s);
  for (const auto& m : r.view().messages) {
    CHECK(m.slice.empty());
    CHECK(m.page == 0);
    CHECK(m.sent == flight_time{});
  }
}

TEST_CASE("a record tells how full the mailbox was, and since when the oldest message waits") {
  flight_record r{1};
  CHECK(r.view().oldest == flight_time{});
  for (int i = 0; i < 5; ++i)
    r.queued(start + std::chrono::seconds{i});
  r.begin(kind<permit>(), 4, {}, start + 10s);
  r.end(start + 11s);
  CHECK(r.view().mailbox == 4);
  CHECK(r.view().mailbox_high == 5);
  CHECK(r.view().oldest == start + 1s);
  CHECK(r.view().inside == 1s);
  // More than the record has places for: their times are unknown, not wrong.
  for (std::size_t i = 0; i < flight_record::queue_depth; ++i)
    r.queued(start + 1h);
  CHECK(r.view().oldest == flight_time{});
  CHECK(r.view().mailbox_high == static_cast<std::int64_t>(flight_record::queue_depth) + 4);
}
