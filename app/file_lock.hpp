#pragma once

#include "messages/error.hpp"

#include <string>

namespace sluice {

/// Keeps other runs of ours from a file that is replaced as a whole: what one writes the other would lose. The lock is
/// a file `PATH.lock` beside it, gone with the lock; one that a killed run has left behind locks nothing.
class file_lock {
public:
  /// Does not wait. `errc::unreadable_file`: another run has the lock, or there is no place for it. Where the file
  /// system knows no locks there is none.
  /// @param what for the error: `state file`.
  static expected<file_lock> take(const std::string& path, const char* what);
  ~file_lock();
  file_lock(file_lock&& x) noexcept;
  file_lock& operator=(file_lock&&) = delete;

private:
  file_lock(std::string name, int fd) : name_(std::move(name)), fd_(fd) {}

  std::string name_;
  int fd_;
};

} // namespace sluice
