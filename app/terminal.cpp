#include "app/terminal.hpp"

#include "app/process.hpp"
#include "messages/text/ascii.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace sluice {

namespace {

std::size_t number_of(const char* name, std::size_t otherwise) {
  auto text = std::string{variable(name)};
  auto n = std::strtol(text.c_str(), nullptr, 10);
  return n > 0 && n < 10000 ? static_cast<std::size_t>(n) : otherwise;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const auto value = lower_case(variable(name));
    if (value.empty())
      continue;
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

} // namespace

bool can_draw_on(int fd) {
  return ::isatty(fd) == 1 && variable("TERM") != "dumb";
}

screen screen_of(int fd) {
  screen s;
  winsize size{};
  bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0;
  s.columns = known && size.ws_col > 0 ? size.ws_col : number_of("COLUMNS", 80);
  s.rows = known && size.ws_row > 0 ? size.ws_row : number_of("LINES", 24);
  s.utf8 = locale_is_utf8();
  s.colour = can_draw_on(fd) && variable("NO_COLOR").empty();
  return s;
}

std::size_t help_width(int fd) {
  constexpr std::size_t page = 100;
  constexpr std::size_t narrow = 40;
  constexpr std::size_t usual = 80;
  return ::isatty(fd) == 1 ? std::clamp(screen_of(fd).columns, narrow, page) : usual;
}

bool takes_lines(int fd) {
  pollfd ready{fd, POLLOUT, 0};
  // What is no longer there takes them, too: the write fails at once.
  return ::poll(&ready, 1, 0) != 0;
}

void print_patiently(int fd, std::string_view text, std::chrono::milliseconds patience) {
  // A pipe that is ready takes so much without waiting.
  constexpr std::size_t piece = PIPE_BUF;
  int limit = ::isatty(fd) == 1 ? -1 : static_cast<int>(patience.count());
  while (!text.empty()) {
    pollfd ready{fd, POLLOUT, 0};
    int n = ::poll(&ready, 1, limit);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return;
    auto written = ::write(fd, text.data(), std::min(text.size(), piece));
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR && errno != EAGAIN)
      return;
  }
}

void live_block::show(std::vector<std::string> lines) {
  std::lock_guard lock{mutex_};
  lines_ = std::move(lines);
  write(painted());
}

void live_block::erase() {
  std::lock_guard lock{mutex_};
  write(cleared());
}

void live_block::print_above(std::string_view text) {
  std::lock_guard lock{mutex_};
  auto all = lines_.empty() ? std::string{} : std::string{"\r\033[J"};
  all += text;
  if (!lines_.empty())
    all += painted();
  write(all);
}

std::string live_block::give_way(std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_, patience};
  // Somebody writes there and is held up: below it then.
  return lock.owns_lock() ? cleared() : "\n";
}

expected<void> live_block::write_beside(line_writer& out, std::string_view text) {
  std::lock_guard lock{mutex_};
  write(cleared());
  return out.write(text);
}

std::string live_block::cleared() {
  return std::exchange(lines_, {}).empty() ? "" : "\r\033[J";
}

std::string live_block::painted() const {
  if (lines_.empty())
    return "\r\033[J";
  // Without wrapping, a window that becomes narrower in this very moment spoils nothing but one painting.
  // Everything is erased first: tmux counts what a line has ever held as its width when it wraps lines anew.
  std::string text = "\033[?7l\r\033[J";
  for (std::size_t i = 0; i < lines_.size(); ++i)
    text += (i > 0 ? "\n" : "") + lines_[i];
  text += '\r';
  if (lines_.size() > 1)
    text += "\033[" + std::to_string(lines_.size() - 1) + "A";
  return text + "\033[?7h";
}

void live_block::write(const std::string& text) const {
  // What cannot be shown is lost: nothing depends on it.
  for (std::size_t at = 0; at < text.size();) {
    auto n = ::write(fd_, text.data() + at, text.size() - at);
    if (n >= 0)
      at += static_cast<std::size_t>(n);
    else if (errno == EAGAIN) {
      pollfd ready{fd_, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR)
      return;
  }
}

bool written_or_told(const expected<void>& written) {
  if (!written && !written.error().internal_message.empty())
    print_patiently(STDERR_FILENO, "sluice: " + written.error().message + "\n");
  return written.has_value();
}

} // namespace sluice
