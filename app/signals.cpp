#include "app/signals.hpp"

#include <algorithm>
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
  sigaddset(&set, SIGQUIT);
  return set;
}

} // namespace

void block_stop_signals() {
  auto set = stop_signals();
  sigaddset(&set, end_of_watch);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

signal_watch::signal_watch(std::function<void(int)> on_signal, std::chrono::seconds patience,
                           std::function<void()> on_report) {
  block_stop_signals();
  thread_ = std::thread{[on_signal = std::move(on_signal), patience, on_report = std::move(on_report)] {
    using clock = std::chrono::steady_clock;
    auto set = stop_signals();
    sigaddset(&set, end_of_watch);
    int first = 0;
    auto limit = clock::time_point::max();
    for (;;) {
      int signal = 0;
      if (first == 0) {
        if (sigwait(&set, &signal) != 0)
          return;
      } else {
        auto left = std::max(clock::duration::zero(), limit - clock::now());
        auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        timespec wait{static_cast<time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
        signal = sigtimedwait(&set, nullptr, &wait);
      }
      if (signal == end_of_watch)
        return;
      if (signal == SIGQUIT) {
        on_report();
        continue;
      }
      if (first != 0)
        ::_exit(128 + (signal > 0 ? signal : first));
      first = signal;
      on_signal(first);
      limit = clock::now() + patience;
    }
  }};
}

signal_watch::~signal_watch() {
  pthread_kill(thread_.native_handle(), end_of_watch);
  thread_.join();
}

void let_stop_signals_end() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  timespec none{};
  while (sigtimedwait(&set, nullptr, &none) > 0) {
  }
  for (int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    // One that our parent wants ignored stays so.
    if (::sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN)
      continue;
    action.sa_handler = [](int number) { ::_exit(128 + number); };
    ::sigaction(signal, &action, nullptr);
  }
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

int wait_for_stop_signal() {
  auto set = stop_signals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

} // namespace sluice
