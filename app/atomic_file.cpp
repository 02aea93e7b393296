#include "app/atomic_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

/// 0, or the number of what went wrong.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n >= 0)
      text.remove_prefix(static_cast<std::size_t>(n));
    else if (errno != EINTR)
      return errno;
  }
  return 0;
}

/// How a new file is written.
struct file_manner {
  mode_t mode;
  durability how;
  /// Whose owner it gets; null: ours.
  const struct stat* like = nullptr;
};

/// 0, or the number of what went wrong. The file must not be there.
int write_file(const std::string& path, std::string_view text, const file_manner& manner) {
  // Until its owner is right nobody else may read it.
  int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL,
                  manner.like != nullptr ? S_IRUSR | S_IWUSR : manner.mode);
  if (fd < 0)
    return errno;
  int problem = 0;
  if (manner.like != nullptr
      && (::fchown(fd, manner.like->st_uid, manner.like->st_gid) != 0 || ::fchmod(fd, manner.mode) != 0))
    problem = errno;
  if (problem == 0)
    problem = write_all(fd, text);
  if (problem == 0 && manner.how == durability::machine && ::fsync(fd) != 0)
    problem = errno;
  // Some file systems tell only now that there is no room.
  if (::close(fd) != 0 && problem == 0)
    problem = errno;
  return problem;
}

/// A rename lasts when its directory has been written.
void write_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string{"."} : path.substr(0, std::max<std::size_t>(1, slash));
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  ::fsync(fd); // some file systems cannot
  ::close(fd);
}

/// How long the reader of a pipe may keep the program waiting.
constexpr std::chrono::seconds pipe_patience{3};

/// For what is no regular file; 0, or the number of what went wrong.
int write_to_reader(const std::string& path, std::string_view text) {
  auto deadline = std::chrono::steady_clock::now() + pipe_patience;
  auto late = [deadline] { return std::chrono::steady_clock::now() >= deadline; };
  constexpr int a_moment_ms = 20;
  int fd = -1;
  while ((fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
    // A pipe that nobody has opened for reading yet.
    if (errno != ENXIO || late())
      return errno;
    ::poll(nullptr, 0, a_moment_ms);
  }
  int problem = 0;
  while (!text.empty() && problem == 0) {
    auto n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN && !late()) {
      pollfd ready{fd, POLLOUT, 0};
      ::poll(&ready, 1, a_moment_ms);
    } else if (errno != EINTR) {
      problem = errno == EAGAIN ? ETIMEDOUT : errno;
    }
  }
  ::close(fd);
  return problem;
}

tl::unexpected<error> cannot_be_written(const std::string& path, const char* what, const std::string& why) {
  return fail(errc::unreadable_file, failure_type::config_error,
              "The " + std::string{what} + " " + path + " cannot be written: " + why + ".");
}

/// Where a regular file, or one that is not there yet, really is; a link is kept, and what it points to replaced.
expected<std::string> target_of(const std::string& path, bool exists, const char* what) {
  std::unique_ptr<char, decltype(&std::free)> real{exists ? ::realpath(path.c_str(), nullptr) : nullptr, &std::free};
  // A link such as /dev/fd/5 leads to a file even if that has been deleted; the link itself must not be replaced.
  if (exists && !real)
    return cannot_be_written(path, what, "the file behind it has no name");
  return real ? std::string{real.get()} : path;
}

constexpr const char* temporary_ending = ".tmp";

/// Writes a new file and puts it in the place of `target`. 0, or the number of what went wrong.
int write_and_rename(const std::string& target, std::string_view text, const file_manner& manner) {
  const auto temporary = target + temporary_ending;
  // One that was left behind might be readable by others, or a link.
  ::unlink(temporary.c_str());
  int problem = write_file(temporary, text, manner);
  if (problem == 0 && ::rename(temporary.c_str(), target.c_str()) != 0)
    problem = errno;
  if (problem != 0)
    ::unlink(temporary.c_str());
  else if (manner.how == durability::machine)
    write_directory_of(target);
  return problem;
}

} // namespace

expected<void> replace_file(const std::string& path, std::string_view text, mode_t mode, const char* what,
                            durability how) {
  struct stat present {};
  bool exists = ::stat(path.c_str(), &present) == 0;
  int problem = 0;
  if (exists && !S_ISREG(present.st_mode))
    problem = write_to_reader(path, text);
  else {
    auto target = target_of(path, exists, what);
    if (!target)
      return tl::unexpected(std::move(target.error()));
    problem = write_and_rename(*target, text, {mode, how});
  }
  if (problem != 0)
    return cannot_be_written(path, what, std::strerror(problem));
  return {};
}

expected<void> rewrite_file(const std::string& path, std::string_view text, const char* what) {
  struct stat present {};
  if (::stat(path.c_str(), &present) != 0 || !S_ISREG(present.st_mode))
    return cannot_be_written(path, what, "it is no file with a name");
  auto target = target_of(path, true, what);
  if (!target)
    return tl::unexpected(std::move(target.error()));
  // A new file takes its place, so nobody else asks whether this one may be changed.
  int problem = ::access(target->c_str(), W_OK) != 0 ? errno : 0;
  if (problem == 0)
    problem = write_and_rename(*target, text, {present.st_mode & 07777, durability::machine, &present});
  return problem == 0 ? expected<void>{} : cannot_be_written(path, what, std::strerror(problem));
}

expected<void> try_replacing(const std::string& path, const char* what) {
  struct stat present {};
  const bool exists = ::stat(path.c_str(), &present) == 0;
  if (exists && S_ISDIR(present.st_mode))
    return cannot_be_written(path, what, "it is a directory");
  if (exists && !S_ISREG(present.st_mode))
    return {};
  auto target = target_of(path, exists, what);
  if (!target)
    return tl::unexpected(std::move(target.error()));
  const auto temporary = *target + temporary_ending;
  ::unlink(temporary.c_str());
  const int problem = write_file(temporary, {}, {S_IRUSR | S_IWUSR, durability::process});
  ::unlink(temporary.c_str());
  return problem == 0 ? expected<void>{} : cannot_be_written(path, what, std::strerror(problem));
}

} // namespace sluice
