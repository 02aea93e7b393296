#include "tests/support/program.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sluice::test {

namespace {

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0)
    throw std::runtime_error(std::string{"cannot make a pipe: "} + std::strerror(errno));
  return {fds[0], fds[1]};
}

/// Proxies, authorities, settings and log levels of whoever runs the tests are none of the program's business.
bool disturbs(std::string_view variable) {
  auto name = variable.substr(0, variable.find('='));
  for (std::string_view unwanted : {"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                    "no_proxy", "NO_PROXY", "LOG_LEVEL", "DEPLOYMENT_MODE", "AIRBYTE_ENTRYPOINT",
                                    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SLUICE_TUNING", "SLUICE_SET"})
    if (name == unwanted)
      return true;
  return false;
}

pid_t spawn(const std::vector<std::string>& arguments, int out, int err) {
  std::vector<char*> argv;
  for (const auto& a : arguments)
    argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> env;
  for (auto** v = environ; *v != nullptr; ++v)
    if (!disturbs(*v))
      env.push_back(*v);
  env.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  // A connection of a server in this process that another process kept open would never end.
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  // The test program ignores SIGPIPE; the program under test must not owe its survival to that.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  int problem = ::posix_spawn(&pid, arguments.front().c_str(), &files, &attributes, argv.data(), env.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (problem != 0)
    throw std::runtime_error("cannot start " + arguments.front() + ": " + std::strerror(problem));
  return pid;
}

} // namespace

program::program(const std::vector<std::string>& arguments, bool reading) {
  auto out = make_pipe();
  auto err = make_pipe();
  auto control = make_pipe();
  wake_[0] = control.read;
  wake_[1] = control.write;
  out_.fd = out.read;
  out_.reading = reading;
  err_.fd = err.read;
  pid_ = spawn(arguments, out.write, err.write);
  ::close(out.write);
  ::close(err.write);
  out_reader_ = std::thread{[this] { collect(out_); }};
  err_reader_ = std::thread{[this] { collect(err_); }};
  waiter_ = std::thread{[this] { wait_for_exit(); }};
}

program::~program() {
  send(SIGKILL);
  close_stdout();
  out_reader_.join();
  err_reader_.join();
  waiter_.join();
  ::close(wake_[0]);
  ::close(wake_[1]);
}

void program::send(int signal) {
  std::lock_guard lock{mutex_};
  if (!exited_)
    ::kill(pid_, signal);
}

bool program::wait_until_held(int signal) {
  auto deadline = std::chrono::steady_clock::now() + program_patience;
  while (std::chrono::steady_clock::now() < deadline) {
    {
      std::lock_guard lock{mutex_};
      if (exited_)
        return false;
    }
    std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
    // A shell that starts the program keeps signals back for moments, too.
    bool started = false;
    for (std::string line; std::getline(status, line);) {
      started = started || line == "Name:\tsluice";
      if (started && line.rfind("SigBlk:", 0) == 0
          && (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1) != 0)
        return true;
    }
    std::this_thread::yield();
  }
  return false;
}

void program::resume_stdout() {
  {
    std::lock_guard lock{mutex_};
    out_.reading = true;
  }
  wake();
}

void program::close_stdout() {
  {
    std::lock_guard lock{mutex_};
    out_.closing = true;
  }
  wake();
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return out_.ended; });
}

template <class Condition>
bool program::wait_until(const collected& from, Condition holds) {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, program_patience, [&] { return holds(from.text) || from.ended; }))
    kill_late();
  return holds(from.text);
}

bool program::wait_for_bytes(std::size_t bytes) {
  return wait_until(out_, [&](const std::string& seen) { return seen.size() >= bytes; });
}

bool program::wait_for_text(std::string_view text) {
  return wait_until(out_, [&](const std::string& seen) { return seen.find(text) != std::string::npos; });
}

bool program::wait_for_error_text(std::string_view text) {
  return wait_until(err_, [&](const std::string& seen) { return seen.find(text) != std::string::npos; });
}

std::string program::error_text() {
  std::lock_guard lock{mutex_};
  return err_.text;
}

std::string program::output_text() {
  std::lock_guard lock{mutex_};
  return out_.text;
}

program_result program::wait() {
  std::unique_lock lock{mutex_};
  auto over = [this] { return exited_ && out_.ended && err_.ended; };
  if (!changed_.wait_for(lock, program_patience, over)) {
    kill_late();
    changed_.wait(lock, over);
  }
  program_result result;
  if (WIFEXITED(status_))
    result.exit_code = WEXITSTATUS(status_);
  if (WIFSIGNALED(status_))
    result.signal = WTERMSIG(status_);
  result.timed_out = timed_out_;
  result.out = out_.text;
  result.err = err_.text;
  return result;
}

/// Under the lock. A paused reader would never see the end.
void program::kill_late() {
  timed_out_ = true;
  out_.reading = true;
  if (!exited_)
    ::kill(pid_, SIGKILL);
  wake();
}

void program::wake() {
  char byte = 0;
  if (::write(wake_[1], &byte, 1) < 0)
    return; // cannot fail: a handful of bytes fit into any pipe
}

void program::collect(collected& from) {
  bool controlled = &from == &out_;
  std::array<char, 65536> buffer{};
  for (;;) {
    bool reading = true;
    {
      std::lock_guard lock{mutex_};
      if (from.closing)
        break;
      reading = from.reading;
    }
    std::array<pollfd, 2> ready{{{reading ? from.fd : -1, POLLIN, 0}, {controlled ? wake_[0] : -1, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0)
      continue; // EINTR
    if (ready[1].revents != 0) {
      char byte = 0;
      if (::read(wake_[0], &byte, 1) == 1)
        continue;
    }
    if (ready[0].revents == 0)
      continue;
    auto n = ::read(from.fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      break;
    std::lock_guard lock{mutex_};
    from.text.append(buffer.data(), static_cast<std::size_t>(n));
    changed_.notify_all();
  }
  ::close(from.fd);
  std::lock_guard lock{mutex_};
  from.ended = true;
  changed_.notify_all();
}

void program::wait_for_exit() {
  siginfo_t info{};
  // Its id stays ours until it is reaped under the lock: `send` never hits a stranger.
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    // again
  }
  std::lock_guard lock{mutex_};
  ::waitpid(pid_, &status_, 0);
  exited_ = true;
  changed_.notify_all();
}

program_result run_program(const std::vector<std::string>& arguments) {
  program p{arguments};
  return p.wait();
}

} // namespace sluice::test
