#pragma once

#include "actors/support/flight_record.hpp"
#include "actors/support/stall.hpp"
#include "messages/text/redaction.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace sluice {

/// What a watchdog watches and does.
struct watchdog_setup {
  std::shared_ptr<const flight_recorder> actors;
  stall_limits limits;
  /// Reports go here, masked; never waiting longer than two seconds for whoever reads it.
  int report_fd = 2;
  /// Takes the report of a stall or of a wish in place of `report_fd`; must not block. None: `report_fd` does.
  std::function<void(const std::string& report)> instead;
  /// What to write before a report, where others draw on the same terminal; none: nothing. Must not block for long.
  std::function<std::string()> make_room;
  std::shared_ptr<const redactor> secrets = std::make_shared<redactor>();
  /// Told once, after the report, what stands still; on the watchdog's thread.
  std::function<void(const std::string& finding)> on_stall;
  /// The watchdog has not been destroyed so long after `on_stall`: nothing helps.
  std::chrono::milliseconds patience{2000};
  std::function<void()> give_up;
};

/// Watches a run on a thread of its own: reports a stall, and whenever it is asked to.
class watchdog {
public:
  explicit watchdog(watchdog_setup setup);
  /// Waits for a report that is being written: three seconds at most.
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  /// Prints who waits for what, soon; several wishes at once are one. Never blocks. Any thread.
  void report(std::string headline);
  /// Prints it at once, on this thread, from the records alone: the process is about to crash.
  void report_crash(std::string_view headline);
  /// The same report as text, masked.
  std::string crash_report(std::string_view headline) const;

private:
  void run();
  void print(std::string_view headline);
  void deliver(std::string_view report);
  void write_masked(std::string_view report);

  watchdog_setup setup_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::string wanted_;
  std::thread thread_;
};

/// Writes as much of a text as the descriptor takes within `patience`, without blocking longer.
void write_within(int fd, std::string_view text, std::chrono::milliseconds patience);

} // namespace sluice
