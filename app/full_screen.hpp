#pragma once

#include "app/text/lines.hpp"

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string_view>
#include <termios.h>
#include <vector>

namespace sluice {

/// What a person pressed.
enum class key : std::uint8_t { other, quit, up, down, page_up, page_down, first, last };
/// The key of the bytes that a terminal sends for it.
key key_of(std::string_view bytes);

/// The whole of a terminal (stdin and stdout), for as long as it exists: the alternate screen, no echo, no cursor, keys
/// at once. SIGINT, SIGTERM, SIGHUP and SIGQUIT end the wait instead of the process, so that the terminal is given back
/// as it was. One a process, and before other threads exist.
class full_screen {
public:
  full_screen();
  ~full_screen();
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

  /// Paints these lines in place of what stands there. They must fit.
  void paint(const std::vector<styled_line>& lines, bool colour);

  enum class event { time, key, resized, stopped };
  /// Waits for a key (see `last_key`), another size, a signal that ends the program, or until the time has passed.
  event wait(std::chrono::milliseconds time);
  key last_key() const { return key_; }
  /// The signal that ended the wait.
  int signal() const { return signal_; }

private:
  sigset_t old_mask_{};
  termios old_mode_{};
  bool mode_known_ = false;
  int signals_ = -1;
  int signal_ = 0;
  key key_ = key::other;
  bool input_open_ = true;
};

} // namespace sluice
