#include "app/shutdown_guard.hpp"

#include "app/signals.hpp"

#include <future>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

constexpr std::chrono::seconds patience_with_last_words{2};

} // namespace

shutdown_guard::shutdown_guard() : thread_([this] { watch(); }) {}

shutdown_guard::~shutdown_guard() {
  {
    const std::lock_guard lock{mutex_};
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void shutdown_guard::arm(std::chrono::seconds patience, int exit_code, std::function<void()> last_words) {
  {
    const std::lock_guard lock{mutex_};
    end_ = std::chrono::steady_clock::now() + patience;
    exit_code_ = exit_code;
    last_words_ = std::move(last_words);
  }
  changed_.notify_all();
}

void shutdown_guard::disarm() {
  {
    const std::lock_guard lock{mutex_};
    end_.reset();
  }
  changed_.notify_all();
}

void shutdown_guard::watch() {
  std::unique_lock lock{mutex_};
  while (!done_ && (!end_ || std::chrono::steady_clock::now() < *end_))
    if (auto end = end_)
      changed_.wait_until(lock, *end);
    else
      changed_.wait(lock);
  if (done_)
    return;
  std::promise<void> said;
  try {
    std::thread{[&] {
      last_words_();
      said.set_value();
    }}.detach();
    said.get_future().wait_for(patience_with_last_words);
  } catch (const std::system_error&) {
    last_words_();
  }
  ::_exit(end_process(exit_code_));
}

} // namespace sluice
