#include "actors/read_supervisor.hpp"

#include "actors/support/pool_room.hpp"
#include "messages/text/durations.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace sluice {

// -- the course of a run ---------------------------------------------------------

caf::result<run_result> read_supervisor_state::start() {
  promise = self->make_response_promise<run_result>();
  progress.begin();
  streams = stream_books{setup.plan};
  endpoint_ended.assign(setup.plan->endpoints.size(), false);

  setup.make_cast(self, setup, std::move(setup.ledger).value(), actors);
  announce_streams();
  open_sources(self, *setup.plan, actors);
  if (!setup.observers.empty())
    set_timer(timer::progress, setup.progress_interval);
  if (setup.max_duration)
    set_timer(timer::duration, *setup.max_duration);
  if (setup.plan->endpoints.empty())
    wind_up();
  return promise;
}

caf::result<retuned> read_supervisor_state::change_bounds(const retune& wanted) {
  const auto most = setup.tuning.fetchers.max_pool_size;
  if (wanted.pool_size > most)
    return retuned{{},
                   "A pool of " + std::to_string(wanted.pool_size) + " is larger than fetchers.max_pool_size ("
                     + std::to_string(most) + ")."};
  if (winding_up || ending)
    return retuned{{}, "The run is ending."};
  if (wanted.pool_size > actors.fetchers.size())
    if (auto room = make_room_for_pool(wanted.pool_size, setup.tuning.memory.limit); !room)
      return retuned{{}, room.error().message + " Nothing was changed."};
  auto answer = self->make_response_promise<retuned>();
  self->request(actors.governor, caf::infinite, wanted)
    .then(
      [this, answer, wanted](retuned& done) mutable {
        if (done.problem.empty() && wanted.pool_size > 0 && !winding_up) {
          setup.pool_size = wanted.pool_size;
          // A smaller pool keeps its fetchers: the governor lets them idle.
          add_fetchers(self, setup, actors, wanted.pool_size);
        }
        for (const auto& change : done.changes)
          spdlog::info("Changed while running: {}", change);
        answer.deliver(std::move(done));
      },
      [answer](caf::error& problem) mutable { answer.deliver(std::move(problem)); });
  return answer;
}

void read_supervisor_state::announce_streams() {
  for (stream_index i = 0; i < setup.plan->streams.size(); ++i) {
    const auto& s = setup.plan->streams[i];
    if (s.already_complete) {
      spdlog::info("Stream {} is complete already: the sync that this run continues has read it to its end", s.name);
      send_status(i, stream_status::started);
      self->send(actors.emitter, state_update{i, s.initial_state});
      send_status(i, stream_status::complete);
      streams.end(i, true);
    } else if (s.endpoint) {
      spdlog::info("Marking stream {} as STARTED", s.name);
      spdlog::info("Syncing stream: {}", s.name);
      send_status(i, stream_status::started);
    } else {
      // The edge has told the user; the protocol wants a state of every stream: the one that came in still holds.
      if (s.refusal)
        fail_stream(i, *s.refusal);
      self->send(actors.emitter, state_update{i, s.initial_state.empty() ? std::string{"{}"} : s.initial_state});
      send_status(i, stream_status::incomplete);
      streams.end(i, false);
    }
  }
}

void read_supervisor_state::finish_endpoint(const endpoint_done& x) {
  endpoint_ended[x.endpoint] = true;
  const auto& e = setup.plan->endpoints[x.endpoint];
  for (auto edge : e.child_edges)
    self->send(actors.fan_outs[edge], parents_done{edge, x.complete});
  for (auto s : x.cut)
    streams.limit(s);
  for (const auto& out : e.outputs) {
    if (!out.emit)
      continue;
    const bool complete = x.complete && std::find(x.cut.begin(), x.cut.end(), out.stream) == x.cut.end();
    if (!x.complete && streams.errors(out.stream) == 0 && e.slices.has_parents()) {
      std::string parents;
      for (auto edge : e.slices.feeding_edges())
        parents += (parents.empty() ? "" : " or ") + setup.plan->endpoints[setup.plan->edges[edge].parent].name;
      fail_stream(out.stream, missing_parents(out.stream_name, parents, worst.value_or(failure_type::system_error)));
    }
    spdlog::info("Marking stream {} as STOPPED", out.stream_name);
    spdlog::info("Finished syncing {}", out.stream_name);
    send_status(out.stream, complete ? stream_status::complete : stream_status::incomplete);
    streams.end(out.stream, complete);
  }
  if (std::find(endpoint_ended.begin(), endpoint_ended.end(), false) == endpoint_ended.end())
    wind_up();
}

void read_supervisor_state::note_error(const sluice::error& why) {
  worst = worst ? worse(*worst, why.failure) : why.failure;
  if (!result.has_error) {
    result.has_error = true;
    result.first_error = why;
  }
  const auto is_of_its_kind = [&why](const sluice::error& x) { return x.code == why.code && x.failure == why.failure; };
  if (result.errors.size() < run_result::most_kinds
      && std::none_of(result.errors.begin(), result.errors.end(), is_of_its_kind))
    result.errors.push_back(why);
}

void read_supervisor_state::take_failure(const slice_failed& x) {
  note_error(x.error);
  // What only the user can mend is one thing, however many slices it befalls: a refused token.
  const auto cause = x.error.failure == failure_type::config_error ? cause_of(x.error, x.slice.label) : std::string{};
  for (auto s : streams.streams_of(x.slice.endpoint))
    if (cause.empty() || !streams.is_known_cause(s, cause))
      fail_stream(s, x.error);
}

void read_supervisor_state::stop_early(early_end why) {
  if (ending || winding_up)
    return;
  ending = std::move(why);
  self->send(actors.governor, drain{});
}

void read_supervisor_state::stop_for(const quota_gone& x) {
  auto why = end_by_quota(x, setup.wall(), setup.purpose);
  const bool is_success = setup.tuning.quota.on_exhausted == on_exhausted::finish;
  stop_early(is_success ? as_success(std::move(why)) : std::move(why));
}

void read_supervisor_state::take_enough(const records_enough& x) {
  if (ending || winding_up)
    return;
  for (auto s : x.streams)
    if (!streams.ended(s))
      streams.limit(s);
  self->send(actors.governor, drain{});
}

void read_supervisor_state::take_surrender(const endpoint_given_up& x) {
  const bool no_credential = x.credential.code != errc::none;
  if (no_credential)
    note_error(x.credential);
  // This one error is printed however many came before it: it says why the rest is missing.
  for (auto s : streams.streams_of(x.endpoint)) {
    streams.fail(s);
    if (no_credential && !streams.count_error(s))
      continue;
    auto why = too_many_failures(streams.name(s), x, worst.value_or(failure_type::system_error));
    self->send(actors.emitter, error_trace{std::move(why), true, s});
  }
}

void read_supervisor_state::take_down(const caf::down_msg& x) {
  if (winding_up)
    return;
  spdlog::error("an actor ended unexpectedly: {}", caf::to_string(x.reason));
  if (setup.on_lost_actor)
    setup.on_lost_actor();
  ending = end_by_lost_actor(caf::to_string(x.reason));
  setup.transport->abort_all();
  // The governor may be the one that is gone; waiting for its drain could wait for ever.
  wind_up();
}

void read_supervisor_state::take_throttling(const throttled& x) {
  if (winding_up || ending)
    return;
  bool begins = x.waiting && !throttling;
  throttling = x.waiting;
  if (!begins)
    return;
  auto back = setup.wall() + std::chrono::microseconds{x.resets_in_us};
  spdlog::info("The rate limit is reached: the next request may go in {}",
               human_duration(std::chrono::microseconds{x.resets_in_us}));
  for (stream_index i = 0; i < streams.size(); ++i)
    if (!streams.ended(i))
      self->send(actors.emitter, status_update{i, stream_status::running, epoch_ms(back)});
  if (setup.tuning.state.heartbeat.count() > 0 && !beating)
    beat();
}

void read_supervisor_state::take_timer(timer what) {
  switch (what) {
    case timer::progress:
      return report_progress();
    case timer::heartbeat:
      return beat();
    case timer::duration:
      return stop_early(end_by_time_bound(*setup.max_duration));
    case timer::grace:
      return setup.transport->abort_all();
  }
}

void read_supervisor_state::beat() {
  // While nobody reads stdout there is nobody for whom to be alive.
  if (beating && throttling && !beat_waits) {
    beat_waits = true;
    self->send(actors.aggregator, heartbeat{});
    self->request(actors.emitter, caf::infinite, flush_request{})
      .then([this](const flushed&) { beat_waits = false; }, [](const caf::error&) { /* nop: it has ended */ });
  }
  beating = throttling && !winding_up && !ending;
  if (beating)
    set_timer(timer::heartbeat, setup.tuning.state.heartbeat);
}

void read_supervisor_state::take_stall(const stall_notice& x) {
  ending = end_by_stall(x.finding);
  // Whoever does not answer at once may be the one who is stuck.
  patience = caf::duration{std::chrono::milliseconds{300}};
  setup.transport->abort_all();
  if (!winding_up) {
    wind_up();
  } else if (!said_last_words) {
    print_last_words();
  } else {
    // Only an answer to the last questions is missing.
    result.exit_code = ending->exit_code;
    result.reason = ending->reason;
    self->send(actors.emitter, error_trace{*ending->trace, false, 0});
    self->request(actors.emitter, patience, flush_request{})
      .then([this](const flushed&) { close(); }, [this](const caf::error&) { close(); });
  }
}

void read_supervisor_state::report_progress() {
  if (winding_up)
    return;
  progress.show_present();
  set_timer(timer::progress, setup.progress_interval);
}

std::string read_supervisor_state::describe() const {
  std::string text;
  for (std::size_t e = 0; e < endpoint_ended.size(); ++e)
    if (!endpoint_ended[e])
      text += (text.empty() ? "waits for endpoint_done of " : ", ") + setup.plan->endpoints[e].name;
  if (winding_up)
    return "winds up, waits for the answers to its questions";
  return ending ? "waits for drained of the governor" : text;
}

// -- the end -----------------------------------------------------------------------

void read_supervisor_state::wind_up() {
  if (winding_up)
    return;
  winding_up = true;
  auto go_on = [this](const caf::error&) { print_last_words(); };
  // Everything that fetchers sent must be written and booked before the final states are made.
  self->request(actors.emitter, patience, flush_request{})
    .then(
      [this, go_on](const flushed&) {
        self->request(actors.aggregator, patience, finish_request{})
          .then([this](const finished&) { count_requests(); }, go_on);
      },
      go_on);
}

void read_supervisor_state::count_requests() {
  self->request(actors.governor, patience, report_request{})
    .then(
      [this](governor_report& x) {
        result.snapshot.requests = std::move(x);
        print_last_words();
      },
      [this](const caf::error&) { print_last_words(); });
}

void read_supervisor_state::judge_idle_policies() {
  for (const auto& policy : result.snapshot.requests.idle_policies) {
    auto end = end_by_idle_policy(policy, result.snapshot.requests.requests);
    if (!setup.strict)
      spdlog::warn(end.reason);
    else if (!ending)
      ending = std::move(end);
  }
}

void read_supervisor_state::print_last_words() {
  if (said_last_words)
    return;
  said_last_words = true;
  judge_idle_policies();
  for (stream_index i = 0; i < streams.size(); ++i) {
    if (!streams.ended(i)) {
      streams.end(i, false);
      send_status(i, stream_status::incomplete);
    }
    if (streams.errors(i) > stream_books::max_errors_per_stream)
      spdlog::warn("stream {}: {} further errors were not printed", streams.name(i),
                   streams.errors(i) - stream_books::max_errors_per_stream);
    if (streams.repeated(i) > 0)
      spdlog::warn("stream {}: {} further slices failed for a reason that was told", streams.name(i),
                   streams.repeated(i));
  }
  if (const auto limited = streams.limited(); !limited.empty())
    spdlog::info(
      "No more than {} records of a stream were wanted; there may be more of: {}. Their states promise nothing "
      "that was not printed: a read without the limit brings the rest.",
      setup.plan->record_limit, listed(limited));
  const auto names = streams.failed();
  result.exit_code = 0;
  if (ending && (ending->exit_code == 3 || ending->is_success) && names.empty())
    ending.reset(); // what was in flight was the rest
  if (ending && ending->is_success && result.has_error)
    ending.reset(); // that quota is no failure, but something else is
  if (ending) {
    result.exit_code = ending->exit_code;
    result.reason = ending->reason;
    if (ending->trace)
      self->send(actors.emitter, error_trace{*ending->trace, false, 0});
    if (ending->is_success)
      spdlog::warn(missing_after(*ending, names));
  } else if (!names.empty()) {
    result.exit_code = 1;
    result.reason = "These streams did not sync completely: " + listed(names) + ".";
    auto failure = worst.value_or(failure_type::config_error);
    self->send(actors.emitter, error_trace{incomplete_streams(names, failure), false, 0});
  }
  spdlog::info("Finished syncing");
  if (setup.log)
    setup.log->detach();
  self->request(actors.emitter, patience, flush_request{})
    .then(
      [this](const flushed& x) {
        output_open = x.open;
        collect_numbers();
      },
      [this](const caf::error&) {
        output_open = false;
        collect_numbers();
      });
}

void read_supervisor_state::collect_numbers() {
  result.output_open = output_open;
  self->request(actors.aggregator, patience, report_request{})
    .then(
      [this](aggregator_report& x) {
        result.snapshot.records = std::move(x);
        // What is not complete by now will not be.
        auto& reports = result.snapshot.records.streams;
        for (stream_index i = 0; i < reports.size(); ++i)
          if (reports[i].status != stream_phase::complete)
            reports[i].status = streams.limited(i) ? stream_phase::limited : stream_phase::incomplete;
        settle_credentials();
      },
      [this](const caf::error&) { settle_credentials(); });
}

void read_supervisor_state::settle_credentials() {
  const auto settled = [this] {
    if (--unsettled == 0)
      close();
  };
  unsettled = 1;
  for (credential_id id = 0; output_open && id < actors.authenticators.size(); ++id) {
    if (!changes_config(setup.plan->credentials[id]))
      continue;
    ++unsettled;
    self->request(actors.authenticators[id], patience, flush_request{})
      .then([settled](const flushed&) { settled(); }, [settled](const caf::error&) { settled(); });
  }
  settled();
}

void read_supervisor_state::close() {
  if (std::exchange(closed, true))
    return;
  progress.complete(result.snapshot);
  progress.show_last(result.snapshot);
  // One that asks for a credential which nobody will need any more would hold up the end.
  if (!actors.authenticators.empty())
    setup.transport->abort_all();
  dismiss(self, actors);
  promise.deliver(std::move(result));
  // Dropping the state drops the handles: CAF would wait for ever for a detached actor whose handle is kept.
  self->quit();
}

void read_supervisor_state::take_exception() {
  // The others keep each other's handles: left alone they would live for ever, and CAF would wait for them.
  if (setup.log)
    setup.log->detach();
  if (setup.transport)
    setup.transport->abort_all();
  dismiss(self, actors);
}

// -- helpers -----------------------------------------------------------------------

void read_supervisor_state::send_status(stream_index s, stream_status status) {
  self->send(actors.emitter, status_update{s, status});
}

void read_supervisor_state::fail_stream(stream_index s, const sluice::error& why) {
  if (streams.count_error(s))
    self->send(actors.emitter, error_trace{why, true, s});
}

void read_supervisor_state::set_timer(timer what, std::chrono::microseconds delay) {
  self->delayed_send(self, std::chrono::duration_cast<std::chrono::nanoseconds>(delay),
                     tick{static_cast<std::uint64_t>(what)});
}

read_supervisor_actor::behavior_type read_supervisor(read_supervisor_self* self, run_setup setup) {
  install_handlers(self);
  self->set_down_handler([self](caf::scheduled_actor*, caf::down_msg& x) { self->state.take_down(x); });
  // Whoever waits for the run's result must not wait for ever.
  self->set_exception_handler([self](std::exception_ptr& x) -> caf::error {
    auto what = text_of(x);
    if (self->state.actors.emitter)
      self->send(self->state.actors.emitter, error_trace{*end_by_lost_actor(what).trace, false, 0});
    self->state.take_exception();
    auto problem = caf::make_error(caf::sec::runtime_error, what);
    if (self->state.promise.pending())
      self->state.promise.deliver(problem);
    return problem;
  });
  self->state.setup = std::move(setup);
  return {
    [self](const run_request&) { return self->state.start(); },
    [self](const stop_request& x) {
      if (x.signal == 0) {
        self->state.stop_early({0, "", std::nullopt});
        return;
      }
      auto name = std::string{"SIG"} + ::sigabbrev_np(x.signal);
      spdlog::info("{} received: no further requests; what is in flight is finished and the final state written", name);
      self->state.stop_early(end_by_signal(x.signal, name));
      self->state.set_timer(read_supervisor_state::timer::grace, self->state.setup.tuning.shutdown.grace);
      self->state.progress.stop_within(self->state.setup.tuning.shutdown.grace);
    },
    [self](const retune& x) { return self->state.change_bounds(x); },
    [self](const stall_notice& x) { self->state.take_stall(x); },
    [self](const endpoint_done& x) { self->state.finish_endpoint(x); },
    [self](const slice_failed& x) { self->state.take_failure(x); },
    [self](const quota_gone& x) { self->state.stop_for(x); },
    [self](const requests_spent& x) { self->state.stop_early(end_by_request_bound(x.limit)); },
    [self](const records_enough& x) { self->state.take_enough(x); },
    [self](const throttled& x) { self->state.take_throttling(x); },
    [self](const endpoint_given_up& x) { self->state.take_surrender(x); },
    [self](const drained&) { self->state.wind_up(); },
    [self](const output_closed& x) {
      self->state.output_open = false;
      self->state.setup.transport->abort_all();
      self->state.stop_early({1, x.reason, std::nullopt});
    },
    [self](const tick& x) { self->state.take_timer(static_cast<read_supervisor_state::timer>(x.generation)); },
  };
}

} // namespace sluice
