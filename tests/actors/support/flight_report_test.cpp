#include "actors/support/flight_report.hpp"
#include "messages/interfaces.hpp"
#include "tests/support/catch2.hpp"

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const flight_time start{1000s};

template <class T>
message_kind kind() {
  return kind_of(caf::make_rtti_pair<T>());
}

} // namespace

TEST_CASE("a report shows each actor with its mailbox, its words and its last messages") {
  flight_view governor;
  governor.name = "governor";
  governor.actor = 8;
  governor.mailbox = 3;
  governor.handled = 12;
  governor.moved = start + 5s;
  governor.messages = {{kind<page_outcome>(), 21, start + 4s, 1s, start + 3s, "surveys 2020", 2},
                       {kind<parents_done>(), 99, start, 42us}};
  flight_view fetcher;
  fetcher.name = "fetcher";
  fetcher.actor = 21;
  fetcher.handled = 1;
  fetcher.waits_for = outside::answer;
  fetcher.wait_changed = start + 7s;
  fetcher.wait_text = "surveys page 2, try 1";
  fetcher.messages = {{kind<permit>(), 8, start + 6s, -1ns}};
  flight_view gone;
  gone.name = "slice_generator";
  gone.actor = 3;
  gone.ended = true;
  flight_view fresh;
  fresh.name = "actor";
  fresh.actor = 30;
  CHECK(flight_report_text("why", {gone, governor, fetcher, fresh}, {{8, "1 request in flight\n2 queued"}}, start + 10s)
        == "---- sluice: why\n"
           "The last message (timers and reports do not count) moved 5.0 s ago.\n"
           "slice_generator #3: mailbox 0, 0 messages begun, has ended\n"
           "governor #8: mailbox 3, 12 messages begun, idle for 5.0 s\n"
           "    1 request in flight\n"
           "    2 queued\n"
           "      6.0 s ago: page_outcome from fetcher #21, page 2 of surveys 2020, waited 1.0 s, took 1.0 s\n"
           "      10 s ago: parents_done from runtime, took 42 us\n"
           "fetcher #21: mailbox 0, 1 messages begun, handling permit from governor #8 for 4.0 s\n"
           "    waiting for 3.0 s for the answer to surveys page 2, try 1\n"
           "      4.0 s ago: permit from governor #8\n"
           "actor #30: mailbox 0, 0 messages begun, none so far\n"
           "    gave no answer; the above is from its record\n"
           "---- end of the report\n");
}

TEST_CASE("answers that come late are no harm, and those that are in are not waited for") {
  auto answers = std::make_shared<flight_answers>();
  answers->add(1, "a");
  CHECK(answers->wait(1, std::chrono::hours{1}).size() == 1);
  CHECK(answers->wait(2, std::chrono::milliseconds{1}).size() == 1);
  answers->add(2, "b");
  CHECK(answers->wait(2, std::chrono::hours{1}).at(2) == "b");
}
