#include "app/full_screen.hpp"

#include <algorithm>
#include <cerrno>
#include <initializer_list>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/signalfd.h>
#include <unistd.h>

namespace sluice {

namespace {

void put(std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n > 0)
      text.remove_prefix(static_cast<std::size_t>(n));
    else if (n < 0 && errno != EINTR)
      return; // nobody looks any more
  }
}

} // namespace

key key_of(std::string_view bytes) {
  // Of keys that repeat faster than they are read the first one counts.
  const auto is = [bytes](std::initializer_list<std::string_view> all) {
    return std::any_of(all.begin(), all.end(), [bytes](std::string_view x) { return bytes.substr(0, x.size()) == x; });
  };
  if (is({"q", "Q"}))
    return key::quit;
  if (is({"\033[A", "\033OA", "k"}))
    return key::up;
  if (is({"\033[B", "\033OB", "j", "\n"}))
    return key::down;
  if (is({"\033[5~", "b"}))
    return key::page_up;
  if (is({"\033[6~", " "}))
    return key::page_down;
  if (is({"\033[H", "\033OH", "\033[1~", "g"}))
    return key::first;
  if (is({"\033[F", "\033OF", "\033[4~", "G"}))
    return key::last;
  return key::other;
}

full_screen::full_screen() {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (int s : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH})
    ::sigaddset(&wanted, s);
  ::sigprocmask(SIG_BLOCK, &wanted, &old_mask_);
  signals_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  mode_known_ = ::tcgetattr(STDIN_FILENO, &old_mode_) == 0;
  if (mode_known_) {
    auto mode = old_mode_;
    mode.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &mode);
  }
  // Alternate screen, no cursor, no wrapping at the right edge.
  put("\033[?1049h\033[?25l\033[?7l");
}

full_screen::~full_screen() {
  put("\033[?7h\033[?25h\033[?1049l");
  if (mode_known_)
    ::tcsetattr(STDIN_FILENO, TCSANOW, &old_mode_);
  if (signals_ >= 0)
    ::close(signals_);
  ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

void full_screen::paint(const std::vector<styled_line>& lines, bool colour) {
  std::string text = "\033[H";
  for (std::size_t i = 0; i < lines.size(); ++i)
    text += (i > 0 ? "\r\n" : "") + rendered(lines[i], colour) + "\033[K";
  put(text + "\033[J");
}

full_screen::event full_screen::wait(std::chrono::milliseconds time) {
  // A closed stdin would be ready all the time.
  pollfd ready[2] = {{signals_, POLLIN, 0}, {input_open_ ? STDIN_FILENO : -1, POLLIN, 0}};
  if (::poll(ready, 2, static_cast<int>(time.count())) <= 0)
    return event::time;
  if (ready[0].revents != 0) {
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) == sizeof info) {
      if (info.ssi_signo == SIGWINCH)
        return event::resized;
      signal_ = static_cast<int>(info.ssi_signo);
      return event::stopped;
    }
  }
  if (ready[1].revents != 0) {
    char bytes[16];
    if (const auto n = ::read(STDIN_FILENO, bytes, sizeof bytes); n > 0) {
      key_ = key_of({bytes, static_cast<std::size_t>(n)});
      return event::key;
    }
    input_open_ = false;
  }
  return event::time;
}

} // namespace sluice
