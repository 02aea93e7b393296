#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace sluice::net {

/// A step of an exchange that may have to wait: a coroutine that begins at once and goes on to its first wait. Whoever
/// co_awaits it goes on with its result. Destroyed before its end, it is given up, with all steps that it waits for.
///
/// Written as the blocking code would be; what a wait is, the `waiter` says (waiter.hpp): with one that blocks, a task
/// is done when the call returns.
template <class T>
class [[nodiscard]] task {
public:
  struct promise_type {
    task get_return_object() { return task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
      struct hand_back {
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> done) const noexcept {
          auto then = done.promise().then;
          return then ? then : std::noop_coroutine();
        }
        void await_resume() const noexcept {
          // nop: nobody resumes a task that is done
        }
      };
      return hand_back{};
    }
    void unhandled_exception() noexcept { problem = std::current_exception(); }
    template <class U>
    void return_value(U&& x) {
      value.emplace(std::forward<U>(x));
    }

    std::optional<T> value;
    std::exception_ptr problem;
    /// Who waits for this step; none: nobody does (yet).
    std::coroutine_handle<> then;
  };

  explicit task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_{coroutine} {}
  task(task&& other) noexcept : coroutine_{std::exchange(other.coroutine_, nullptr)} {}
  task& operator=(task&&) = delete;
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() {
    if (coroutine_)
      coroutine_.destroy();
  }

  bool done() const noexcept { return coroutine_.done(); }

  /// The result of a task that is done; may be taken once. Throws what the task threw.
  T take() {
    auto& promise = coroutine_.promise();
    if (promise.problem)
      std::rethrow_exception(promise.problem);
    return std::move(*promise.value);
  }

  bool await_ready() const noexcept { return done(); }
  void await_suspend(std::coroutine_handle<> then) noexcept { coroutine_.promise().then = then; }
  T await_resume() { return take(); }

private:
  std::coroutine_handle<promise_type> coroutine_;
};

} // namespace sluice::net
