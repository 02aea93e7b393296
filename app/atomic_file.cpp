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

/// 0, or the number of what went wrong. With `like` it becomes a file of that owner and mode.
int write_file(const std::string& path, std::string_view text, mode_t mode, durability how, const struct stat* like) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_CREAT | O_EXCL, like != nullptr ? S_IRUSR | S_IWUSR : mode);
  if (fd < 0)
    return errno;
  int problem = 0;
  if (like != nullptr && (::fchown(fd, like->st_uid, like->st_gid) != 0 || ::fchmod(fd, mode) != 0))
    problem = errno;
  if (problem == 0)
    problem = write_all(fd, text);
  if (problem == 0 && how == durability::machine && ::fsync(fd) != 0)
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

constexpr const char* temporary_ending = ".tmp";

/// Writes a new file and puts it in the place of `target`. 0, or the number of what went wrong.
int write_and_rename(const std::string& target, std::string_view text, mode_t mode, durability how,
                     const struct stat* like) {
  auto temporary = target + temporary_ending;
  // One that was left behind might be readable by others, or a link.
  ::unlink(temporary.c_str());
  int problem = write_file(temporary, text, mode, how, like);
  if (problem == 0 && ::rename(temporary.c_str(), target.c_str()) != 0)
    problem = errno;
  if (problem != 0)
    ::unlink(temporary.c_str());
  else if (how == durability::machine)
    write_directory_of(target);
  return problem;
}

/// What a path leads to in the end; empty: nothing that has a name.
std::string real_path(const std::string& path) {
  std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr), &std::free};
  return real ? real.get() : std::string{};
}

tl::unexpected<error> cannot_write(const std::string& path, const char* what, const std::string& why) {
  return fail(errc::unreadable_file, failure_type::config_error,
              "The " + std::string{what} + " " + path + " cannot be written: " + why + ".");
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

} // namespace

expected<void> replace_file(const std::string& path, std::string_view text, mode_t mode, const char* what,
                            durability how) {
  struct stat present {};
  bool exists = ::stat(path.c_str(), &present) == 0;
  int problem = 0;
  if (exists && !S_ISREG(present.st_mode)) {
    problem = write_to_reader(path, text);
  } else {
    // A link is kept, and what it points to replaced. One such as /dev/fd/5 leads to a file even if that has been
    // deleted; the link itself must not be replaced.
    const auto target = exists ? real_path(path) : path;
    if (target.empty())
      return cannot_write(path, what, "the file behind it has no name");
    problem = write_and_rename(target, text, mode, how, nullptr);
  }
  if (problem != 0)
    return cannot_write(path, what, std::strerror(problem));
  return {};
}

expected<void> rewrite_file(const std::string& path, std::string_view text, const char* what) {
  struct stat present {};
  const auto target = real_path(path);
  if (target.empty() || ::stat(target.c_str(), &present) != 0 || !S_ISREG(present.st_mode))
    return cannot_write(path, what, "it is no file with a name");
  // A new file takes its place, so nobody else asks whether this one may be changed.
  int problem = ::access(target.c_str(), W_OK) != 0 ? errno : 0;
  if (problem == 0)
    problem = write_and_rename(target, text, present.st_mode & 07777, durability::machine, &present);
  if (problem != 0)
    return cannot_write(path, what, std::strerror(problem));
  return {};
}

expected<void> try_replacing(const std::string& path, const char* what) {
  struct stat present {};
  const bool exists = ::stat(path.c_str(), &present) == 0;
  if (exists && S_ISDIR(present.st_mode))
    return cannot_write(path, what, "it is a directory");
  if (exists && !S_ISREG(present.st_mode))
    return {};
  const auto target = exists ? real_path(path) : path;
  if (target.empty())
    return cannot_write(path, what, "the file behind it has no name");
  const auto temporary = target + temporary_ending;
  ::unlink(temporary.c_str());
  const int problem = write_file(temporary, {}, S_IRUSR | S_IWUSR, durability::process, nullptr);
  ::unlink(temporary.c_str());
  return problem == 0 ? expected<void>{} : cannot_write(path, what, std::strerror(problem));
}

} // namespace sluice
