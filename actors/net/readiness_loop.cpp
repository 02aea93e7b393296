#include "actors/net/readiness_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace sluice::net {

namespace {

using std::chrono::milliseconds;

/// Events that are taken from the system at once.
constexpr std::size_t most_events = 64;
/// No waiter's.
constexpr std::uint64_t bell_id = 0;

/// What epoll tells, in poll's words. An error or an end is found out by whoever reads or writes.
short events_of(std::uint32_t told) noexcept {
  constexpr std::uint32_t ends = EPOLLERR | EPOLLHUP | EPOLLRDHUP;
  int result = 0;
  if ((told & (EPOLLIN | ends)) != 0)
    result |= POLLIN;
  if ((told & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
    result |= POLLOUT;
  return static_cast<short>(result);
}

} // namespace

readiness_loop::readiness_loop(std::shared_ptr<const abort_signal> abort)
  : abort_{std::move(abort)}, epoll_{::epoll_create1(EPOLL_CLOEXEC)}, bell_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
  epoll_event told{};
  told.events = EPOLLIN;
  told.data.u64 = bell_id;
  if (epoll_ < 0 || bell_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &told) != 0) {
    const auto code = errno;
    for (const int fd : {epoll_, bell_})
      if (fd >= 0)
        ::close(fd);
    throw std::system_error{code, std::generic_category(), "the system refuses a readiness loop (epoll)"};
  }
}

readiness_loop::~readiness_loop() {
  ::close(epoll_);
  ::close(bell_);
}

std::shared_ptr<loop_waiter> readiness_loop::make_waiter() {
  auto made = std::make_shared<loop_waiter>(shared_from_this(), ++last_id_);
  const std::lock_guard guard{mutex_};
  all_.emplace(made->id(), made);
  return made;
}

void readiness_loop::forget(std::uint64_t id) noexcept {
  const std::lock_guard guard{mutex_};
  all_.erase(id);
}

io_result<void> readiness_loop::watch(int fd, std::uint64_t id) noexcept {
  epoll_event told{};
  // Told once for each change: a connection is made known once, whatever is waited for on it later.
  told.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  told.data.u64 = id;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &told) == 0)
    return {};
  return tl::unexpected{
    io_error{errc::connection_failed, failure_type::transient_error,
             std::string{"the system watches no further connection ("} + std::strerror(errno) + ")"}};
}

void readiness_loop::wake() noexcept {
  const std::uint64_t one = 1;
  if (::write(bell_, &one, sizeof one) < 0)
    return; // full: it has been rung often enough
}

void readiness_loop::stop() noexcept {
  stopped_.store(true, std::memory_order_release);
  wake();
}

void readiness_loop::set_timer(wait_clock::time_point at, std::weak_ptr<loop_waiter> whose) {
  bool sleeps_too_long = false;
  {
    const std::lock_guard guard{mutex_};
    timers_.push({at, std::move(whose)});
    sleeps_too_long = at < sleeps_until_;
  }
  if (sleeps_too_long)
    wake();
}

void readiness_loop::post(std::weak_ptr<loop_waiter> whose) {
  {
    const std::lock_guard guard{mutex_};
    posted_.push_back(std::move(whose));
  }
  wake();
}

std::shared_ptr<loop_waiter> readiness_loop::find(std::uint64_t id) {
  const std::lock_guard guard{mutex_};
  const auto found = all_.find(id);
  return found == all_.end() ? nullptr : found->second.lock();
}

int readiness_loop::time_to_sleep() {
  const std::lock_guard guard{mutex_};
  if (timers_.empty()) {
    sleeps_until_ = wait_clock::time_point::max();
    return -1;
  }
  sleeps_until_ = timers_.top().at;
  const auto left = std::chrono::ceil<milliseconds>(sleeps_until_ - wait_clock::now());
  return static_cast<int>(std::clamp(left, milliseconds{0}, milliseconds{std::chrono::hours{1}}).count());
}

readiness_loop::waiters readiness_loop::take_due(wait_clock::time_point now) {
  waiters due;
  const std::lock_guard guard{mutex_};
  // Awake: whatever timer is set from now on is seen before the next sleep.
  sleeps_until_ = wait_clock::time_point::min();
  if (timers_.empty())
    return due;
  for (; !timers_.empty() && timers_.top().at <= now; timers_.pop())
    if (auto alive = timers_.top().whose.lock())
      due.push_back(std::move(alive));
  return due;
}

readiness_loop::waiters readiness_loop::take_posted() {
  waiters result;
  const std::lock_guard guard{mutex_};
  for (const auto& whose : posted_)
    if (auto alive = whose.lock())
      result.push_back(std::move(alive));
  posted_.clear();
  return result;
}

void readiness_loop::abort_waits() {
  waiters everybody;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& [id, whose] : all_)
      if (auto alive = whose.lock())
        everybody.push_back(std::move(alive));
  }
  for (const auto& x : everybody)
    x->abort_wait();
}

void readiness_loop::run() {
  std::array<epoll_event, most_events> events;
  bool aborted = false;
  while (!stopped_.load(std::memory_order_acquire)) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), time_to_sleep());
    // A failing wait (EINTR) is no news. What has come until now is in time, however long it takes to look at it all.
    const auto now = wait_clock::now();
    const auto due = take_due(now);
    for (int i = 0; i < count; ++i) {
      const auto& told = events[static_cast<std::size_t>(i)];
      if (told.data.u64 == bell_id) {
        std::uint64_t rung = 0;
        if (::read(bell_, &rung, sizeof rung) < 0)
          continue;
        for (const auto& x : take_posted())
          x->woken();
      } else if (const auto whose = find(told.data.u64)) {
        whose->happened(told.events);
      }
    }
    for (const auto& x : due)
      x->look_at_time(now);
    if (!aborted && abort_->raised()) {
      aborted = true;
      abort_waits();
    }
  }
  abort_waits();
}

loop_thread::loop_thread(std::shared_ptr<const abort_signal> abort)
  : loop_{std::make_shared<readiness_loop>(std::move(abort))}, thread_{[loop = loop_] {
      ::pthread_setname_np(::pthread_self(), "sluice.io");
      loop->run();
    }} {}

loop_thread::~loop_thread() {
  loop_->stop();
  // The last who needs it may be the one whom it has just called; then it ends by itself.
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

// -- a waiter --------------------------------------------------------------------------

void loop_waiter::run(const std::function<void()>& steps) {
  lock held{mutex_};
  steps();
  unlock(std::move(held));
}

void loop_waiter::close(const std::function<void()>& steps) {
  const lock held{mutex_};
  waiting_ = nullptr;
  then_unlocked_ = nullptr;
  steps();
}

void loop_waiter::unlock(lock held) {
  const auto then = std::exchange(then_unlocked_, nullptr);
  held.unlock();
  if (then)
    then();
}

std::optional<wait_outcome> loop_waiter::begin(int fd, short events, wait_clock::time_point until,
                                               std::coroutine_handle<> then) {
  if (loop_->ending())
    return wait_outcome::aborted;
  for_waker_ = fd == no_fd;
  if (for_waker_ ? std::exchange(woken_, false) : (seen_ & events) != 0) {
    seen_ = static_cast<short>(seen_ & ~events);
    return wait_outcome::ready;
  }
  for_events_ = events;
  until_ = until;
  waiting_ = then;
  if (until < looks_at_) {
    looks_at_ = until;
    loop_->set_timer(until, weak_from_this());
  }
  return std::nullopt;
}

io_result<void> loop_waiter::watch(int fd) {
  seen_ = 0;
  return loop_->watch(fd, id_);
}

std::function<void()> loop_waiter::waker() {
  return [weak = weak_from_this()] {
    if (const auto alive = weak.lock())
      alive->loop_->post(weak);
  };
}

void loop_waiter::resume(wait_outcome how, lock held) {
  outcome_ = how;
  std::exchange(waiting_, nullptr).resume();
  unlock(std::move(held));
}

void loop_waiter::happened(std::uint32_t epoll_events) {
  lock held{mutex_};
  seen_ = static_cast<short>(seen_ | events_of(epoll_events));
  if (!waiting_ || for_waker_ || (seen_ & for_events_) == 0)
    return;
  seen_ = static_cast<short>(seen_ & ~for_events_);
  resume(wait_outcome::ready, std::move(held));
}

void loop_waiter::look_at_time(wait_clock::time_point now) {
  lock held{mutex_};
  // Of several timers, which shorter waits have left behind, one goes on.
  if (looks_at_ > now)
    return;
  looks_at_ = wait_clock::time_point::max();
  if (!waiting_)
    return;
  if (until_ <= now)
    return resume(wait_outcome::expired, std::move(held));
  looks_at_ = until_;
  loop_->set_timer(until_, weak_from_this());
}

void loop_waiter::woken() {
  lock held{mutex_};
  woken_ = true;
  if (!waiting_ || !for_waker_)
    return;
  woken_ = false;
  resume(wait_outcome::ready, std::move(held));
}

void loop_waiter::abort_wait() {
  lock held{mutex_};
  if (waiting_)
    resume(wait_outcome::aborted, std::move(held));
}

} // namespace sluice::net
