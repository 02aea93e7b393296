#include "actors/net/waiter.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sluice::net {

namespace {

/// How often a wait for a bell looks up if the system had no descriptor left for it.
constexpr std::chrono::milliseconds bell_glance{100};

} // namespace

/// A descriptor that becomes readable when it is rung.
struct blocking_waiter::bell {
  bell() noexcept : fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}
  ~bell() {
    if (fd >= 0)
      ::close(fd);
  }
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;

  void ring() const noexcept {
    const std::uint64_t one = 1;
    if (fd >= 0 && ::write(fd, &one, sizeof one) < 0)
      return; // full: it is readable anyway
  }
  void silence() const noexcept {
    std::uint64_t count = 0;
    if (fd >= 0 && ::read(fd, &count, sizeof count) < 0)
      return; // it was silent
  }

  const int fd;
};

blocking_waiter::blocking_waiter(std::shared_ptr<const abort_signal> abort) : abort_{std::move(abort)} {}

std::optional<wait_outcome> blocking_waiter::begin(int fd, short events, wait_clock::time_point until,
                                                   std::coroutine_handle<> /*then*/) {
  if (fd != no_fd)
    return wait_for(fd, events, until, *abort_);
  if (bell_ && bell_->fd >= 0) {
    const auto outcome = wait_for(bell_->fd, POLLIN, until, *abort_);
    bell_->silence();
    return outcome;
  }
  const auto outcome = wait_for(no_fd, 0, std::min(until, wait_clock::now() + bell_glance), *abort_);
  return outcome == wait_outcome::expired && wait_clock::now() < until ? wait_outcome::ready : outcome;
}

std::function<void()> blocking_waiter::waker() {
  if (!bell_)
    bell_ = std::make_shared<bell>();
  return [weak = std::weak_ptr{bell_}] {
    if (const auto alive = weak.lock())
      alive->ring();
  };
}

} // namespace sluice::net
