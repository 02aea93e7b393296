#include "app/crash.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <pthread.h>
#include <semaphore.h>
#include <thread>
#include <utility>
#include <vector>

namespace sluice {

namespace {

constexpr std::array crash_signals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/// What a signal handler may touch: atomics and semaphores.
std::atomic<int> crashed{0};
std::atomic<bool> watched{false};
sem_t begun;
sem_t report_ended;
std::atomic<int> patience_seconds{0};
std::atomic<pthread_t> reporter{};

const char* name_of_signal(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGILL:
      return "SIGILL";
    default:
      return "SIGABRT";
  }
}

extern "C" void take_crash(int signal) {
  int none = 0;
  if (watched && ::pthread_equal(::pthread_self(), reporter) == 0) {
    // Several threads may crash; all wait for the report about the first.
    if (crashed.compare_exchange_strong(none, signal))
      sem_post(&begun);
    timespec limit{};
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += patience_seconds;
    while (sem_timedwait(&report_ended, &limit) != 0 && errno == EINTR) {
    }
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

} // namespace

struct crash_watch::impl {
  std::function<void(const char*)> report;
  std::vector<int> signals;
  std::thread thread;
};

crash_watch::crash_watch(std::function<void(const char*)> report, std::chrono::seconds patience)
  : impl_(std::make_unique<impl>()) {
  impl_->report = std::move(report);
  patience_seconds = static_cast<int>(patience.count());
  crashed = 0;
  sem_init(&begun, 0, 0);
  sem_init(&report_ended, 0, 0);
  impl_->thread = std::thread{[this] {
    while (sem_wait(&begun) != 0) {
    }
    if (int signal = crashed; signal != 0) {
      impl_->report(name_of_signal(signal));
      sem_post(&report_ended); // to one of those that wait: it ends all
    }
  }};
  reporter = impl_->thread.native_handle();
  watched = true;
  struct sigaction action {};
  action.sa_handler = take_crash;
  sigemptyset(&action.sa_mask);
  for (int signal : crash_signals) {
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler != SIG_DFL)
      continue;
    ::sigaction(signal, &action, nullptr);
    impl_->signals.push_back(signal);
  }
}

crash_watch::~crash_watch() {
  watched = false;
  for (int signal : impl_->signals)
    std::signal(signal, SIG_DFL);
  sem_post(&begun);
  impl_->thread.join();
  sem_destroy(&begun);
  sem_destroy(&report_ended);
}

} // namespace sluice
