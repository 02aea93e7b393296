#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace sluice {

/// Ends the process if a shutdown does not end. Made before what may hang: when it is needed, no thread may be left to
/// be had.
class shutdown_guard {
public:
  /// Throws `std::system_error` if no thread can be started.
  shutdown_guard();
  ~shutdown_guard();
  shutdown_guard(const shutdown_guard&) = delete;
  shutdown_guard& operator=(const shutdown_guard&) = delete;

  /// The process ends with this exit code unless the guard is destroyed, disarmed or armed anew within `patience`.
  /// Records and states have been written by then, and `last_words` writes the rest, unless that hangs, too.
  void arm(std::chrono::seconds patience, int exit_code, std::function<void()> last_words);
  void disarm();

private:
  void watch();

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  /// When the process ends; none: not armed.
  std::optional<std::chrono::steady_clock::time_point> end_;
  int exit_code_ = 1;
  std::function<void()> last_words_;
  std::thread thread_;
};

} // namespace sluice
