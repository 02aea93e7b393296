#include "actors/read_supervisor.hpp"

#include "actors/core/admission/forecast.hpp"
#include "actors/emitter.hpp"
#include "actors/fan_out.hpp"
#include "actors/fetcher.hpp"
#include "actors/governor.hpp"
#include "actors/slice_generator.hpp"
#include "actors/state_aggregator.hpp"
#include "actors/support/actor_gauges.hpp"
#include "actors/support/threads.hpp"
#include "actors/tracer.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

/// Beyond these, further errors of a stream are only counted: an account with 10,000 unreadable surveys must not drown
/// its log.
constexpr std::uint64_t max_errors_per_stream = 20;

constexpr std::uint64_t generation_of_progress = 0;
constexpr std::uint64_t generation_of_grace = 1;
constexpr std::uint64_t generation_of_duration = 2;
constexpr std::uint64_t generation_of_heartbeat = 3;

} // namespace

// -- the course of a run ---------------------------------------------------------

caf::result<run_result> read_supervisor_state::start() {
  promise = self->make_response_promise<run_result>();
  started_at = self->clock().now();
  streams.resize(setup.plan->streams.size());
  endpoint_ended.assign(setup.plan->endpoints.size(), false);
  showing.assign(setup.observers.size(), false);

  auto ledger = slice_ledger::open(setup.plan);
  if (!ledger) {
    // The edge checks states before it starts a run; this is the last net.
    result.exit_code = 1;
    result.reason = ledger.error().message;
    promise.deliver(result);
    self->quit();
    return promise;
  }
  spawn_all(std::move(*ledger));
  announce_streams();
  for (const auto& e : setup.plan->endpoints)
    if (e.parent_edge)
      self->send(governor, atom::join_v, e.id, slice_source_actor{fan_outs[*e.parent_edge]});
  std::size_t g = 0;
  for (const auto& e : setup.plan->endpoints)
    if (!e.parent_edge)
      self->send(governor, atom::join_v, e.id, generators[g++]);
  if (!setup.observers.empty())
    self->delayed_send(self, setup.progress_interval, tick{generation_of_progress});
  if (setup.max_duration)
    self->delayed_send(self, std::chrono::duration_cast<std::chrono::nanoseconds>(*setup.max_duration),
                       tick{generation_of_duration});
  if (setup.plan->endpoints.empty())
    wind_up();
  return promise;
}

void read_supervisor_state::spawn_all(slice_ledger ledger) {
  read_supervisor_actor me{self};
  const auto& plan = setup.plan;
  const auto& t = setup.tuning;

  // The windows are read from the ledger before it moves to its actor: two openings of one state could disagree.
  std::vector<std::vector<cursor_window>> windows;
  for (const auto& e : plan->endpoints)
    windows.push_back(ledger.windows_of(e.id));

  const auto backlog = setup.log ? setup.log->backlog() : nullptr;
  emitter = setup.detached
              ? self->spawn<caf::detached + caf::monitored>(sluice::emitter, plan, setup.out, setup.secrets, backlog,
                                                            me, setup.wall)
              : self->spawn<caf::monitored>(sluice::emitter, plan, setup.out, setup.secrets, backlog, me, setup.wall);
  if (setup.log)
    setup.log->attach(emitter);
  std::vector<std::shared_ptr<const partition_past>> pasts;
  for (const auto& e : plan->edges)
    pasts.push_back(ledger.past_of(e.child));
  for (const auto& warning : ledger.warnings())
    spdlog::warn(warning);
  aggregator = self->spawn<caf::monitored>(state_aggregator, std::move(ledger),
                                           state_pacer{t.state.max_bytes_per_second, t.state.interval}, emitter, me);
  admission_limits limits;
  limits.pool_size = setup.pool_size;
  limits.output_bytes = t.emitter.mailbox_bytes;
  limits.page_bytes = t.memory.limit;
  limits.fan_out_records = t.fan_out.mailbox;
  limits.lookahead = t.slice_generator.lookahead;
  limits.minute = t.budget.window;
  limits.max_requests = setup.max_requests;
  limits.wait_for_every_quota = t.quota.on_exhausted == "wait";
  limits.slice_retries = t.errors.slice_retries;
  limits.max_failed_slices = t.errors.max_failed_slices;
  limits.max_failures_in_a_row = t.errors.max_failures_in_a_row;
  governor = self->spawn<caf::monitored>(sluice::governor, plan, limits, me, aggregator, setup.wall,
                                         memory_watch{setup.resident_bytes, t.memory.limit});
  self->send(emitter, atom::join_v, governor, aggregator);

  for (const auto& e : plan->edges)
    fan_outs.push_back(self->spawn<caf::monitored>(fan_out, plan, e.child, governor, aggregator, pasts[fan_outs.size()],
                                                   static_cast<std::size_t>(t.fan_out.mailbox)));
  for (const auto& e : plan->endpoints)
    if (!e.parent_edge)
      generators.push_back(
        self->spawn<caf::monitored>(slice_generator, plan, e.id, std::move(windows[e.id]), governor, aggregator));
  links = {governor, emitter, fan_outs};
  add_fetchers(setup.pool_size);
  if (trace_of(self->home_system()) != nullptr)
    tracer = self->spawn<caf::monitored>(sluice::tracer, governor, recorder_of(self->home_system())->shared_from_this(),
                                         setup.resident_bytes);
}

void read_supervisor_state::add_fetchers(std::uint32_t upto) {
  const auto& t = setup.tuning;
  const retry_limits retries{t.http.max_retries, t.http.max_retry_time, t.errors.on_missing_rows == "accept",
                             t.errors.max_empty_pages, setup.purpose};
  const auto max_body = t.http.max_body_bytes;
  for (auto i = static_cast<std::uint32_t>(fetchers.size()); i < upto; ++i) {
    fetchers.push_back(setup.detached ? self->spawn<caf::detached + caf::monitored>(
                         fetcher, i, setup.plan, setup.transport, links, retries, max_body, setup.wall)
                                      : self->spawn<caf::monitored>(fetcher, i, setup.plan, setup.transport, links,
                                                                    retries, max_body, setup.wall));
    self->send(governor, atom::join_v, i, fetchers.back());
  }
}

caf::result<retuned> read_supervisor_state::change_bounds(const retune& wanted) {
  const auto most = setup.tuning.fetchers.max_pool_size;
  if (wanted.pool_size > most)
    return retuned{{},
                   "A pool of " + std::to_string(wanted.pool_size) + " is larger than fetchers.max_pool_size ("
                     + std::to_string(most) + ")."};
  if (winding_up || ending)
    return retuned{{}, "The run is ending."};
  if (setup.detached && wanted.pool_size > fetchers.size())
    if (auto room = try_threads(wanted.pool_size - fetchers.size()); !room)
      return retuned{{}, room.error().message + " Nothing was changed."};
  auto answer = self->make_response_promise<retuned>();
  self->request(governor, caf::infinite, wanted)
    .then(
      [this, answer, wanted](retuned& done) mutable {
        if (done.problem.empty() && wanted.pool_size > 0 && !winding_up) {
          setup.pool_size = wanted.pool_size;
          // A smaller pool keeps its fetchers: the governor lets them idle.
          add_fetchers(wanted.pool_size);
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
      self->send(emitter, state_update{i, s.initial_state});
      send_status(i, stream_status::complete);
      streams[i].ended = true;
    } else if (s.endpoint) {
      spdlog::info("Marking stream {} as STARTED", s.name);
      spdlog::info("Syncing stream: {}", s.name);
      send_status(i, stream_status::started);
    } else {
      // The edge has told the user; the protocol wants a state of every stream: the one that came in still holds.
      self->send(emitter, state_update{i, s.initial_state.empty() ? std::string{"{}"} : s.initial_state});
      send_status(i, stream_status::incomplete);
      streams[i].ended = true;
      streams[i].failed = true;
    }
  }
}

void read_supervisor_state::finish_endpoint(const endpoint_done& x) {
  endpoint_ended[x.endpoint] = true;
  const auto& e = setup.plan->endpoints[x.endpoint];
  for (auto edge : e.child_edges)
    self->send(fan_outs[edge], parents_done{x.complete});
  for (const auto& out : e.outputs) {
    if (!out.emit)
      continue;
    auto& book = streams[out.stream];
    book.ended = true;
    if (!x.complete && book.errors == 0 && e.parent_edge) {
      const auto& parent = setup.plan->endpoints[setup.plan->edges[*e.parent_edge].parent];
      fail_stream(out.stream,
                  missing_parents(out.stream_name, parent.name, worst.value_or(failure_type::system_error)));
    }
    spdlog::info("Marking stream {} as STOPPED", out.stream_name);
    spdlog::info("Finished syncing {}", out.stream_name);
    send_status(out.stream, x.complete ? stream_status::complete : stream_status::incomplete);
    book.failed = book.failed || !x.complete;
  }
  if (std::find(endpoint_ended.begin(), endpoint_ended.end(), false) == endpoint_ended.end())
    wind_up();
}

void read_supervisor_state::take_failure(const slice_failed& x) {
  worst = worst ? worse(*worst, x.error.failure) : x.error.failure;
  if (!result.has_error) {
    result.has_error = true;
    result.first_error = x.error;
  }
  for (auto s : streams_of(x.slice.endpoint))
    fail_stream(s, x.error);
}

void read_supervisor_state::stop_early(early_end why) {
  if (ending || winding_up)
    return;
  ending = std::move(why);
  self->send(governor, drain{});
}

void read_supervisor_state::take_surrender(const endpoint_given_up& x) {
  // This one error is printed however many came before it: it says why the rest is missing.
  for (auto s : streams_of(x.endpoint)) {
    streams[s].failed = true;
    const auto& stream = setup.plan->streams[s].name;
    self->send(emitter, error_trace{too_many_failures(stream, x, worst.value_or(failure_type::system_error)), true, s});
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
    if (!streams[i].ended)
      self->send(emitter, status_update{i, stream_status::running, epoch_ms(back)});
  if (setup.tuning.state.heartbeat.count() > 0 && !beating)
    beat();
}

void read_supervisor_state::beat() {
  // While nobody reads stdout there is nobody for whom to be alive.
  if (beating && throttling && !beat_waits) {
    beat_waits = true;
    self->send(aggregator, heartbeat{});
    self->request(emitter, caf::infinite, flush_request{})
      .then([this](const flushed&) { beat_waits = false; }, [](const caf::error&) { /* nop: it has ended */ });
  }
  beating = throttling && !winding_up && !ending;
  if (beating)
    self->delayed_send(self, std::chrono::duration_cast<std::chrono::nanoseconds>(setup.tuning.state.heartbeat),
                       tick{generation_of_heartbeat});
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
    self->send(emitter, error_trace{*ending->trace, false, 0});
    self->request(emitter, patience, flush_request{})
      .then([this](const flushed&) { close(); }, [this](const caf::error&) { close(); });
  }
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
  self->request(emitter, patience, flush_request{})
    .then(
      [this, go_on](const flushed&) {
        self->request(aggregator, patience, finish_request{})
          .then([this](const finished&) { count_requests(); }, go_on);
      },
      go_on);
}

void read_supervisor_state::count_requests() {
  self->request(governor, patience, report_request{})
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
  std::vector<std::string> names;
  for (stream_index i = 0; i < streams.size(); ++i) {
    auto& book = streams[i];
    if (!book.ended) {
      book.ended = true;
      book.failed = true;
      send_status(i, stream_status::incomplete);
    }
    if (book.errors > max_errors_per_stream)
      spdlog::warn("stream {}: {} further errors were not printed", setup.plan->streams[i].name,
                   book.errors - max_errors_per_stream);
    if (book.failed)
      names.push_back(setup.plan->streams[i].name);
  }
  result.exit_code = 0;
  if (ending && ending->exit_code == 3 && names.empty())
    ending.reset(); // what was in flight was the rest
  if (ending) {
    result.exit_code = ending->exit_code;
    result.reason = ending->reason;
    if (ending->trace)
      self->send(emitter, error_trace{*ending->trace, false, 0});
  } else if (!names.empty()) {
    result.exit_code = 1;
    result.reason = "These streams did not sync completely: " + listed(names) + ".";
    auto failure = worst.value_or(failure_type::config_error);
    self->send(emitter, error_trace{incomplete_streams(names, failure), false, 0});
  }
  spdlog::info("Finished syncing");
  if (setup.log)
    setup.log->detach();
  self->request(emitter, patience, flush_request{})
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
  self->request(aggregator, patience, report_request{})
    .then(
      [this](aggregator_report& x) {
        result.snapshot.records = std::move(x);
        // What is not complete by now will not be.
        for (auto& s : result.snapshot.records.streams)
          if (s.status != "complete")
            s.status = "incomplete";
        close();
      },
      [this](const caf::error&) { close(); });
}

void read_supervisor_state::close() {
  if (std::exchange(closed, true))
    return;
  complete(result.snapshot);
  for (const auto& observer : setup.observers)
    caf::anon_send(observer, result.snapshot);
  dismiss();
  promise.deliver(std::move(result));
  // Dropping the state drops the handles: CAF would wait for ever for a detached actor whose handle is kept.
  self->quit();
}

void read_supervisor_state::dismiss() {
  auto end = [this](const auto& x) {
    if (x)
      self->send_exit(x, caf::exit_reason::user_shutdown);
  };
  std::for_each(fetchers.begin(), fetchers.end(), end);
  std::for_each(generators.begin(), generators.end(), end);
  std::for_each(fan_outs.begin(), fan_outs.end(), end);
  end(tracer);
  end(governor);
  end(aggregator);
  end(emitter);
}

void read_supervisor_state::take_exception() {
  // The others keep each other's handles: left alone they would live for ever, and CAF would wait for them.
  if (setup.log)
    setup.log->detach();
  if (setup.transport)
    setup.transport->abort_all();
  dismiss();
}

// -- helpers -----------------------------------------------------------------------

void read_supervisor_state::report_progress() {
  if (winding_up)
    return;
  self->request(governor, caf::infinite, report_request{})
    .then(
      [this](governor_report& requests) {
        self->request(aggregator, caf::infinite, report_request{})
          .then(
            [this, numbers = std::move(requests)](aggregator_report& records) mutable {
              run_snapshot snapshot;
              snapshot.requests = std::move(numbers);
              snapshot.records = std::move(records);
              complete(snapshot);
              show(snapshot);
            },
            [](const caf::error&) { /* nop: the actor's end is reported by its monitor */ });
      },
      [](const caf::error&) { /* nop */ });
  self->delayed_send(self, setup.progress_interval, tick{generation_of_progress});
}

void read_supervisor_state::show(const run_snapshot& x) {
  for (std::size_t i = 0; i < setup.observers.size(); ++i)
    if (!showing[i]) {
      showing[i] = true;
      self->request(setup.observers[i], caf::infinite, x)
        .then([this, i](const snapshot_shown&) { showing[i] = false; },
              [](const caf::error&) { /* nop: it has ended */ });
    }
}

void read_supervisor_state::complete(run_snapshot& x) const {
  using std::chrono::microseconds;
  x.elapsed_us = std::chrono::duration_cast<microseconds>(self->clock().now() - started_at).count();
  x.pool_size = setup.pool_size;
  if (const auto* recorder = recorder_of(self->home_system()))
    x.actors = gauges_of(recorder->views(), flight_clock::now());
  if (setup.resident_bytes)
    x.resident_bytes = setup.resident_bytes();
  if (setup.processor_time)
    x.processor_us = setup.processor_time().count();
  std::vector<std::optional<std::size_t>> parents;
  for (const auto& e : setup.plan->endpoints)
    parents.push_back(e.parent_edge ? std::optional<std::size_t>{setup.plan->edges[*e.parent_edge].parent}
                                    : std::nullopt);
  auto left = requests_left(x.records.endpoints, parents);
  const auto answered = x.requests.requests - std::min<std::uint64_t>(x.requests.requests, x.requests.in_flight);
  if (!left || answered == 0)
    return;
  x.requests_left = static_cast<std::int64_t>(*left);
  std::int64_t answers_us = 0;
  for (const auto& e : x.requests.endpoints)
    answers_us += e.answer_us;
  microseconds mean{answers_us / static_cast<std::int64_t>(answered)};
  if (auto time = time_for(*left, x.requests.quotas, x.pool_size, mean))
    x.left_us = time->count();
}

void read_supervisor_state::send_status(stream_index s, stream_status status) {
  self->send(emitter, status_update{s, status});
}

void read_supervisor_state::fail_stream(stream_index s, const sluice::error& why) {
  auto& book = streams[s];
  book.failed = true;
  if (++book.errors <= max_errors_per_stream)
    self->send(emitter, error_trace{why, true, s});
}

std::vector<stream_index> read_supervisor_state::streams_of(endpoint_id e) const {
  std::vector<stream_index> found;
  const auto& of = setup.plan->endpoints[e];
  for (const auto& out : of.outputs)
    if (out.emit)
      found.push_back(out.stream);
  if (found.empty())
    for (auto edge : of.child_edges)
      for (auto s : streams_of(setup.plan->edges[edge].child))
        found.push_back(s);
  return found;
}

void read_supervisor_state::arm_grace() {
  self->delayed_send(self, std::chrono::duration_cast<std::chrono::nanoseconds>(setup.tuning.shutdown.grace),
                     tick{generation_of_grace});
}

read_supervisor_actor::behavior_type read_supervisor(read_supervisor_self* self, run_setup setup) {
  install_handlers(self);
  self->set_down_handler([self](caf::scheduled_actor*, caf::down_msg& x) { self->state.take_down(x); });
  // Whoever waits for the run's result must not wait for ever.
  self->set_exception_handler([self](std::exception_ptr& x) -> caf::error {
    auto what = text_of(x);
    if (self->state.emitter)
      self->send(self->state.emitter, error_trace{*end_by_lost_actor(what).trace, false, 0});
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
      self->state.arm_grace();
    },
    [self](const retune& x) { return self->state.change_bounds(x); },
    [self](const stall_notice& x) { self->state.take_stall(x); },
    [self](const endpoint_done& x) { self->state.finish_endpoint(x); },
    [self](const slice_failed& x) { self->state.take_failure(x); },
    [self](const quota_gone& x) {
      self->state.stop_early(end_by_quota(x, self->state.setup.wall(), self->state.setup.purpose));
    },
    [self](const requests_spent& x) { self->state.stop_early(end_by_request_bound(x.limit)); },
    [self](const throttled& x) { self->state.take_throttling(x); },
    [self](const endpoint_given_up& x) { self->state.take_surrender(x); },
    [self](const drained&) { self->state.wind_up(); },
    [self](const output_closed& x) {
      self->state.output_open = false;
      self->state.setup.transport->abort_all();
      self->state.stop_early({1, x.reason, std::nullopt});
    },
    [self](const tick& x) {
      auto& s = self->state;
      if (x.generation == generation_of_grace)
        s.setup.transport->abort_all();
      else if (x.generation == generation_of_duration)
        s.stop_early(end_by_time_bound(*s.setup.max_duration));
      else if (x.generation == generation_of_heartbeat)
        s.beat();
      else
        s.report_progress();
    },
  };
}

} // namespace sluice
