#include "app/signals.hpp"

#include "actors/support/threads.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <sys/prctl.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

using clock = std::chrono::steady_clock;

/// Wakes the watching thread.
constexpr int wake_up = SIGUSR1;

sigset_t held_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGQUIT, SIGXCPU})
    sigaddset(&set, signal);
  struct sigaction hang_up {};
  if (::sigaction(SIGHUP, nullptr, &hang_up) == 0 && hang_up.sa_handler != SIG_IGN)
    sigaddset(&set, SIGHUP);
  return set;
}

} // namespace

void hold_signals() {
  auto set = held_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void release_signals() {
  auto set = held_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void die_by(int signal) {
  // The default of SIGXCPU would leave an image of the memory, secrets included.
  ::prctl(PR_SET_DUMPABLE, 0);
  std::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  std::raise(signal);
  ::_exit(128 + signal);
}

int end_process(int exit_code) {
  if (exit_code <= 128)
    return exit_code;
  std::fflush(nullptr);
  die_by(exit_code - 128);
}

struct signal_watch::impl {
  std::mutex mutex;
  signal_handlers handlers;
  /// The first signal that asked for the end, and when the patience with it is over.
  int first = 0;
  std::optional<clock::time_point> limit;
  std::atomic<bool> ended{false};
  std::thread thread;

  void watch() {
    auto set = held_signals();
    sigaddset(&set, wake_up);
    while (!ended)
      take(next(set));
  }

  /// 0: time is up.
  int next(const sigset_t& set) {
    std::optional<clock::time_point> until;
    {
      const std::lock_guard lock{mutex};
      until = limit;
    }
    int signal = 0;
    if (!until)
      return sigwait(&set, &signal) == 0 ? signal : wake_up;
    auto left = std::max(clock::duration::zero(), *until - clock::now());
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec wait{static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
    signal = sigtimedwait(&set, nullptr, &wait);
    return signal > 0 ? signal : errno == EAGAIN ? 0 : wake_up;
  }

  void take(int signal) {
    if (signal == wake_up)
      return;
    const std::lock_guard lock{mutex};
    if (signal == SIGQUIT) {
      if (handlers.on_report)
        handlers.on_report();
      return;
    }
    if (signal == 0 && (!limit || clock::now() < *limit))
      return; // other handlers have come meanwhile
    if (signal == 0 || (first != 0 && (signal == SIGINT || signal == SIGTERM)) || !handlers.on_stop) {
      if (handlers.on_abort)
        handlers.on_abort();
      die_by(signal > 0 ? signal : first);
    }
    if (first != 0)
      return;
    first = signal;
    handlers.on_stop(signal);
    limit = clock::now() + handlers.patience;
  }
};

signal_watch::signal_watch(std::unique_ptr<impl> x) : impl_(std::move(x)) {}

expected<std::unique_ptr<signal_watch>> signal_watch::start() {
  hold_signals();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, wake_up);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  auto made = std::make_unique<impl>();
  try {
    made->thread = std::thread{[i = made.get()] { i->watch(); }};
  } catch (const std::system_error& e) {
    return tl::unexpected(no_thread(e.what()));
  }
  return std::unique_ptr<signal_watch>{new signal_watch{std::move(made)}};
}

signal_watch::~signal_watch() {
  impl_->ended = true;
  pthread_kill(impl_->thread.native_handle(), wake_up);
  impl_->thread.join();
}

void signal_watch::handle(signal_handlers handlers) {
  const std::lock_guard lock{impl_->mutex};
  impl_->handlers = std::move(handlers);
  impl_->limit.reset();
}

int wait_for_stop_signal() {
  auto set = held_signals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

} // namespace sluice
