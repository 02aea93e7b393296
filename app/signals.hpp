#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace sluice {

/// The program's first act: from now on nothing ends it but a write that fails and SIGKILL. SIGINT, SIGTERM, SIGQUIT,
/// SIGXCPU and SIGHUP (unless the parent ignores it, as nohup does) are kept back, in this thread and all that it
/// starts, until somebody takes them; SIGPIPE and SIGXFSZ are errors of a write.
void hold_signals();

/// For commands that have nothing to finish: signals end the process again, also those that were kept back.
void release_signals();

/// Ends the process at once as a signal does that nobody takes, so that a parent sees which one it was. Process 1,
/// which its own signals cannot end, exits with 128 + signal.
[[noreturn]] void die_by(int signal);

/// The end of the process with an exit code: one above 128 stands for the signal that ended the run. Everything else
/// has been done. Returns what `main` returns.
int end_process(int exit_code);

/// What is done about signals.
struct signal_handlers {
  /// The first one that asks for the end. Empty: it ends the process at once.
  std::function<void(int)> on_stop;
  /// So long after the first one the process ends in any case: a reader that does not read must not keep it alive.
  std::chrono::seconds patience{0};
  /// Before the process is ended at once, by a second one or because the patience is over; must be quick.
  std::function<void()> on_abort;
  /// Each SIGQUIT.
  std::function<void()> on_report;
};

/// Takes the signals that are kept back, on a thread of its own. One a process; made before anything else that can fail
/// or hang. Once `on_stop` was called, a second SIGINT or SIGTERM ends the process at once; another SIGHUP or SIGXCPU
/// does not, because the system sends them repeatedly.
class signal_watch {
public:
  /// Fails if no thread can be started.
  static expected<std::unique_ptr<signal_watch>> start();
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  /// From now on these, and none of those before is under way. They are called on the watch's thread and must not
  /// block.
  void handle(signal_handlers handlers);

private:
  struct impl;
  explicit signal_watch(std::unique_ptr<impl> x);
  std::unique_ptr<impl> impl_;
};

/// Waits for one of the signals that are kept back; returns it. For commands that serve until they are interrupted.
int wait_for_stop_signal();

} // namespace sluice
