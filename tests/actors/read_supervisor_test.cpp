#include "actors/read_supervisor.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// Counts how often everything in flight was ended.
class counting_transport final : public net::transport {
public:
  std::unique_ptr<net::http_session> open_session() override { return nullptr; }
  void abort_all() noexcept override { ++aborts; }
  int aborts = 0;
};

/// A supervisor whose cast are probes. The plan is the built-in connector's: `surveys`, and `survey_responses` below
/// it.
struct supervisor_case {
  supervisor_case() {
    run_case c;
    auto compiled = plan_of(c);
    REQUIRE(compiled);
    setup.plan = std::make_shared<const plan>(std::move(*compiled));
    setup.ledger = slice_ledger::open(setup.plan).value();
    setup.transport = transport;
    setup.wall = f.wall();
    setup.detached = false;
    setup.make_cast = [this](read_supervisor_actor::pointer self, const run_setup& s, slice_ledger, cast& made) {
      f.journal.push_back("cast made");
      made.emitter = emitter.handle();
      made.governor = governor.handle();
      made.aggregator = aggregator.handle();
      made.generators = {generator.handle()};
      for (std::size_t i = 0; i < s.plan->edges.size(); ++i)
        made.fan_outs.push_back(fan_out.handle());
      self->monitor(made.emitter);
      self->monitor(made.governor);
      self->monitor(made.aggregator);
    };
    emitter.answers<flush_request>([](const flush_request&) { return flushed{true}; });
    aggregator.answers<finish_request>([](const finish_request&) { return finished{}; });
    aggregator.answers<report_request>([this](const report_request&) { return records; });
    governor.answers<report_request>([this](const report_request&) { return requests; });
  }

  void begin() {
    supervisor = f.spawn(read_supervisor, setup);
    result = f.begin_asking<run_result>(supervisor, run_request{});
  }
  /// All endpoints end, one after the other.
  void end_all(bool complete = true) {
    for (const auto& e : setup.plan->endpoints)
      f.send(supervisor, endpoint_done{e.id, 1, complete ? 0u : 1u, complete});
  }
  bool over() const { return result && result->has_value(); }
  const run_result& outcome() const { return **result; }

  stream_index stream(const std::string& name) const {
    for (stream_index i = 0; i < setup.plan->streams.size(); ++i)
      if (setup.plan->streams[i].name == name)
        return i;
    FAIL("no stream " << name);
    return 0;
  }
  endpoint_id endpoint_of(const std::string& name) const { return *setup.plan->streams[stream(name)].endpoint; }
  slice_failed failure_of(const std::string& name) const {
    slice_failed x;
    x.slice.endpoint = endpoint_of(name);
    x.error = error{errc::internal, failure_type::transient_error, "the server hiccuped", ""};
    return x;
  }
  /// Statuses that the emitter was told of a stream.
  std::vector<stream_status> statuses(const std::string& name) const {
    std::vector<stream_status> found;
    for (const auto& x : emitter.all<status_update>())
      if (x.stream == stream(name))
        found.push_back(x.status);
    return found;
  }
  /// What happened after the last message before the end of the run.
  std::vector<std::string> journal_from(const std::string& first) const {
    return {std::find(f.journal.begin(), f.journal.end(), first), f.journal.end()};
  }

  actor_fixture f;
  probe<emitter_actor> emitter = f.probe_of<emitter_actor>("emitter");
  probe<governor_actor> governor = f.probe_of<governor_actor>("governor");
  probe<state_aggregator_actor> aggregator = f.probe_of<state_aggregator_actor>("state_aggregator");
  probe<slice_generator_actor> generator = f.probe_of<slice_generator_actor>("slice_generator");
  probe<fan_out_actor> fan_out = f.probe_of<fan_out_actor>("fan_out");
  std::shared_ptr<counting_transport> transport = std::make_shared<counting_transport>();
  governor_report requests;
  aggregator_report records;
  run_setup setup;
  read_supervisor_actor supervisor;
  std::shared_ptr<const std::optional<run_result>> result;
};

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("streams are announced before the governor knows where slices come from: nothing is requested unannounced") {
  supervisor_case c;
  c.begin();
  strings expected{"cast made"};
  for (std::size_t i = 0; i < c.setup.plan->streams.size(); ++i)
    expected.push_back("emitter status_update");
  for (std::size_t i = 0; i < c.setup.plan->endpoints.size(); ++i)
    expected.push_back("governor atom::join");
  CHECK(c.f.journal == expected);
  CHECK(c.statuses("surveys") == std::vector<stream_status>{stream_status::started});
  CHECK(!c.over());
}

TEST_CASE("when the last endpoint is done, everything is written before the final states, and they before the result") {
  supervisor_case c;
  c.begin();
  c.f.journal.clear();
  c.requests.requests = 7;
  c.records.streams.resize(2);
  c.records.streams[0].status = stream_phase::complete;
  c.records.streams[1].status = stream_phase::running;
  c.end_all();
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 0);
  CHECK(c.outcome().reason.empty());
  CHECK(c.outcome().snapshot.requests.requests == 7);
  CHECK(c.journal_from("emitter flush_request")
        == strings{"emitter flush_request", "state_aggregator finish_request", "governor report_request",
                   "emitter flush_request", "state_aggregator report_request"});
  // What has not become complete will not.
  CHECK(c.outcome().snapshot.records.streams[0].status == stream_phase::complete);
  CHECK(c.outcome().snapshot.records.streams[1].status == stream_phase::incomplete);
  CHECK(c.statuses("surveys") == std::vector<stream_status>{stream_status::started, stream_status::complete});
}

TEST_CASE("a parent that is done is told to the fan-outs below it") {
  supervisor_case c;
  c.begin();
  const auto& parent = c.setup.plan->endpoints[c.endpoint_of("surveys")];
  REQUIRE(!parent.child_edges.empty());
  c.f.send(c.supervisor, endpoint_done{parent.id, 1, 1, false});
  REQUIRE(c.fan_out.count<parents_done>() == parent.child_edges.size());
  CHECK(!c.fan_out.all<parents_done>()[0].complete);
  CHECK(!c.over());
}

TEST_CASE("a stream that failed is INCOMPLETE, its errors are printed up to a number, and the run ends with them") {
  supervisor_case c;
  c.begin();
  for (int i = 0; i < 50; ++i)
    c.f.send(c.supervisor, c.failure_of("survey_responses"));
  CHECK(c.emitter.count<error_trace>() == 20);
  CHECK(c.emitter.all<error_trace>()[0].stream == c.stream("survey_responses"));
  for (const auto& e : c.setup.plan->endpoints)
    c.f.send(c.supervisor, endpoint_done{e.id, 1, 0, e.id != c.endpoint_of("survey_responses")});
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 1);
  CHECK(c.outcome().reason == "These streams did not sync completely: survey_responses.");
  CHECK(c.outcome().has_error);
  CHECK(c.outcome().first_error.message == "the server hiccuped");
  CHECK(c.statuses("surveys").back() == stream_status::complete);
  CHECK(c.statuses("survey_responses").back() == stream_status::incomplete);
  auto last = c.emitter.all<error_trace>().back();
  CHECK(!last.has_stream);
  CHECK(last.error.failure == failure_type::transient_error);
}

TEST_CASE(
  "a signal drains: no request is admitted, what is in flight has its time of grace, and then the state is final") {
  supervisor_case c;
  c.begin();
  c.f.send(c.supervisor, stop_request{SIGTERM});
  c.f.send(c.supervisor, stop_request{SIGTERM});
  CHECK(c.governor.count<drain>() == 1);
  CHECK(!c.over());
  c.f.advance(c.setup.tuning.shutdown.grace - 1ms);
  CHECK(c.transport->aborts == 0);
  c.f.advance(1ms);
  CHECK(c.transport->aborts > 0);
  CHECK(!c.over());
  c.f.send(c.supervisor, drained{});
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 128 + SIGTERM);
  CHECK(c.outcome().reason == "Interrupted by SIGTERM.");
  CHECK(c.aggregator.count<finish_request>() == 1);
  CHECK(c.statuses("surveys").back() == stream_status::incomplete);
}

TEST_CASE("a stop without a signal is a success if nothing is missing then") {
  supervisor_case c;
  c.begin();
  c.f.send(c.supervisor, quota_gone{"day", 500, 3'600'000'000});
  CHECK(c.governor.count<drain>() == 1);
  // What was in flight was the rest.
  c.end_all();
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 0);
}

TEST_CASE("a used-up quota ends the run with its own exit code, and says when the quota comes back") {
  supervisor_case c;
  c.begin();
  c.f.send(c.supervisor, quota_gone{"day", 500, 3'600'000'000});
  c.f.send(c.supervisor, drained{});
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 3);
  CHECK(c.outcome().reason.find("quota of 500 requests is used up") != std::string::npos);
  // One hour after the fixture's beginning, 2023-11-14T22:13:20Z.
  CHECK(c.outcome().reason.find("2023-11-14T23:13:20Z") != std::string::npos);
}

TEST_CASE("a bound on the run's time drains when it is over") {
  supervisor_case c;
  c.setup.max_duration = 60s;
  c.begin();
  c.f.advance(59s);
  CHECK(c.governor.count<drain>() == 0);
  c.f.advance(1s);
  CHECK(c.governor.count<drain>() == 1);
}

TEST_CASE("an actor that dies ends the run at once, without waiting for it") {
  supervisor_case c;
  bool told = false;
  c.setup.on_lost_actor = [&told] { told = true; };
  c.begin();
  SECTION("the governor") {
    c.f.kill(c.governor.handle());
  }
  SECTION("the state aggregator") {
    c.f.kill(c.aggregator.handle());
  }
  SECTION("the emitter") {
    c.f.kill(c.emitter.handle());
  }
  CHECK(told);
  CHECK(c.governor.count<drain>() == 0);
  CHECK(c.transport->aborts > 0);
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 1);
  CHECK(c.outcome().reason == "An internal part of the program ended unexpectedly.");
}

TEST_CASE("an actor that cannot be made ends the run with an error, and whoever was made is dismissed") {
  supervisor_case c;
  c.setup.make_cast = [&c](read_supervisor_actor::pointer, const run_setup&, slice_ledger, cast& made) {
    made.emitter = c.emitter.handle();
    throw std::runtime_error{"no room for a governor"};
  };
  c.begin();
  CHECK(!c.over());
  CHECK(c.transport->aborts > 0);
  auto errors = c.emitter.all<error_trace>();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].error.internal_message == "no room for a governor");
  // Nobody takes its messages any more.
  c.emitter.clear();
  c.f.send(c.emitter.handle(), status_update{});
  CHECK(c.emitter.names().empty());
}

TEST_CASE("a run that stands still ends with what still answers") {
  supervisor_case c;
  c.emitter = c.f.probe_of<emitter_actor>("emitter"); // answers nothing
  c.begin();
  c.f.send(c.supervisor, stall_notice{"nothing has moved for 2 min"});
  CHECK(c.transport->aborts > 0);
  CHECK(!c.over());
  c.f.advance(2s);
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 4);
  CHECK(c.outcome().reason == "The run stood still: nothing has moved for 2 min.");
  CHECK(!c.outcome().output_open);
}

TEST_CASE("when stdout is gone, requests in flight are ended and the run drains") {
  supervisor_case c;
  c.begin();
  c.f.send(c.supervisor, output_closed{"the reader went away"});
  CHECK(c.transport->aborts == 1);
  CHECK(c.governor.count<drain>() == 1);
  c.f.send(c.supervisor, drained{});
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 1);
  CHECK(c.outcome().reason == "the reader went away");
}

TEST_CASE("while a rate limit holds up everything, streams tell until when, and states are printed as signs of life") {
  supervisor_case c;
  c.setup.tuning.state.heartbeat = 30s;
  c.begin();
  c.f.send(c.supervisor, throttled{true, 90'000'000});
  auto updates = c.emitter.all<status_update>();
  REQUIRE(updates.back().status == stream_status::running);
  CHECK(updates.back().quota_reset_ms == (actor_fixture::start_s + 90) * 1000);
  c.f.send(c.supervisor, throttled{true, 80'000'000});
  CHECK(c.emitter.count<status_update>() == updates.size());
  c.f.advance(29s);
  CHECK(c.aggregator.count<heartbeat>() == 0);
  c.f.advance(61s);
  CHECK(c.aggregator.count<heartbeat>() == 3);
  c.f.send(c.supervisor, throttled{false, 0});
  c.f.advance(10min);
  CHECK(c.aggregator.count<heartbeat>() == 3);
}

TEST_CASE("nobody is given signs of life while stdout is not read") {
  supervisor_case c;
  c.emitter = c.f.probe_of<emitter_actor>("emitter"); // comes to nothing
  c.setup.tuning.state.heartbeat = 30s;
  c.begin();
  c.f.send(c.supervisor, throttled{true, 3'600'000'000});
  c.f.advance(10min);
  CHECK(c.aggregator.count<heartbeat>() == 1);
}

TEST_CASE("an endpoint that is given up has one error that says so, however many came before") {
  supervisor_case c;
  c.begin();
  for (int i = 0; i < 30; ++i)
    c.f.send(c.supervisor, c.failure_of("surveys"));
  auto before = c.emitter.count<error_trace>();
  c.f.send(c.supervisor, endpoint_given_up{c.endpoint_of("surveys"), 30, 0});
  auto errors = c.emitter.all<error_trace>();
  REQUIRE(errors.size() == before + 1);
  CHECK(errors.back().error.message.find("more than errors.max_failed_slices allows") != std::string::npos);
}

TEST_CASE("a policy that governed no request is an error with --strict alone") {
  for (bool strict : {false, true}) {
    supervisor_case c;
    c.setup.strict = strict;
    c.requests.requests = 5;
    c.requests.idle_policies = {"minute"};
    c.begin();
    c.end_all();
    REQUIRE(c.over());
    CHECK(c.outcome().exit_code == (strict ? 1 : 0));
  }
}

TEST_CASE("observers are shown the run in intervals, but not before they have shown the last") {
  supervisor_case c;
  auto quick = c.f.probe_of<observer_actor>("quick");
  quick.answers<run_snapshot>([](const run_snapshot&) { return snapshot_shown{}; });
  auto busy = c.f.probe_of<observer_actor>("busy"); // never done with the first
  c.setup.observers = {quick.handle(), busy.handle()};
  c.setup.progress_interval = 250ms;
  c.setup.resident_bytes = [] { return std::uint64_t{123}; };
  c.requests.requests = 3;
  c.begin();
  c.f.advance(1s);
  REQUIRE(quick.count<run_snapshot>() == 4);
  CHECK(busy.count<run_snapshot>() == 1);
  auto shown = quick.all<run_snapshot>().back();
  CHECK(shown.elapsed_us == 1'000'000);
  CHECK(shown.requests.requests == 3);
  CHECK(shown.resident_bytes == 123);
  CHECK(shown.pool_size == c.setup.pool_size);
  // The end is shown to all.
  c.end_all();
  REQUIRE(c.over());
  CHECK(quick.count<run_snapshot>() == 5);
  CHECK(busy.count<run_snapshot>() == 2);
  c.f.advance(1s);
  CHECK(quick.count<run_snapshot>() == 5);
}

TEST_CASE("bounds are changed by the governor, within what the tuning allows and not while the run ends") {
  supervisor_case c;
  c.governor.answers<retune>([](const retune&) { return retuned{{"limit of `day` 500 -> 400"}, ""}; });
  c.begin();
  auto too_large = c.f.ask<retuned>(c.supervisor, retune{c.setup.tuning.fetchers.max_pool_size + 1, {}});
  REQUIRE(too_large);
  CHECK(too_large->problem.find("fetchers.max_pool_size") != std::string::npos);
  CHECK(c.governor.count<retune>() == 0);
  auto done = c.f.ask<retuned>(c.supervisor, retune{0, {{"day", 400}}});
  REQUIRE(done);
  CHECK(done->changes == strings{"limit of `day` 500 -> 400"});
  c.f.send(c.supervisor, stop_request{0});
  auto late = c.f.ask<retuned>(c.supervisor, retune{0, {{"day", 300}}});
  REQUIRE(late);
  CHECK(late->problem == "The run is ending.");
}

TEST_CASE("a stream that cannot be read with this configuration has an error and its state back; the others are read") {
  supervisor_case c;
  auto changed = std::make_shared<plan>(*c.setup.plan);
  changed->streams.push_back({"books", "", {}, 0, false, R"({"a":1})"});
  changed->streams.back().refusal = error{errc::bad_config, failure_type::config_error, "No list.", {}};
  c.setup.plan = changed;
  c.setup.ledger = slice_ledger::open(c.setup.plan).value();
  c.begin();
  CHECK(c.statuses("books") == std::vector<stream_status>{stream_status::incomplete});
  const auto states = c.emitter.all<state_update>();
  REQUIRE(states.size() == 1);
  CHECK(states[0].json == R"({"a":1})");
  c.end_all();
  REQUIRE(c.over());
  CHECK(c.outcome().exit_code == 1);
  CHECK(c.emitter.count<error_trace>() >= 1);
}
