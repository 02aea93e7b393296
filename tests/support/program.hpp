#pragma once

#include "tests/support/places.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

/// The program under test, as the first of its arguments.
#define SLUICE_BINARY ::sluice::test::sluice_binary()

namespace sluice::test {

/// Longest life of a program under test: far more than any test needs, so that a hang fails instead of blocking.
inline constexpr std::chrono::seconds program_patience{60};

/// How a program ended and what it wrote.
struct program_result {
  /// The exit code; -1 if a signal ended it.
  int exit_code = -1;
  /// The signal that ended it, or 0.
  int signal = 0;
  /// What a shell calls its exit code: 128 and the number of the signal that ended it.
  int shell_code() const noexcept { return signal != 0 ? 128 + signal : exit_code; }
  /// It did not end by itself and was killed.
  bool timed_out = false;
  std::string out;
  std::string err;
};

/// A running child process with stdout and stderr on pipes, nothing on stdin, default signal actions and no proxies or
/// log level in its environment. What it writes is collected as it comes.
class program {
public:
  /// @param arguments the program's path first.
  /// @param reading false: nothing is read from stdout until `resume_stdout`.
  explicit program(const std::vector<std::string>& arguments, bool reading = true);
  /// Kills it if it still runs.
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  void send(int signal);
  /// Waits until the process is `sluice` and keeps a signal back. False if it ends before.
  bool wait_until_held(int signal);
  /// From now on stdout is read; the other half of `reading = false`.
  void resume_stdout();
  /// Closes our end of stdout, as a reader that goes away.
  void close_stdout();

  /// Waits until so many bytes came on stdout. False if stdout ends before.
  bool wait_for_bytes(std::size_t bytes);
  /// Waits until a text came on stdout. False if stdout ends before.
  bool wait_for_text(std::string_view text);
  /// The same on stderr.
  bool wait_for_error_text(std::string_view text);
  /// What came on stderr so far.
  std::string error_text();
  /// What came on stdout so far.
  std::string output_text();
  /// Waits for the end of the process and of its output.
  program_result wait();

private:
  struct collected {
    int fd = -1;
    bool reading = true;
    bool closing = false;
    bool ended = false;
    std::string text;
  };

  void collect(collected& from);
  void wait_for_exit();
  void wake();
  void kill_late();
  template <class Condition>
  bool wait_until(const collected& from, Condition holds);

  pid_t pid_ = 0;
  int wake_[2] = {-1, -1};
  std::mutex mutex_;
  std::condition_variable changed_;
  collected out_;
  collected err_;
  bool exited_ = false;
  bool timed_out_ = false;
  int status_ = 0;
  std::thread out_reader_;
  std::thread err_reader_;
  std::thread waiter_;
};

/// Runs a program to its end.
program_result run_program(const std::vector<std::string>& arguments);

} // namespace sluice::test
