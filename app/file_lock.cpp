#include "app/file_lock.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// Whoever ends may have removed the file between our opening and locking it.
bool is_still_there(const std::string& name, int fd) {
  struct stat by_name {};
  struct stat opened {};
  return ::stat(name.c_str(), &by_name) == 0 && ::fstat(fd, &opened) == 0 && by_name.st_ino == opened.st_ino
         && by_name.st_dev == opened.st_dev;
}

} // namespace

expected<file_lock> file_lock::take(const std::string& path, const char* what) {
  std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr), &std::free};
  const auto name = (real ? std::string{real.get()} : path) + ".lock";
  while (true) {
    const int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0)
      return fail(errc::unreadable_file, failure_type::config_error,
                  "The " + std::string{what} + " " + path + " cannot be kept for this run: " + name + ": "
                    + std::strerror(errno) + ". Nothing was read.");
    const bool locked = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno == EINTR) {
      ::close(fd);
      continue;
    }
    // Where the file system has no locks, there is nothing to be had.
    if (!locked && errno == EWOULDBLOCK) {
      ::close(fd);
      return fail(
        errc::unreadable_file, failure_type::config_error,
        "The " + std::string{what} + " " + path
          + " is in use by another run. Nothing was read. Wait for its end, or give each run a file of its own.");
    }
    if (is_still_there(name, fd))
      return file_lock{name, fd};
    ::close(fd);
  }
}

file_lock::file_lock(file_lock&& x) noexcept : name_(std::move(x.name_)), fd_(std::exchange(x.fd_, -1)) {}

file_lock::~file_lock() {
  if (fd_ < 0)
    return;
  ::unlink(name_.c_str());
  ::close(fd_);
}

} // namespace sluice
