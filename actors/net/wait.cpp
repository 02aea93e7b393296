#include "actors/net/wait.hpp"

#include "messages/text/durations.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sluice::net {

namespace {

using std::chrono::milliseconds;

/// How often a wait looks at the signal when the signal has no descriptor.
constexpr milliseconds glance{100};

} // namespace

abort_signal::abort_signal() noexcept : fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {}

abort_signal::~abort_signal() {
  if (fd_ >= 0)
    ::close(fd_);
}

void abort_signal::raise() noexcept {
  raised_.store(true, std::memory_order_release);
  // Nobody reads the counter, so it stays readable. A full counter (EAGAIN) is readable as well.
  const std::uint64_t one = 1;
  if (fd_ >= 0 && ::write(fd_, &one, sizeof one) < 0)
    return;
}

deadline deadline_after(std::chrono::microseconds length, const char* setting) {
  // A year is for ever, and far enough from where time points overflow.
  const auto bounded = std::min<std::chrono::microseconds>(length, std::chrono::hours{24 * 365});
  return {wait_clock::now() + bounded, length, setting};
}

const deadline& earlier(const deadline& a, const deadline& b) noexcept {
  return b.at < a.at ? b : a;
}

io_error timed_out(std::string_view waiting_for, const deadline& limit) {
  return {errc::timed_out, failure_type::transient_error,
          std::string{waiting_for} + " within " + exact_duration_text(limit.length) + " (" + limit.setting + ")"};
}

io_error interrupted() {
  return {errc::interrupted, failure_type::transient_error, "the request was cut off because the program stops"};
}

wait_outcome wait_for(int fd, short events, wait_clock::time_point until, const abort_signal& abort) {
  for (;;) {
    if (abort.raised())
      return wait_outcome::aborted;
    const auto left = std::chrono::ceil<milliseconds>(until - wait_clock::now());
    if (left <= milliseconds::zero())
      return wait_outcome::expired;
    const auto longest = abort.fd() >= 0 ? milliseconds{std::chrono::hours{1}} : glance;
    std::array<pollfd, 2> watched = {pollfd{fd, events, 0}, pollfd{abort.fd(), POLLIN, 0}};
    const int count = ::poll(watched.data(), watched.size(), static_cast<int>(std::min(left, longest).count()));
    // A failing poll (EINTR) is no news; the next round finds out what time it is.
    if (count > 0 && watched[0].revents != 0 && !abort.raised())
      return wait_outcome::ready;
  }
}

} // namespace sluice::net
