#include "app/signals.hpp"

#include <csignal>
#include <ctime>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// Wakes the watching thread when there is nothing more to watch.
constexpr int end_of_watch = SIGUSR1;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

} // namespace

void block_stop_signals() {
  auto set = stop_signals();
  sigaddset(&set, end_of_watch);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

signal_watch::signal_watch(std::function<void(int)> on_signal, std::chrono::seconds patience) {
  block_stop_signals();
  thread_ = std::thread{[on_signal = std::move(on_signal), patience] {
    auto set = stop_signals();
    sigaddset(&set, end_of_watch);
    int first = 0;
    if (sigwait(&set, &first) != 0 || first == end_of_watch)
      return;
    on_signal(first);
    timespec limit{static_cast<time_t>(patience.count()), 0};
    int second = sigtimedwait(&set, nullptr, &limit);
    if (second == end_of_watch)
      return;
    ::_exit(128 + (second > 0 ? second : first));
  }};
}

signal_watch::~signal_watch() {
  pthread_kill(thread_.native_handle(), end_of_watch);
  thread_.join();
}

int wait_for_stop_signal() {
  auto set = stop_signals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

} // namespace sluice
