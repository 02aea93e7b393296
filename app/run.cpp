#include "app/run.hpp"

#include "actors/net/transport.hpp"
#include "actors/read_supervisor.hpp"
#include "actors/support/job_sharing.hpp"
#include "actors/support/pool_room.hpp"
#include "actors/support/system_config.hpp"
#include "actors/support/threads.hpp"
#include "actors/support/trace_log.hpp"
#include "actors/support/watchdog.hpp"
#include "app/console.hpp"
#include "app/control/observer.hpp"
#include "app/control/server.hpp"
#include "app/control/status.hpp"
#include "app/crash.hpp"
#include "app/last_resort.hpp"
#include "app/masked.hpp"
#include "app/metrics.hpp"
#include "app/process.hpp"
#include "app/progress.hpp"
#include "app/shutdown_guard.hpp"
#include "app/signals.hpp"
#include "messages/protocol.hpp"
#include "messages/text/ascii.hpp"

#include <caf/actor_ostream.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

constexpr int exit_code_of_stall = 4;
/// A report about a run that stands still must not wait for a terminal that does.
constexpr std::chrono::milliseconds patience_with_terminal{200};

constexpr std::chrono::milliseconds patience_with_first_snapshot{1000};
constexpr std::chrono::seconds patience_with_change{2};
constexpr std::chrono::seconds crash_patience{3};
constexpr std::chrono::seconds patience_with_library{10};

/// The supervisor as signals and the watchdog reach it: it may not be there yet, or no more. Keeps no actor alive.
class run_handle {
public:
  void set(const read_supervisor_actor& x) {
    const std::lock_guard lock{mutex_};
    supervisor_ = caf::actor_cast<caf::weak_actor_ptr>(x);
    if (early_)
      send(stop_request{*early_});
  }
  void clear() {
    const std::lock_guard lock{mutex_};
    supervisor_ = nullptr;
  }
  void stop(int signal) {
    const std::lock_guard lock{mutex_};
    if (!send(stop_request{signal}))
      early_ = signal;
  }
  void stalled(const std::string& finding) {
    const std::lock_guard lock{mutex_};
    send(stall_notice{finding});
  }

private:
  template <class Message>
  bool send(Message x) {
    auto alive = supervisor_.lock();
    if (alive)
      caf::anon_send(caf::actor_cast<read_supervisor_actor>(alive), std::move(x));
    return alive != nullptr;
  }

  std::mutex mutex_;
  caf::weak_actor_ptr supervisor_;
  std::optional<int> early_;
};

/// Whoever took the signals of a run gives them back: they end the process then.
class signal_scope {
public:
  signal_scope(signal_watch* watch, signal_handlers handlers) : watch_(watch) { handle(std::move(handlers)); }
  ~signal_scope() { handle({}); }
  signal_scope(const signal_scope&) = delete;
  signal_scope& operator=(const signal_scope&) = delete;

  void handle(signal_handlers handlers) {
    if (watch_ != nullptr)
      watch_->handle(std::move(handlers));
  }

private:
  signal_watch* watch_;
};

/// Threads on which connections are waited for, and pages read.
std::uint32_t io_threads(const tuning& t) {
  return std::min(t.http.io_threads, std::max(1U, std::thread::hardware_concurrency()));
}

} // namespace

std::unique_ptr<net::transport> make_transport(const tuning& t) {
  net::transport_options o;
  o.connect_timeout = t.http.connect_timeout;
  o.read_timeout = t.http.read_timeout;
  o.total_timeout = t.http.total_timeout;
  o.max_body_bytes = t.http.max_body_bytes;
  o.ca_file = t.http.ca_file;
  // As Python's requests, which the connectors of orchestrators use.
  for (const char* name : {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"})
    if (o.ca_file.empty() && !variable(name).empty()) {
      o.ca_file = variable(name);
      o.ca_setting = name;
    }
  o.public_only = lower_case(variable("DEPLOYMENT_MODE")) == "cloud";
  o.io_threads = io_threads(t);
  o.user_agent = version_text();
  if (auto blank = o.user_agent.find(' '); blank != std::string::npos)
    o.user_agent[blank] = '/';
  return net::make_poco_transport(o);
}

tuning for_somebody_who_waits(tuning t) {
  constexpr std::uint32_t retries = 2;
  t.http.read_timeout = std::min<std::chrono::microseconds>(t.http.read_timeout, std::chrono::minutes{1});
  t.http.total_timeout = std::min<std::chrono::microseconds>(t.http.total_timeout, std::chrono::minutes{1});
  t.http.max_retries = std::min(t.http.max_retries, retries);
  t.http.max_retry_time = std::min<std::chrono::microseconds>(t.http.max_retry_time, check_patience);
  t.errors.slice_retries = 0;
  t.quota.on_exhausted = on_exhausted::stop;
  return t;
}

namespace {

/// What the control socket may ask of a run. It keeps no actor alive.
control_hooks hooks_of(caf::actor_system& system, const read_supervisor_actor& supervisor,
                       std::shared_ptr<flight_recorder> actors, std::shared_ptr<snapshot_board> board,
                       const run_options& options) {
  control_hooks hooks;
  if (options.secrets)
    hooks.secrets = options.secrets;
  hooks.status = [actors = std::move(actors), board = std::move(board), secrets = hooks.secrets] {
    auto newest = board->newest(patience_with_first_snapshot);
    return newest ? status_json(masked(*newest, *secrets), masked(actors->views(), *secrets), flight_clock::now())
                  : std::string{};
  };
  hooks.change = [&system, weak = caf::actor_cast<caf::weak_actor_ptr>(supervisor)](const retune& wanted) {
    retuned answer{{}, "The run is ending."};
    if (auto alive = weak.lock()) {
      caf::scoped_actor self{system};
      // A run that does not answer must not keep the socket from being closed at its end.
      self->request(caf::actor_cast<read_supervisor_actor>(alive), patience_with_change, wanted)
        .receive([&](retuned& x) { answer = std::move(x); }, [](const caf::error&) { /* nop: it is ending */ });
    }
    return answer;
  };
  return hooks;
}

trace_options trace_of_run(const plan& p, const run_options& options) {
  auto result = options.trace;
  result.max_bytes = options.tuning.trace.max_bytes;
  result.version = version_text();
  for (const auto& e : p.endpoints)
    result.endpoints.push_back(e.name);
  for (const auto& s : p.streams)
    result.streams.push_back(s.name);
  if (options.secrets)
    result.secrets = options.secrets;
  return result;
}

/// Not left to the actor, whose end may overtake the last snapshot. Written twice: before CAF's end, which may not
/// come, and after it, because the actor may have been writing.
bool say_that_it_ended(const run_options& options, const run_snapshot& x, std::int32_t exit_code) {
  if (!options.metrics)
    return true;
  auto written = write_metrics(*options.metrics, x, {false, exit_code});
  if (!written)
    spdlog::warn(written.error().message);
  return written.has_value();
}

/// A run that did well, but for something that it was to write.
void fail_for_output(run_result& x, const std::string& why) {
  if (x.exit_code != 0)
    return;
  x.exit_code = 1;
  x.reason = why;
}

/// Threads of the actors, but for reading pages, which the connections' threads do: while the emitter waits for whoever
/// reads stdout, the others go on.
constexpr std::size_t scheduler_threads = 2;

/// All threads of a run but those that exist already: the actor library's, supervisor, connections, authenticators,
/// observers, the control socket's, and one that looks up names.
std::size_t threads_of(const plan& p, const run_options& options) {
  std::size_t result = 2 + scheduler_threads + 1 + io_threads(options.tuning) + p.credentials.size() + 1;
  result += options.progress.mode != progress_mode::never ? 1 : 0;
  result += options.metrics ? 1 : 0;
  return result + (options.control_path.empty() ? 0 : 2);
}

error cannot_begin(error problem) {
  problem.message += " Nothing was read.";
  return problem;
}

error cannot_begin(const std::exception& e) {
  return cannot_begin(error_of(e));
}

expected<run_result> guarded_run(slice_ledger ledger, const run_options& options) {
  auto plan = ledger.plan();
  // What takes signals and what ends a process that does not end by itself come before everything that may fail.
  std::optional<shutdown_guard> guard{std::in_place};
  run_handle run;
  auto stop = [&run](int signal) { run.stop(signal); };
  auto grace = std::chrono::ceil<std::chrono::seconds>(options.tuning.shutdown.grace) + std::chrono::seconds{5};
  std::optional<watchdog> dog;
  auto block = options.block ? options.block : std::make_shared<live_block>(STDERR_FILENO);
  // What is painted must not stay behind on the terminal of a process that is gone.
  auto wipe = [block] { write_within(STDERR_FILENO, block->give_way(patience_with_terminal), patience_with_terminal); };
  signal_scope signals{options.signals, {stop, grace, wipe, {}}};
  // It tells whether another run uses these paths, before that one's trace is emptied.
  std::unique_ptr<control_server> control_socket;
  if (!options.control_path.empty()) {
    auto opened = control_server::open(options.control_path);
    if (!opened)
      return tl::unexpected(opened.error());
    control_socket = std::move(*opened);
  }
  std::unique_ptr<trace_log> trace;
  if (!options.trace.file.empty()) {
    auto opened = trace_log::open(trace_of_run(*plan, options));
    if (!opened)
      return tl::unexpected(opened.error());
    trace = std::move(*opened);
  }
  system_config config{trace.get(), scheduler_threads};
  share_jobs(config);
  watchdog_setup watched;
  watched.actors = config.actors();
  watched.limits = {options.tuning.watchdog.stall, options.tuning.http.total_timeout};
  watched.secrets = options.secrets;
  watched.make_room = [block] { return block->give_way(patience_with_terminal); };
  if (options.reports_are_logs)
    watched.instead = [](const std::string& report) { spdlog::error(report); };
  watched.on_stall = [&run](const std::string& finding) { run.stalled(finding); };
  watched.give_up = [] { ::_exit(exit_code_of_stall); };
  dog.emplace(std::move(watched));
  std::atomic<bool> making_system{false};
  std::optional<crash_watch> crashes;
  crashes.emplace(
    [&](const char* signal) {
      if (making_system) {
        if (options.on_failed_start)
          options.on_failed_start(cannot_begin(no_thread("the actor library ended by " + std::string{signal})));
        ::_exit(1);
      }
      const auto headline = "crash by " + std::string{signal} + "; what the actors did last";
      if (options.reports_are_logs) // the emitter may be what crashed, in the middle of a line
        write_within(STDOUT_FILENO, "\n" + log_line(log_level::fatal, dog->crash_report(headline)), crash_patience);
      else
        dog->report_crash(headline);
      if (trace)
        trace->flush();
    },
    crash_patience);
  signals.handle({stop, grace, wipe, [&dog] { dog->report("SIGQUIT: who waits for what; the run goes on"); }});
  if (auto room = make_room_for_pool(options.pool_size, options.tuning.memory.limit); !room)
    return tl::unexpected(cannot_begin(room.error()));
  if (auto room = try_threads(threads_of(*plan, options)); !room)
    return tl::unexpected(cannot_begin(room.error()));
  // Last: from now on the file says that there is a run.
  if (options.metrics)
    if (auto written = write_metrics(*options.metrics, {}, {}); !written)
      return tl::unexpected(written.error());
  run_result result;
  // The supervisor is gone, and the others live on: the system will not end.
  bool lost = false;
  {
    // Outlives the actors: its threads, which run fetchers, are waited for here and not by the last of them.
    std::shared_ptr<net::transport> transport;
    // With too few threads for itself the actor library crashes, or hangs.
    making_system = true;
    guard->arm(patience_with_library, 1, [&options] {
      if (options.on_failed_start)
        options.on_failed_start(cannot_begin(no_thread("the actor library did not start")));
    });
    caf::actor_system system{config};
    guard->disarm();
    making_system = false;
    try {
      // A net under `install_handlers`: what CAF itself might print must not get between the messages.
      caf::actor_ostream::redirect_all(system, "/dev/null", caf::actor_ostream::append);
      run_setup setup;
      setup.plan = std::move(plan);
      setup.ledger = std::move(ledger);
      setup.tuning = options.tuning;
      setup.pool_size = options.pool_size;
      transport = options.transport ? options.transport : make_transport(options.tuning);
      setup.transport = transport;
      setup.out = options.out;
      setup.secrets = options.secrets;
      setup.max_duration = options.max_duration;
      setup.max_requests = options.max_requests;
      setup.strict = options.strict;
      setup.purpose = options.purpose;
      setup.resident_bytes = resident_bytes;
      setup.processor_time = processor_time;
      setup.log = options.log;
      if (options.progress.mode != progress_mode::never)
        setup.observers.push_back(system.spawn<caf::detached>(progress, options.progress, block));
      if (options.metrics)
        setup.observers.push_back(system.spawn<caf::detached>(metrics, *options.metrics));
      auto board = std::make_shared<snapshot_board>();
      if (control_socket)
        setup.observers.push_back(system.spawn(control, board));
      // The threads of its connections begin now, where it can still be told that the system refuses one.
      for (std::uint32_t i = 0; i < io_threads(options.tuning); ++i)
        setup.transport->open_async_session();
      auto observers = setup.observers;
      setup.on_lost_actor = [&dog] { dog->report("an actor ended unexpectedly, and with it the run"); };
      // On a thread of its own: it must hear of signals and grace periods while pages that take for ever hold the
      // others.
      auto supervisor = system.spawn<caf::detached>(read_supervisor, std::move(setup));
      run.set(supervisor);
      if (control_socket)
        control_socket->serve(hooks_of(system, supervisor, config.actors(), board, options));
      if (options.on_start)
        options.on_start([stop] { stop(0); });

      caf::scoped_actor self{system};
      self->request(supervisor, caf::infinite, run_request{})
        .receive([&](run_result& x) { result = std::move(x); },
                 [&](const caf::error& problem) {
                   lost = true;
                   result.exit_code = 1;
                   result.reason = "The run ended unexpectedly: " + caf::to_string(problem);
                 });
      if (lost)
        print_patiently(STDERR_FILENO, "sluice: " + result.reason + "\n");
      for (const auto& observer : observers)
        self->send_exit(observer, caf::exit_reason::user_shutdown);
    } catch (const std::exception& e) {
      // The system's end would wait for an actor whose thread was refused.
      guard->arm(std::chrono::seconds{1}, 1, [] {});
      if (options.on_failed_start)
        options.on_failed_start(cannot_begin(e));
      say_that_it_ended(options, {}, 1);
      control_socket.reset();
      if (trace)
        trace->flush();
      ::_exit(1);
    }
    // The last state is out; what follows is only CAF's own end, which has been seen to hang.
    // After a stall it is likely, and nothing is to be expected of waiting.
    auto last_words = [&options, &trace, result] {
      if (options.on_forced_end)
        options.on_forced_end(result);
      if (trace)
        trace->flush();
    };
    guard->arm(std::chrono::seconds{result.exit_code == exit_code_of_stall || lost ? 1 : 5}, result.exit_code,
               std::move(last_words));
    // A signal that comes now has nothing to stop; a second one ends the process.
    signals.handle({[](int) {}, grace, wipe, {}});
    run.clear();
    crashes.reset();
    dog.reset();
    say_that_it_ended(options, result.snapshot, result.exit_code);
    control_socket.reset();
  }
  guard.reset();
  if (!say_that_it_ended(options, result.snapshot, result.exit_code))
    fail_for_output(result, "The metrics file could not be written at the run's end.");
  if (trace) {
    trace->flush();
    if (trace->failed())
      fail_for_output(result, "The trace file could not be written to its end.");
  }
  return result;
}

} // namespace

expected<run_result> run_plan(plan_ptr plan, const run_options& options) {
  auto ledger = slice_ledger::open(std::move(plan));
  if (!ledger)
    return tl::unexpected(std::move(ledger.error()));
  return run_plan(std::move(*ledger), options);
}

expected<run_result> run_plan(slice_ledger ledger, const run_options& options) {
  try {
    return guarded_run(std::move(ledger), options);
  } catch (const std::exception& e) {
    return tl::unexpected(cannot_begin(e));
  }
}

std::uint32_t choose_pool_size(const plan& p, const tuning& t) {
  auto wanted = p.concurrency.value_or(t.fetchers.pool_size);
  if (wanted > t.fetchers.max_pool_size) {
    spdlog::warn("a pool of {} fetchers was asked for; {} are used (fetchers.max_pool_size)", wanted,
                 t.fetchers.max_pool_size);
    return t.fetchers.max_pool_size;
  }
  return wanted;
}

} // namespace sluice
