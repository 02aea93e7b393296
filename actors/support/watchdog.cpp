#include "actors/support/watchdog.hpp"

#include "actors/support/flight_report.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// Actors answer in microseconds; who takes longer is busy.
constexpr std::chrono::milliseconds answer_patience{1000};
constexpr std::chrono::milliseconds write_patience{2000};

bool takes_more(int fd, int patience_ms) {
  pollfd ready{fd, POLLOUT, 0};
  // What is closed or broken blocks nobody.
  return ::poll(&ready, 1, patience_ms) != 0;
}

} // namespace

watchdog::watchdog(watchdog_setup setup) : setup_(std::move(setup)), thread_([this] { run(); }) {}

watchdog::~watchdog() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void watchdog::report(std::string headline) {
  {
    std::lock_guard guard{mutex_};
    wanted_ = std::move(headline);
  }
  changed_.notify_all();
}

void watchdog::report_crash(std::string_view headline) {
  write_masked(flight_report_text(headline, setup_.actors->views(), {}, flight_clock::now(), false));
}

std::string watchdog::crash_report(std::string_view headline) const {
  return setup_.secrets->apply(flight_report_text(headline, setup_.actors->views(), {}, flight_clock::now(), false));
}

void watchdog::print(std::string_view headline) {
  deliver(make_flight_report(*setup_.actors, headline, answer_patience));
}

void watchdog::deliver(std::string_view report) {
  if (setup_.instead)
    setup_.instead(setup_.secrets->apply(report));
  else
    write_masked(report);
}

void watchdog::write_masked(std::string_view report) {
  auto text = setup_.secrets->apply(report);
  if (setup_.make_room)
    text.insert(0, setup_.make_room());
  write_within(setup_.report_fd, text, write_patience);
}

void watchdog::run() {
  stall_detector detector{setup_.limits, flight_clock::now()};
  auto awake = [this] { return stopping_ || !wanted_.empty(); };
  std::unique_lock lock{mutex_};
  for (;;) {
    if (setup_.limits.stall.count() > 0)
      changed_.wait_for(lock, detector.interval(), awake);
    else
      changed_.wait(lock, awake);
    // What was wished for before the end is still printed.
    const bool last = stopping_;
    auto headline = std::exchange(wanted_, {});
    lock.unlock();
    if (!headline.empty())
      print(headline);
    if (last)
      return;
    auto finding = detector.look(setup_.actors->views(), !takes_more(setup_.report_fd, 0), flight_clock::now());
    if (finding) {
      print("the run stands still: " + *finding);
      setup_.on_stall(*finding);
    }
    lock.lock();
    if (!finding)
      continue;
    if (!changed_.wait_for(lock, setup_.patience, [this] { return stopping_; }))
      setup_.give_up();
    return;
  }
}

void write_within(int fd, std::string_view text, std::chrono::milliseconds patience) {
  // A pipe or terminal that is ready takes this much without blocking.
  constexpr std::size_t chunk = 512;
  auto limit = std::chrono::steady_clock::now() + patience;
  while (!text.empty()) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now());
    if (left.count() <= 0 || !takes_more(fd, static_cast<int>(left.count())))
      return;
    auto n = ::write(fd, text.data(), std::min(text.size(), chunk));
    if (n >= 0)
      text.remove_prefix(static_cast<std::size_t>(n));
    else if (errno != EINTR && errno != EAGAIN)
      return;
  }
}

} // namespace sluice
