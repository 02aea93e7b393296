#pragma once

#include "tests/support/catch2.hpp"
#include "tests/support/program.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace sluice::test {

/// Far more than any condition needs.
inline constexpr std::chrono::seconds terminal_patience{60};

inline bool tmux_is_missing() {
  return run_program({"/usr/bin/env", "tmux", "-V"}).exit_code != 0;
}

/// A real terminal emulator with one window in which a command runs; a server of its own, which ends with it.
class terminal {
public:
  terminal(int columns, int rows, const std::string& command) {
    REQUIRE(::mkdtemp(directory_.data()) != nullptr);
    // The window stays when the command has ended, until the server is ended.
    tmux(
      {"-f", "/dev/null", "new-session", "-d", "-x", std::to_string(columns), "-y", std::to_string(rows),
       "trap : INT; sh -c 'echo $$ > " + directory_ + "/pid; exec " + command + "'; echo \"exit code $?\"; exec cat"});
  }
  ~terminal() {
    tmux({"kill-server"});
    std::filesystem::remove_all(directory_);
  }
  terminal(const terminal&) = delete;
  terminal& operator=(const terminal&) = delete;

  /// What the window shows; with what has scrolled out of it, if wanted.
  std::string text(bool history = false) { return capture(history, {}); }
  std::string text_with_codes() { return capture(false, {"-e"}); }
  /// Lines that the window's width has broken are one again.
  std::string text_unbroken() { return capture(true, {"-J"}); }
  void resize(int columns, int rows) {
    tmux({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)});
  }
  /// Changes the size while the program does not paint: what becomes of a painting that is cut in two is chance.
  void resize_between_paintings(int columns, int rows, const std::string& first_line) {
    std::ifstream in{directory_ + "/pid"};
    pid_t program = 0;
    REQUIRE(in >> program);
    auto limit = std::chrono::steady_clock::now() + terminal_patience;
    bool rests = false;
    while (!rests && std::chrono::steady_clock::now() < limit) {
      ::kill(program, SIGSTOP);
      for (int look = 0; look < 10 && !rests; ++look)
        rests = line_of_cursor().find(first_line) != std::string::npos;
      if (rests)
        resize(columns, rows);
      ::kill(program, SIGCONT);
    }
    REQUIRE(rests);
  }
  void interrupt() { press("C-c"); }
  /// A key by tmux's name for it.
  void press(const std::string& key) { tmux({"send-keys", key}); }

  /// Looks until the window shows what is wanted; returns what it showed last.
  std::string wait_until(const std::function<bool(const std::string&)>& wanted, bool history = false) {
    auto limit = std::chrono::steady_clock::now() + terminal_patience;
    std::string shown;
    do
      shown = text(history);
    while (!wanted(shown) && std::chrono::steady_clock::now() < limit);
    return shown;
  }
  std::string wait_for(const std::string& what) {
    return wait_until([&what](const std::string& shown) { return shown.find(what) != std::string::npos; }, true);
  }

private:
  std::string line_of_cursor() {
    auto row = tmux({"display-message", "-p", "#{cursor_y}"});
    row.erase(row.find_last_not_of('\n') + 1);
    return tmux({"capture-pane", "-p", "-S", row, "-E", row});
  }
  std::string tmux(std::vector<std::string> arguments) {
    std::vector<std::string> all{"/usr/bin/env", "-u", "TMUX", "tmux", "-u", "-S", directory_ + "/socket"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all).out;
  }
  std::string capture(bool history, std::vector<std::string> flags) {
    std::vector<std::string> arguments{"capture-pane", "-p"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    if (history)
      arguments.insert(arguments.end(), {"-S", "-"});
    return tmux(arguments);
  }

  std::string directory_ = (std::filesystem::temp_directory_path() / "sluice-terminal-XXXXXX").string();
};

} // namespace sluice::test
