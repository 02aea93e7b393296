#include "actors/support/stall.hpp"
#include "messages/interfaces.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const flight_time start{1000s};
const message_kind page = kind_of(caf::make_rtti_pair<permit>());

/// An actor that became idle long ago.
flight_view idle(const char* name, flight_time moved = start) {
  flight_view v;
  v.name = name;
  v.actor = 5;
  v.moved = moved;
  v.messages.push_back({page, 1, moved, 0ns});
  return v;
}

/// An actor that is in a handler.
flight_view busy(const char* name, flight_time since = start) {
  auto v = idle(name, since);
  v.messages.front().took = -1ns;
  return v;
}

flight_view waiting(flight_view v, outside what, flight_time since) {
  v.waits_for = what;
  v.wait_changed = since;
  return v;
}

/// An actor to which a message will tell what became of its wait.
flight_view awaiting(flight_view v, flight_time since) {
  v = waiting(std::move(v), outside::answer, since);
  v.awaits = true;
  v.wait_text = "page 1";
  return v;
}

flight_view with_timer(flight_view v, flight_time due) {
  v.timer = due;
  return v;
}

flight_view ended(flight_view v) {
  v.ended = true;
  return v;
}

struct situation {
  const char* what;
  std::vector<flight_view> actors;
  /// When it is a stall, seconds after the start; 0: never (within the four hours that are looked at).
  int stalls_at;
  /// A part of the finding.
  const char* finding = "";
};

} // namespace

TEST_CASE("what is a stall and what is not") {
  // A stall is 60 s, a request 600 s.
  std::vector<situation> table{
    {"nobody does anything", {idle("a"), idle("b")}, 60, "no message has moved for 60 s"},
    {"something moved later than the rest", {idle("a"), idle("b", start + 30s)}, 90, "no message"},
    {"an actor that has ended does not count", {idle("a"), ended(idle("b", start + 30s))}, 60, "no message"},
    {"an actor is in one handler", {busy("a"), idle("b")}, 60, "a #5 has been handling one permit for 60 s"},
    {"one actor is in a handler while others work",
     {busy("a"), idle("b", start + 4h)},
     60,
     "a #5 has been handling one permit"},
    {"an actor that ended in a handler", {ended(busy("a")), idle("b", start + 4h)}, 0},
    {"a request within its time, then beyond it",
     {waiting(busy("fetcher"), outside::answer, start), idle("b")},
     660,
     "longer than a request may take"},
    {"a request that began late in its handler",
     {waiting(busy("fetcher"), outside::answer, start + 50s), idle("b")},
     710,
     "longer than a request may take"},
    {"the request ended, its handler did not",
     {waiting(busy("fetcher"), outside::nothing, start + 500s), idle("b")},
     560,
     "fetcher #5 has been handling"},
    {"an answer is awaited between messages, within its time, then beyond it",
     {awaiting(idle("fetcher"), start), idle("b")},
     660,
     "fetcher #5 has been waiting for the answer to page 1 for"},
    {"an answer is awaited beyond its time while others work",
     {awaiting(idle("fetcher"), start), idle("b", start + 4h)},
     660,
     "longer than a request may take"},
    {"an answer was awaited, and what became of it goes nowhere",
     {waiting(idle("fetcher", start + 500s), outside::nothing, start + 500s), idle("b")},
     560,
     "no message"},
    {"nobody reads stdout", {waiting(busy("emitter"), outside::output, start), idle("b")}, 0},
    {"nobody reads stdout, and another actor is in a handler",
     {waiting(busy("emitter"), outside::output, start), busy("b")},
     60,
     "b #5 has been handling"},
    {"the progress line is held up, nothing else",
     {waiting(busy("p"), outside::display, start), idle("b", start + 4h)},
     0},
    {"the progress line is held up, which excuses nobody else",
     {waiting(busy("p"), outside::display, start), idle("b")},
     60,
     "no message"},
    {"a quota's timer, and nothing happens when it is due",
     {with_timer(idle("g"), start + 1h), idle("b")},
     3660,
     "no message"},
    {"a quota that comes back tomorrow", {with_timer(idle("g"), start + 24h), idle("b")}, 0},
    {"a timer excuses no handler", {with_timer(idle("g"), start + 24h), busy("b")}, 60, "b #5 has been handling"},
    {"no actors at all", {}, 60, "no message"},
  };
  for (const auto& s : table) {
    INFO(s.what);
    stall_detector d{{60s, 600s}, start};
    int found = 0;
    std::string finding;
    for (int t = 1; t <= 4 * 3600 && found == 0; ++t)
      if (auto x = d.look(s.actors, false, start + std::chrono::seconds{t})) {
        found = t;
        finding = *x;
      }
    CHECK(found == s.stalls_at);
    INFO(finding);
    CHECK(finding.find(s.finding) != std::string::npos);
  }
}

TEST_CASE("what goes on beside the run does not hide that it stands still") {
  const auto snapshot = kind_of(caf::make_rtti_pair<run_snapshot>());
  const auto log = kind_of(caf::make_rtti_pair<log_entry>());
  const auto state = kind_of(caf::make_rtti_pair<state_update>());
  /// An actor that has just handled something beside the run and waited for something outside meanwhile.
  auto beside = [](const char* name, message_kind what, outside whom, flight_time now) {
    auto v = idle(name);
    v.messages = {{what, 1, now, 0ns}};
    v.waited_for = whom;
    v.wait_changed = now;
    v.waited = (now - start) / 1000;
    return v;
  };
  struct beside_case {
    message_kind what;
    outside whom;
  };
  for (auto [what, whom] : std::vector<beside_case>{
         {snapshot, outside::display}, {snapshot, outside::file}, {log, outside::output}, {state, outside::output}}) {
    INFO(name_of(what));
    stall_detector d{{60s, 600s}, start};
    int found = 0;
    for (int t = 1; t <= 3600 && found == 0; ++t)
      if (d.look({idle("a"), beside("b", what, whom, start + std::chrono::seconds{t})}, false,
                 start + std::chrono::seconds{t}))
        found = t;
    CHECK(found >= 60);
    CHECK(found <= 61);
  }
}

TEST_CASE("a display that takes all the time there is excuses nobody") {
  stall_detector d{{60s, 600s}, start};
  int found = 0;
  for (int t = 1; t <= 3600 && found == 0; ++t) {
    auto now = start + std::chrono::seconds{t};
    auto p = waiting(busy("p", now - 300ms), outside::display, now - 300ms);
    p.messages.front().kind = kind_of(caf::make_rtti_pair<run_snapshot>());
    p.moved = start;
    p.waited = now - start;
    if (d.look({idle("a"), p}, false, now))
      found = t;
  }
  CHECK(found == 60);
}

TEST_CASE("a reader of stdout that takes line by line is waited for, however short each wait") {
  stall_detector d{{60s, 600s}, start};
  auto emitter = idle("emitter");
  emitter.messages = {{kind_of(caf::make_rtti_pair<log_entry>()), 1, start, 0ns}};
  emitter.waited_for = outside::output;
  for (int t = 1; t <= 3600; ++t) {
    auto now = start + std::chrono::seconds{t};
    emitter.waited = now - start - 10ms;
    emitter.wait_changed = now;
    REQUIRE(!d.look({idle("a"), emitter}, false, now));
  }
  int found = 0;
  for (int t = 3601; t <= 3700 && found == 0; ++t)
    if (d.look({idle("a"), emitter}, false, start + std::chrono::seconds{t}))
      found = t;
  CHECK(found == 3660);
}

TEST_CASE("stderr that is blocked now and then excuses no more than that time") {
  stall_detector d{{60s, 600s}, start};
  int found = 0;
  for (int t = 1; t <= 3600 && found == 0; ++t)
    if (d.look({idle("a")}, t % 2 == 0, start + std::chrono::seconds{t}))
      found = t;
  CHECK(found == 119);
}

TEST_CASE("only what takes a run forward counts as movement") {
  for (auto kind : {kind_of(caf::make_rtti_pair<tick>()), kind_of(caf::make_rtti_pair<heartbeat>()),
                    kind_of(caf::make_rtti_pair<state_update>()), kind_of(caf::make_rtti_pair<status_update>()),
                    kind_of(caf::make_rtti_pair<estimate>()), kind_of(caf::make_rtti_pair<throttled>()),
                    kind_of(caf::make_rtti_pair<log_entry>()), kind_of(caf::make_rtti_pair<report_request>()),
                    kind_of(caf::make_rtti_pair<run_snapshot>()), kind_of(caf::make_rtti_pair<snapshot_shown>()),
                    kind_of(caf::make_rtti_pair<flush_request>()), kind_of(caf::make_rtti_pair<flushed>()),
                    kind_of(caf::make_rtti_pair<retune>()), kind_of(caf::make_rtti_pair<retuned>()), message_kind{0}}) {
    INFO(name_of(kind));
    CHECK(!moves_run(kind));
  }
  for (auto kind : {page, kind_of(caf::make_rtti_pair<page_outcome>()), kind_of(caf::make_rtti_pair<no_page>()),
                    kind_of(caf::make_rtti_pair<endpoint_done>()), kind_of(caf::make_rtti_pair<drained>())}) {
    INFO(name_of(kind));
    CHECK(moves_run(kind));
  }
}

TEST_CASE("time in which nobody read stderr does not count") {
  stall_detector d{{60s, 600s}, start};
  std::vector<flight_view> actors{busy("a"), idle("b")};
  for (int t = 1; t <= 3600; ++t)
    REQUIRE(!d.look(actors, true, start + std::chrono::seconds{t}));
  for (int t = 3601; t < 3660; ++t)
    REQUIRE(!d.look(actors, false, start + std::chrono::seconds{t}));
  CHECK(d.look(actors, false, start + 3660s));
}

TEST_CASE("time in which the whole process was stopped does not count") {
  stall_detector d{{60s, 600s}, start};
  std::vector<flight_view> actors{idle("a"), waiting(busy("fetcher"), outside::answer, start)};
  CHECK(!d.look(actors, false, start + 1s));
  CHECK(!d.look(actors, false, start + 2h));
  for (int t = 1; t < 60; ++t)
    REQUIRE(!d.look(actors, false, start + 2h + std::chrono::seconds{t}));
  CHECK(d.look(actors, false, start + 2h + 60s));
}

TEST_CASE("a stall of 0 s is never found") {
  stall_detector d{{0s, 600s}, start};
  for (int t = 1; t <= 1000; ++t)
    REQUIRE(!d.look({busy("a")}, false, start + std::chrono::seconds{t}));
}

TEST_CASE("a detector wants to look often enough to find a stall in time") {
  CHECK(stall_detector({60s, 600s}, start).interval() == 1s);
  CHECK(stall_detector({2s, 600s}, start).interval() == 250ms);
  CHECK(stall_detector({1ms, 600s}, start).interval() == 10ms);
}
