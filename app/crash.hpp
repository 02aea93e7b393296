#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace sluice {

/// While it exists, a crash (a signal such as SIGSEGV, or an exception that nobody catches) is reported before the
/// process ends by it: the report is made on a thread of its own, which waits for nothing else, and the process does
/// not wait for it longer than `patience`. One at a time.
class crash_watch {
public:
  /// Signals that somebody else handles already (a sanitizer) stay theirs.
  /// @param report gets the signal's name; must not rely on the thread that crashed.
  crash_watch(std::function<void(const char* signal)> report, std::chrono::seconds patience);
  ~crash_watch();
  crash_watch(const crash_watch&) = delete;
  crash_watch& operator=(const crash_watch&) = delete;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace sluice
