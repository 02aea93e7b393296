#include "config/files.hpp"

#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice {

namespace {

class descriptor {
public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int get() const noexcept { return fd_; }

private:
  int fd_;
};

/// `The config file "x.json" `: how every message starts.
std::string subject(std::string_view what, const std::string& path) {
  return "The " + std::string{what} + " " + json_string(path) + " ";
}

tl::unexpected<error> unreadable(std::string message) {
  return fail(errc::unreadable_file, failure_type::config_error, std::move(message));
}

std::string reason(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return "does not exist. Check the path.";
    case EACCES:
    case EPERM:
      return "cannot be read: permission denied. Allow this user to read it.";
    case ENXIO:
      return "cannot be read: it is a socket. Give a regular file or a pipe.";
    default:
      return "cannot be read: " + std::string{std::strerror(code)} + ".";
  }
}

/// Why something of this mode is not read, or an empty text.
std::string why_refused(mode_t mode) {
  if (S_ISREG(mode) || S_ISFIFO(mode))
    return {};
  auto kind = S_ISDIR(mode)    ? "a directory"
              : S_ISCHR(mode)  ? "a device or a terminal"
              : S_ISBLK(mode)  ? "a device"
              : S_ISSOCK(mode) ? "a socket"
                               : "of an unknown kind";
  return std::string{"is "} + kind + ", not a file. Give a regular file or a pipe.";
}

/// A pipe without a name in the file system: it has a writer already, or had one.
bool is_anonymous_pipe(int fd) {
  auto link = "/proc/self/fd/" + std::to_string(fd);
  std::array<char, 16> target{};
  auto length = ::readlink(link.c_str(), target.data(), target.size());
  return length > 0 && std::string_view{target.data(), static_cast<std::size_t>(length)}.rfind("pipe:", 0) == 0;
}

expected<void> read_all(int fd, const std::string& who, const byte_sink& sink) {
  std::array<char, 65536> buffer;
  for (;;) {
    auto n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return unreadable(who + reason(errno));
    if (n == 0)
      return {};
    if (auto taken = sink({buffer.data(), static_cast<std::size_t>(n)}); !taken)
      return taken;
  }
}

expected<void> open_and_read(const std::string& path, const std::string& who, const byte_sink& sink) {
  // Looked at before it is opened: opening a device can have effects of its own.
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return unreadable(who + reason(errno));
  if (auto why = why_refused(info.st_mode); !why.empty())
    return unreadable(who + why);
  // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0)
    return unreadable(who + reason(errno));
  if (auto why = why_refused(info.st_mode); !why.empty())
    return unreadable(who + why);
  if (S_ISFIFO(info.st_mode) && !is_anonymous_pipe(file.get()))
    return unreadable(who
                      + "is a named pipe, which could block forever. Give a regular file, or pipe it into /dev/stdin.");
  ::fcntl(file.get(), F_SETFL, O_RDONLY);
  return read_all(file.get(), who, sink);
}

/// The whole text of what `read` gives piece by piece.
template <class Read>
expected<std::string> read_text(const std::string& path, std::string_view what, std::uint64_t max_bytes, Read read) {
  std::string text;
  auto done = read([&](std::string_view piece) -> expected<void> {
    if (piece.size() > max_bytes - text.size())
      return too_large(path, what, max_bytes);
    text += piece;
    return {};
  });
  if (!done)
    return tl::unexpected(std::move(done.error()));
  return check_text(std::move(text), path, what);
}

std::string hex(char c) {
  std::array<char, 8> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "0x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return buffer.data();
}

} // namespace

tl::unexpected<error> too_large(const std::string& path, std::string_view what, std::uint64_t max_bytes) {
  return unreadable(subject(what, path) + "is larger than " + std::to_string(max_bytes)
                    + " bytes, the most that is read. Is it the right file?");
}

expected<void> read_file(const std::string& path, std::string_view what, const byte_sink& sink) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return unreadable("The path of the " + std::string{what} + " is empty or has a NUL character in it. Give a path.");
  return open_and_read(path, subject(what, path), sink);
}

expected<std::string> read_text_file(const std::string& path, std::string_view what, std::uint64_t max_bytes) {
  return read_text(path, what, max_bytes, [&](const byte_sink& sink) { return read_file(path, what, sink); });
}

expected<std::string> read_standard_input(std::string_view what, std::uint64_t max_bytes) {
  const std::string name = "standard input";
  const auto who = subject(what, name);
  struct stat info {};
  if (::fstat(STDIN_FILENO, &info) != 0)
    return unreadable(who + reason(errno));
  if (auto why = why_refused(info.st_mode); !why.empty())
    return unreadable(who + why);
  return read_text(name, what, max_bytes, [&](const byte_sink& sink) { return read_all(STDIN_FILENO, who, sink); });
}

expected<std::string> check_text(std::string text, const std::string& path, std::string_view what) {
  auto who = subject(what, path);
  if (text.rfind("\xFF\xFE", 0) == 0 || text.rfind("\xFE\xFF", 0) == 0)
    return unreadable(who + "is UTF-16, not UTF-8. Save it as UTF-8.");
  auto valid = valid_utf8_prefix(text);
  if (valid < text.size()) {
    auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(valid), '\n');
    return unreadable(who + "is not UTF-8: byte " + hex(text[valid]) + " at offset " + std::to_string(valid) + " (line "
                      + std::to_string(line) + "). Save it as UTF-8.");
  }
  if (text.rfind("\xEF\xBB\xBF", 0) == 0)
    text.erase(0, 3);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return unreadable(who + "is empty.");
  return text;
}

} // namespace sluice
