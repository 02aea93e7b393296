#pragma once

#include "actors/net/wait.hpp"

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>

namespace sluice::net {

/// How one session waits. The steps of an exchange are the same for all: they ask their waiter, and it either waits
/// here and now (`blocking_waiter`), or keeps the step and resumes it when its event is there (`loop_waiter`). A wait
/// that ends as `ready` may have ended too early: whoever waited tries, and waits again.
class waiter {
public:
  virtual ~waiter() = default;

  /// Waits until one of `events` (POLLIN, POLLOUT) is there on `fd`, or, with `no_fd`, until somebody calls what
  /// `waker` has made. Nothing: `then` is resumed later, and `outcome` tells how the wait ended.
  virtual std::optional<wait_outcome> begin(int fd, short events, wait_clock::time_point until,
                                            std::coroutine_handle<> then)
    = 0;
  virtual wait_outcome outcome() const noexcept = 0;

  /// Before the first wait on a descriptor. Whoever closes it need not say so.
  virtual io_result<void> watch(int fd) = 0;

  /// A function that ends a wait without a descriptor, for any thread; does nothing when the waiter is gone.
  virtual std::function<void()> waker() = 0;

  /// Everything is to end.
  virtual bool aborted() const noexcept = 0;

  static constexpr int no_fd = -1;
};

/// `co_await waiting{...}`: one wait. Evaluates to a `wait_outcome`.
class waiting {
public:
  waiting(waiter& how, int fd, short events, wait_clock::time_point until) noexcept
    : how_{how}, fd_{fd}, events_{events}, until_{until} {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> then) {
    at_once_ = how_.begin(fd_, events_, until_, then);
    return !at_once_;
  }
  wait_outcome await_resume() const noexcept { return at_once_ ? *at_once_ : how_.outcome(); }

private:
  waiter& how_;
  int fd_;
  short events_;
  wait_clock::time_point until_;
  std::optional<wait_outcome> at_once_;
};

/// Waits on the calling thread. Not thread-safe, but for the functions that it makes.
class blocking_waiter final : public waiter {
public:
  explicit blocking_waiter(std::shared_ptr<const abort_signal> abort);

  std::optional<wait_outcome> begin(int fd, short events, wait_clock::time_point until,
                                    std::coroutine_handle<> then) override;
  /// Never asked for: every wait has ended when it is begun.
  wait_outcome outcome() const noexcept override { return wait_outcome::aborted; }
  io_result<void> watch(int /*fd*/) override { return {}; }
  std::function<void()> waker() override;
  bool aborted() const noexcept override { return abort_->raised(); }

private:
  struct bell;

  std::shared_ptr<const abort_signal> abort_;
  /// Made when it is needed.
  std::shared_ptr<bell> bell_;
};

} // namespace sluice::net
