#include "tests/support/run_fixture.hpp"

#include "actors/core/state/full_refresh.hpp"
#include "actors/support/stall.hpp"
#include "config/language/value.hpp"
#include "config/manifest/compile.hpp"
#include "config/manifest/manifest.hpp"
#include "tests/support/actor_fixture.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <string_view>
#include <utility>

namespace sluice::test {

namespace {

/// Keeps what it is shown.
struct watcher_state {
  explicit watcher_state(observer_actor::pointer) {}
  std::shared_ptr<std::vector<run_snapshot>> seen;
  /// Of one who hangs.
  caf::typed_response_promise<snapshot_shown> never;
  static constexpr const char* name = "watcher";
};

observer_actor::behavior_type watcher(actor_self<observer_actor, watcher_state>* self,
                                      std::shared_ptr<std::vector<run_snapshot>> seen, bool hangs) {
  install_handlers(self);
  self->state.seen = std::move(seen);
  return {
    [self, hangs](const run_snapshot& x) -> caf::result<snapshot_shown> {
      self->state.seen->push_back(x);
      if (!hangs)
        return snapshot_shown{};
      return self->state.never = self->make_response_promise<snapshot_shown>();
    },
  };
}

/// Does what a watchdog does, in virtual time. Records are stamped with real time; what has changed since the last look
/// has happened now.
class virtual_watchdog {
public:
  virtual_watchdog(const tuning& t, std::shared_ptr<flight_recorder> actors, flight_time now)
    : actors_(std::move(actors)), detector_({t.watchdog.stall, t.http.total_timeout}, now) {}

  std::chrono::microseconds interval() const { return detector_.interval(); }

  std::optional<std::string> look(flight_time now) {
    auto views = actors_->views();
    for (auto& v : views) {
      auto& known = known_[v.actor];
      known.moved.update(v.moved, now);
      known.wait.update(v.wait_changed, now);
      v.moved = known.moved.at;
      v.wait_changed = known.wait.at;
    }
    return detector_.look(views, false, now);
  }

private:
  struct moment {
    flight_time real;
    flight_time at;
    void update(flight_time x, flight_time now) {
      if (std::exchange(real, x) != x)
        at = now;
    }
  };
  struct actor_times {
    moment moved;
    moment wait;
  };

  std::shared_ptr<flight_recorder> actors_;
  stall_detector detector_;
  std::map<std::uint64_t, actor_times> known_;
};

/// Takes the next message out of an actor's mailbox, unhandled.
void drop_next(caf::scheduled_actor& actor) {
  auto nobody = [](auto&&...) { return caf::intrusive::task_result::stop; };
  actor.mailbox().new_round(1, nobody);
}

/// Loses the message that the next turn would handle, if it is the one that is to be lost.
bool lose(caf::scheduler::test_coordinator& scheduler, const lost_message& wanted, std::size_t& seen) {
  auto& actor = dynamic_cast<caf::scheduled_actor&>(*scheduler.jobs.front());
  const auto* next = actor.mailbox().peek();
  if (next == nullptr || name_of(kind_of(next->content())) != wanted.kind || ++seen != wanted.number)
    return false;
  drop_next(actor);
  return true;
}

/// Whoever writes to stdout gets no turn for a while.
class standing_output {
public:
  standing_output(const run_case& c, const memory_writer& out, const fake_api& api) : case_(c), out_(out), api_(api) {}

  bool stands(caf::actor_clock::time_point now) {
    if (!since_ && out_.lines.size() >= case_.output_stands_after) {
      since_ = now;
      requests_ = api_.log().size();
    }
    return since_ && now < *since_ + case_.output_stands_for;
  }
  std::size_t requests_meanwhile() const { return api_.log().size() - requests_; }

private:
  const run_case& case_;
  const memory_writer& out_;
  const fake_api& api_;
  std::optional<caf::actor_clock::time_point> since_;
  std::size_t requests_ = 0;
};

/// Puts one of the jobs that may run first, at random; false if there is none.
bool choose_job(std::deque<caf::resumable*>& jobs, std::mt19937_64& random, bool output_stands) {
  auto may_run = [output_stands](caf::resumable* job) {
    return !output_stands || std::string_view{dynamic_cast<caf::scheduled_actor&>(*job).name()} != "emitter";
  };
  auto end = std::partition(jobs.begin(), jobs.end(), may_run);
  auto count = static_cast<std::size_t>(end - jobs.begin());
  if (count > 0)
    std::swap(jobs.front(), jobs[random() % count]);
  return count > 0;
}

/// Plain access to a line's fields: nullptr where there is nothing.
const language::value* at(const language::value& root, std::initializer_list<const char*> path) {
  const auto* x = &root;
  for (const auto* key : path) {
    x = x->find(key);
    if (x == nullptr)
      return nullptr;
  }
  return x;
}

std::string text_at(const language::value& root, std::initializer_list<const char*> path) {
  const auto* x = at(root, path);
  return x != nullptr && x->as_string() != nullptr ? *x->as_string() : std::string{};
}

} // namespace

expected<void> memory_writer::write(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    auto end = text.find('\n', begin);
    if (end == std::string_view::npos)
      return fail(errc::internal, failure_type::system_error, "a torn line was written");
    if (lines.size() >= capacity)
      return fail(errc::output_closed, failure_type::system_error, "the reader went away");
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return {};
}

expected<plan> plan_of(const run_case& c) {
  auto connector = c.manifest.empty() ? load_built_in_manifest() : load_manifest(c.manifest, "manifest.yaml");
  if (!connector)
    return tl::unexpected(connector.error());
  compile_input input;
  language::value_dict config;
  config.emplace_back("url", "http://fake.test/");
  config.emplace_back("access_token", "test-token");
  config.emplace_back("api_url", "http://fake.test");
  config.emplace_back("start_date", c.start_date);
  config.emplace_back("slice_range_days", c.slice_days);
  config.emplace_back("page_size", c.page_size);
  config.emplace_back("rate_limit_per_minute", static_cast<std::int64_t>(c.rate_limit_per_minute));
  input.config = std::move(config);
  for (const auto& name : c.streams)
    input.streams.push_back(
      {name, "", c.incremental.contains(name), c.states.contains(name) ? c.states.at(name) : std::string{}});
  skip_complete_streams(input.streams);
  input.now = language::instant{std::chrono::seconds{c.now_s}};
  return compile_plan(**connector, input);
}

run_outcome run(const run_case& c, const std::shared_ptr<fake_api>& api) {
  spdlog::set_level(spdlog::level::off);
  run_outcome outcome;
  auto compiled = plan_of(c);
  if (!compiled) {
    outcome.lines.push_back("plan: " + compiled.error().message);
    return outcome;
  }
  std::unique_ptr<trace_log> trace;
  if (!c.trace.file.empty()) {
    auto wanted = c.trace;
    for (const auto& e : compiled->endpoints)
      wanted.endpoints.push_back(e.name);
    for (const auto& s : compiled->streams)
      wanted.streams.push_back(s.name);
    auto opened = trace_log::open(std::move(wanted));
    if (!opened) {
      outcome.lines.push_back("trace: " + opened.error().message);
      return outcome;
    }
    trace = std::move(*opened);
  }
  testing_config config{trace.get()};
  caf::actor_system system{config};
  auto& scheduler = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  auto out = std::make_shared<memory_writer>();
  out->capacity = c.output_capacity;
  {
    auto began = system.clock().now();
    run_setup setup;
    if (c.change_plan)
      c.change_plan(*compiled);
    setup.plan = std::make_shared<const plan>(std::move(*compiled));
    auto ledger = slice_ledger::open(setup.plan);
    if (!ledger) {
      outcome.problem = ledger.error().message;
      return outcome;
    }
    setup.ledger = std::move(*ledger);
    setup.max_requests = c.max_requests;
    setup.max_duration = c.max_duration;
    setup.strict = c.strict;
    setup.resident_bytes = c.resident_bytes;
    setup.processor_time = c.processor_time;
    setup.tuning = c.tuning;
    setup.pool_size = c.pool_size;
    setup.transport = std::make_shared<fake_transport>(api);
    setup.out = out;
    setup.detached = false;
    auto seen = std::make_shared<std::vector<run_snapshot>>();
    observer_actor observer;
    if (c.observed) {
      observer = system.spawn(watcher, seen, c.observer_hangs);
      setup.observers.push_back(observer);
    }
    setup.wall = [&system, began, start = c.now_s] {
      return language::instant{std::chrono::seconds{start}}
             + std::chrono::duration_cast<std::chrono::microseconds>(system.clock().now() - began);
    };
    auto supervisor = system.spawn(read_supervisor, std::move(setup));
    caf::scoped_actor self{system};
    caf::scoped_actor controller{system};
    auto pending = self->request(supervisor, caf::infinite, run_request{});
    std::mt19937_64 random{c.schedule_seed};
    virtual_watchdog dog{c.tuning, config.actors(), system.clock().now()};
    standing_output output{c, *out, *api};
    std::size_t of_kind = 0;
    // More than any run needs: one that goes on for ever must fail, not hang.
    constexpr std::size_t most_turns = 2'000'000;
    for (std::size_t turn = 0; turn < most_turns; ++turn) {
      if (turn == c.stop_after)
        caf::anon_send(supervisor, stop_request{0});
      if (turn == c.retune_after)
        controller->send(supervisor, c.wanted);
      if (turn == c.stall_after)
        caf::anon_send(supervisor, stall_notice{"nothing has moved"});
      auto stands = output.stands(system.clock().now());
      // Any actor that has work may be next.
      if (choose_job(scheduler.jobs, random, stands)) {
        if (!c.lost.kind.empty() && !outcome.lost)
          outcome.lost = lose(scheduler, c.lost, of_kind);
        scheduler.run_once();
      } else if (!self->mailbox().empty()) {
        break;
      } else if (c.watched && outcome.stall.empty()) {
        scheduler.advance_time(dog.interval());
        if (auto finding = dog.look(system.clock().now())) {
          outcome.stall = *finding;
          caf::anon_send(supervisor, stall_notice{*finding});
        }
      } else if (stands) {
        outcome.requests_meanwhile = output.requests_meanwhile();
        scheduler.advance_time(std::chrono::seconds{30});
      } else if (!scheduler.trigger_timeout()) {
        break;
      }
    }
    outcome.elapsed = system.clock().now() - began;
    if (!self->mailbox().empty())
      pending.receive(
        [&](run_result& x) {
          outcome.result = std::move(x);
          outcome.finished = true;
        },
        [&](const caf::error& x) { outcome.problem = caf::to_string(x); });
    outcome.snapshots = *seen;
    if (observer)
      self->send_exit(observer, caf::exit_reason::user_shutdown);
    // Timers that nobody waits for any more.
    scheduler.run();
    while (scheduler.trigger_timeout())
      scheduler.run();
    for (const auto& v : config.actors()->views()) {
      outcome.actors_left += v.ended ? 0 : 1;
      if (v.name == "emitter")
        outcome.most_output_waiting = v.mailbox_high;
    }
    // CAF would wait for them for ever: a test that finds some must fail, not hang.
    for (const auto& record : config.actors()->records())
      if (auto left = record->actor())
        caf::anon_send_exit(caf::actor_cast<caf::actor>(left), caf::exit_reason::kill);
    scheduler.run();
  }
  outcome.lines = std::move(out->lines);
  return outcome;
}

std::vector<std::string> record_ids(const std::vector<std::string>& lines, const std::string& stream) {
  std::vector<std::string> result;
  for (const auto& line : lines)
    if (auto parsed = language::parse_json(line); parsed && text_at(*parsed, {"record", "stream"}) == stream)
      result.push_back(text_at(*parsed, {"record", "data", "id"}));
  return result;
}

std::vector<std::string> states(const std::vector<std::string>& lines, const std::string& stream) {
  std::vector<std::string> result;
  for (const auto& line : lines)
    if (auto parsed = language::parse_json(line);
        parsed && text_at(*parsed, {"state", "stream", "stream_descriptor", "name"}) == stream)
      result.push_back(language::to_json(*at(*parsed, {"state", "stream", "stream_state"})));
  return result;
}

std::vector<std::string> statuses(const std::vector<std::string>& lines, const std::string& stream) {
  std::vector<std::string> result;
  for (const auto& line : lines)
    if (auto parsed = language::parse_json(line);
        parsed && text_at(*parsed, {"trace", "stream_status", "stream_descriptor", "name"}) == stream)
      result.push_back(text_at(*parsed, {"trace", "stream_status", "status"}));
  return result;
}

std::int64_t state_seconds(const std::string& state) {
  auto parsed = language::parse_json(state);
  const auto* x = parsed ? parsed->find("date_modified") : nullptr;
  return x != nullptr && x->as_int() != nullptr ? *x->as_int() : INT64_MIN;
}

} // namespace sluice::test
