#include "app/run.hpp"

#include "actors/net/transport.hpp"
#include "actors/read_supervisor.hpp"
#include "actors/support/system_config.hpp"
#include "actors/support/trace_log.hpp"
#include "actors/support/watchdog.hpp"
#include "app/console.hpp"
#include "app/control/observer.hpp"
#include "app/control/server.hpp"
#include "app/control/status.hpp"
#include "app/crash.hpp"
#include "app/metrics.hpp"
#include "app/process.hpp"
#include "app/progress.hpp"
#include "app/signals.hpp"

#include <caf/actor_ostream.hpp>
#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <future>
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
constexpr std::chrono::seconds patience_with_last_words{2};

/// Ends the process if a shutdown does not end: records and states have been written by then, and `last_words` writes
/// the rest, unless that hangs, too.
class shutdown_guard {
public:
  shutdown_guard(std::chrono::seconds patience, int exit_code, std::function<void()> last_words)
    : thread_([this, patience, exit_code, last_words = std::move(last_words)] {
        std::unique_lock lock{mutex_};
        if (done_signal_.wait_for(lock, patience, [this] { return done_; }))
          return;
        std::promise<void> said;
        std::thread{[&] {
          last_words();
          said.set_value();
        }}.detach();
        said.get_future().wait_for(patience_with_last_words);
        ::_exit(exit_code);
      }) {}
  ~shutdown_guard() {
    {
      std::lock_guard lock{mutex_};
      done_ = true;
    }
    done_signal_.notify_all();
    thread_.join();
  }
  shutdown_guard(const shutdown_guard&) = delete;
  shutdown_guard& operator=(const shutdown_guard&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable done_signal_;
  bool done_ = false;
  std::thread thread_;
};

} // namespace

std::unique_ptr<net::transport> make_transport(const tuning& t) {
  net::transport_options o;
  o.connect_timeout = t.http.connect_timeout;
  o.read_timeout = t.http.read_timeout;
  o.total_timeout = t.http.total_timeout;
  o.max_body_bytes = t.http.max_body_bytes;
  o.ca_file = t.http.ca_file;
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
  hooks.status = [actors = std::move(actors), board = std::move(board)] {
    auto newest = board->newest(patience_with_first_snapshot);
    return newest ? status_json(*newest, actors->views(), flight_clock::now()) : std::string{};
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
void say_that_it_ended(const std::string& metrics_file, const run_snapshot& x) {
  if (metrics_file.empty())
    return;
  if (auto written = write_metrics(metrics_file, x, false); !written)
    spdlog::warn(written.error().message);
}

} // namespace

expected<run_result> run_plan(plan_ptr plan, const run_options& options) {
  // First: it tells whether another run uses these paths, before that one's trace is emptied.
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
  // Last: from now on the file says that there is a run.
  if (!options.metrics_file.empty())
    if (auto written = write_metrics(options.metrics_file, {}, true); !written)
      return tl::unexpected(written.error());
  auto block = options.block ? options.block : std::make_shared<live_block>(STDERR_FILENO);
  // Threads inherit the mask; CAF's must not take the signals.
  block_stop_signals();
  system_config config{trace.get()};
  run_result result;
  std::optional<shutdown_guard> guard;
  {
    caf::actor_system system{config};
    // A net under `install_handlers`: whatever CAF itself might print goes to stderr.
    caf::actor_ostream::redirect_all(system, "/dev/stderr", caf::actor_ostream::append);
    {
      run_setup setup;
      setup.plan = std::move(plan);
      setup.tuning = options.tuning;
      setup.pool_size = options.pool_size;
      setup.transport = options.transport ? options.transport : make_transport(options.tuning);
      setup.out = options.out;
      setup.secrets = options.secrets;
      setup.max_duration = options.max_duration;
      setup.max_requests = options.max_requests;
      setup.strict = options.strict;
      setup.purpose = options.purpose;
      setup.resident_bytes = resident_bytes;
      setup.processor_time = processor_time;
      setup.log = options.log;
      if (options.progress != progress_mode::never)
        setup.observers.push_back(system.spawn<caf::detached>(progress, options.progress, block));
      if (!options.metrics_file.empty())
        setup.observers.push_back(system.spawn<caf::detached>(metrics, options.metrics_file));
      auto board = std::make_shared<snapshot_board>();
      if (control_socket)
        setup.observers.push_back(system.spawn(control, board));
      auto observers = setup.observers;

      std::optional<watchdog> dog; // there before the run begins
      setup.on_lost_actor = [&dog] { dog->report("an actor ended unexpectedly, and with it the run"); };
      auto supervisor = system.spawn(read_supervisor, std::move(setup));
      auto stop = [weak = caf::actor_cast<caf::weak_actor_ptr>(supervisor)](int signal) {
        if (auto alive = weak.lock())
          caf::anon_send(caf::actor_cast<read_supervisor_actor>(alive), stop_request{signal});
      };
      if (control_socket)
        control_socket->serve(hooks_of(system, supervisor, config.actors(), board, options));
      watchdog_setup watched;
      watched.actors = config.actors();
      watched.limits = {options.tuning.watchdog.stall, options.tuning.http.total_timeout};
      watched.secrets = options.secrets;
      watched.make_room = [block] { return block->give_way(patience_with_terminal); };
      watched.on_stall = [weak = caf::actor_cast<caf::weak_actor_ptr>(supervisor)](const std::string& finding) {
        if (auto alive = weak.lock())
          caf::anon_send(caf::actor_cast<read_supervisor_actor>(alive), stall_notice{finding});
      };
      watched.give_up = [] { ::_exit(exit_code_of_stall); };
      dog.emplace(std::move(watched));
      crash_watch crashes{[&dog, &trace](const char* signal) {
                            dog->report_crash("crash by " + std::string{signal} + "; what the actors did last");
                            if (trace)
                              trace->flush();
                          },
                          crash_patience};
      std::optional<signal_watch> signals;
      if (options.handle_signals) {
        auto grace = std::chrono::ceil<std::chrono::seconds>(options.tuning.shutdown.grace);
        signals.emplace(stop, grace + std::chrono::seconds{5},
                        [&dog] { dog->report("SIGQUIT: who waits for what; the run goes on"); });
      }
      if (options.on_start)
        options.on_start([stop] { stop(0); });

      caf::scoped_actor self{system};
      self->request(supervisor, caf::infinite, run_request{})
        .receive([&](run_result& x) { result = std::move(x); },
                 [&](const caf::error& problem) {
                   result.exit_code = 1;
                   result.reason = "The run ended unexpectedly: " + caf::to_string(problem);
                 });
      for (const auto& observer : observers)
        self->send_exit(observer, caf::exit_reason::user_shutdown);
      // The last state is out; what follows is only CAF's own end, which has been seen to hang.
      // After a stall it is likely, and nothing is to be expected of waiting.
      auto last_words = [&options, &trace, result] {
        if (options.on_forced_end)
          options.on_forced_end(result);
        if (trace)
          trace->flush();
      };
      guard.emplace(std::chrono::seconds{result.exit_code == exit_code_of_stall ? 1 : 5}, result.exit_code,
                    std::move(last_words));
      say_that_it_ended(options.metrics_file, result.snapshot);
      control_socket.reset();
    }
  }
  guard.reset();
  say_that_it_ended(options.metrics_file, result.snapshot);
  if (options.handle_signals)
    let_stop_signals_end();
  return result;
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
