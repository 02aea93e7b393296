#pragma once

#include "messages/error.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

/// How the transport waits: sockets never block, every wait is one `poll` that ends at a deadline or at an abort.
/// Nothing else bounds all phases alike: Poco's timeouts count a socket operation, not a request; they do not cover
/// name resolution, and the TLS handshake only in part.
namespace sluice::net {

using wait_clock = std::chrono::steady_clock;

/// A switch that, once thrown, ends all waits that look at it, now and later. Thread-safe.
class abort_signal {
public:
  abort_signal() noexcept;
  ~abort_signal();
  abort_signal(const abort_signal&) = delete;
  abort_signal& operator=(const abort_signal&) = delete;

  void raise() noexcept;
  bool raised() const noexcept { return raised_.load(std::memory_order_acquire); }
  const std::atomic<bool>& flag() const noexcept { return raised_; }
  /// Readable once raised. Negative if the system had no descriptor left; waits then look at `raised` now and then.
  int fd() const noexcept { return fd_; }

private:
  std::atomic<bool> raised_{false};
  int fd_;
};

/// A point in time, and the setting that put it there.
struct deadline {
  wait_clock::time_point at;
  std::chrono::microseconds length;
  /// The tuning key, such as `http.read_timeout`.
  const char* setting;
};

/// The deadline that is `length` away from now.
deadline deadline_after(std::chrono::microseconds length, const char* setting);

/// The one that comes first.
const deadline& earlier(const deadline& a, const deadline& b) noexcept;

/// Why a step of an exchange failed; the session makes an `error` of it that names the URL.
struct io_error {
  errc code = errc::connection_failed;
  failure_type failure = failure_type::transient_error;
  /// What happened, as the second half of a sentence.
  std::string what;
  /// The peer ended the connection: on a fresh one the same request may succeed.
  bool lost = false;
};

template <class T>
using io_result = tl::expected<T, io_error>;

/// The error of a wait that reached its deadline; `waiting_for` completes "... within 30s".
io_error timed_out(std::string_view waiting_for, const deadline& limit);

/// The error of everything that `abort_signal` ends.
io_error interrupted();

enum class wait_outcome { ready, expired, aborted };

/// Waits until one of `events` (POLLIN, POLLOUT), or an error, is there on `fd`.
wait_outcome wait_for(int fd, short events, wait_clock::time_point until, const abort_signal& abort);

} // namespace sluice::net
