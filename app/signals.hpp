#pragma once

#include <chrono>
#include <functional>
#include <pthread.h>
#include <thread>

namespace sluice {

/// Blocks SIGINT, SIGTERM and SIGQUIT in this thread and all that it starts. Call before the first other thread exists.
void block_stop_signals();

/// Waits for SIGINT, SIGTERM and SIGQUIT on a thread of its own.
class signal_watch {
public:
  /// Each SIGQUIT calls `on_report`, which must not block. Of the others, the first calls `on_signal`. A second one
  /// ends the process at once with 128 + signal, and so does `patience` running out after the first: a reader that does
  /// not read must not keep the process alive.
  signal_watch(std::function<void(int)> on_signal, std::chrono::seconds patience, std::function<void()> on_report);
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

private:
  std::thread thread_;
};

/// When nothing is left to drain: from now on SIGINT and SIGTERM end the process at once with 128 + signal. Those that
/// came since the watch ended are forgotten: the program ends anyway.
void let_stop_signals_end();

/// Waits for SIGINT, SIGTERM or SIGQUIT; returns the signal. For commands that serve until they are interrupted.
int wait_for_stop_signal();

} // namespace sluice
