#pragma once

#include "actors/net/waiter.hpp"

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <thread>
#include <unordered_map>
#include <vector>

namespace sluice::net {

class loop_waiter;

/// A readiness loop: keeps all that waits, sees in one place what happens to it (epoll) and when its time is up, and
/// goes on with whoever is concerned. Thread-safe; `run` is called on a thread of the loop's own.
class readiness_loop : public std::enable_shared_from_this<readiness_loop> {
public:
  /// Throws `std::system_error` if the system has no descriptor left.
  explicit readiness_loop(std::shared_ptr<const abort_signal> abort);
  ~readiness_loop();
  readiness_loop(const readiness_loop&) = delete;
  readiness_loop& operator=(const readiness_loop&) = delete;

  /// A waiter whose waits this loop ends.
  std::shared_ptr<loop_waiter> make_waiter();

  /// Until `stop`. Waits that are left then end as aborted, and so do those that begin later.
  void run();
  void stop() noexcept;

  /// Makes the loop look whether everything is to end.
  void wake() noexcept;

private:
  friend class loop_waiter;

  /// When to look at a waiter again. Not taken back when its wait ends before: that would cost more than looking in
  /// vain.
  struct timer {
    wait_clock::time_point at;
    std::weak_ptr<loop_waiter> whose;
    bool operator<(const timer& other) const noexcept { return at > other.at; }
  };
  using waiters = std::vector<std::shared_ptr<loop_waiter>>;

  // For waiters, which hold their own locks meanwhile.
  io_result<void> watch(int fd, std::uint64_t id) noexcept;
  void set_timer(wait_clock::time_point at, std::weak_ptr<loop_waiter> whose);
  void post(std::weak_ptr<loop_waiter> whose);
  void forget(std::uint64_t id) noexcept;
  bool ending() const noexcept { return abort_->raised() || stopped_.load(std::memory_order_acquire); }

  /// How long to sleep, in milliseconds, at most; -1: for ever.
  int time_to_sleep();
  std::shared_ptr<loop_waiter> find(std::uint64_t id);
  waiters take_due(wait_clock::time_point now);
  waiters take_posted();
  void abort_waits();

  const std::shared_ptr<const abort_signal> abort_;
  int epoll_ = -1;
  int bell_ = -1;
  std::atomic<bool> stopped_{false};

  std::atomic<std::uint64_t> last_id_{0};

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::weak_ptr<loop_waiter>> all_;
  std::priority_queue<timer> timers_;
  std::vector<std::weak_ptr<loop_waiter>> posted_;
  /// The loop sleeps, until this moment at the latest.
  wait_clock::time_point sleeps_until_ = wait_clock::time_point::min();
};

/// A readiness loop with its thread, both for as long as somebody needs them.
class loop_thread {
public:
  /// Throws `std::system_error` if the system has no descriptor or no thread left.
  explicit loop_thread(std::shared_ptr<const abort_signal> abort);
  ~loop_thread();
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

  readiness_loop& loop() const noexcept { return *loop_; }

private:
  std::shared_ptr<readiness_loop> loop_;
  std::thread thread_;
};

/// How a session on a readiness loop waits. Its steps run on whichever thread begins them, later on the loop's; never
/// on two at once, because they only run under the waiter's lock.
class loop_waiter final : public waiter, public std::enable_shared_from_this<loop_waiter> {
public:
  loop_waiter(std::shared_ptr<readiness_loop> loop, std::uint64_t id) : loop_{std::move(loop)}, id_{id} {}
  ~loop_waiter() override { loop_->forget(id_); }
  loop_waiter(const loop_waiter&) = delete;
  loop_waiter& operator=(const loop_waiter&) = delete;

  std::uint64_t id() const noexcept { return id_; }

  /// Calls `steps` under the lock, and then, without it, what `when_unlocked` was told.
  void run(const std::function<void()>& steps);
  /// Of the steps that run: to be called as soon as they wait or end.
  void when_unlocked(std::function<void()> then) { then_unlocked_ = std::move(then); }
  /// Waits for steps that run on another thread, and forgets whoever waits; its owner destroys them in `steps`.
  void close(const std::function<void()>& steps);

  // -- for the steps, which run under the lock -----------------------------------------

  std::optional<wait_outcome> begin(int fd, short events, wait_clock::time_point until,
                                    std::coroutine_handle<> then) override;
  wait_outcome outcome() const noexcept override { return outcome_; }
  io_result<void> watch(int fd) override;
  std::function<void()> waker() override;
  bool aborted() const noexcept override { return loop_->ending(); }

  // -- for the loop ----------------------------------------------------------------------

  void happened(std::uint32_t epoll_events);
  void look_at_time(wait_clock::time_point now);
  void woken();
  void abort_wait();

private:
  using lock = std::unique_lock<std::mutex>;

  /// Goes on with whoever waits, and gives the lock up.
  void resume(wait_outcome how, lock held);
  void unlock(lock held);

  const std::shared_ptr<readiness_loop> loop_;
  const std::uint64_t id_;

  std::mutex mutex_;
  /// Whoever waits; none: nobody does.
  std::coroutine_handle<> waiting_;
  bool for_waker_ = false;
  short for_events_ = 0;
  wait_clock::time_point until_;
  wait_outcome outcome_ = wait_outcome::ready;
  /// What has happened to the descriptor and nobody has waited for yet: the loop tells each change once.
  short seen_ = 0;
  bool woken_ = false;
  /// When the loop looks at this waiter next.
  wait_clock::time_point looks_at_ = wait_clock::time_point::max();
  std::function<void()> then_unlocked_;
};

} // namespace sluice::net
