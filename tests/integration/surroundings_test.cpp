#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The command with its descriptors redirected by a shell.
std::vector<std::string> redirected(const std::vector<std::string>& command, const std::string& redirections) {
  std::vector<std::string> result{"/bin/sh", "-c", "exec \"$0\" \"$@\" " + redirections};
  result.insert(result.end(), command.begin(), command.end());
  return result;
}

/// A named pipe that takes no byte more, because nobody reads it.
class full_pipe {
public:
  explicit full_pipe(std::string path) : path_(std::move(path)) {
    REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
    // For reading, too: a pipe without a reader cannot be opened for writing.
    fd_ = ::open(path_.c_str(), O_RDWR | O_NONBLOCK);
    REQUIRE(fd_ >= 0);
    const std::string much(4096, 'x');
    for (std::size_t size : {much.size(), std::size_t{1}})
      while (::write(fd_, much.data(), size) > 0) {
      }
  }
  ~full_pipe() { ::close(fd_); }
  full_pipe(const full_pipe&) = delete;
  full_pipe& operator=(const full_pipe&) = delete;

  const std::string& path() const { return path_; }

private:
  std::string path_;
  int fd_ = -1;
};

/// A terminal whose output its user has stopped (Ctrl-S).
class stopped_terminal {
public:
  stopped_terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(master_ >= 0);
    REQUIRE(::grantpt(master_) == 0);
    REQUIRE(::unlockpt(master_) == 0);
    path_ = ::ptsname(master_);
    fd_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY);
    REQUIRE(fd_ >= 0);
    REQUIRE(::tcflow(fd_, TCOOFF) == 0);
  }
  ~stopped_terminal() {
    ::close(fd_);
    ::close(master_);
  }
  stopped_terminal(const stopped_terminal&) = delete;
  stopped_terminal& operator=(const stopped_terminal&) = delete;

  const std::string& path() const { return path_; }

private:
  int master_;
  std::string path_;
  int fd_ = -1;
};

/// The command of a test's read, which shows no progress, with another `--progress`.
std::vector<std::string> with_progress(std::vector<std::string> command, const std::string& mode) {
  auto flag = std::find(command.begin(), command.end(), "--progress");
  if (flag != command.end())
    *std::next(flag) = mode;
  else
    command.insert(command.end(), {"--progress", mode});
  return command;
}

/// Waits for it, but not for ever.
template <class Condition>
bool until(Condition holds) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return holds();
}

struct outputs {
  std::string trace;
  std::string summary;
  std::string metrics;
  std::vector<std::string> arguments;

  explicit outputs(const temporary_directory& files)
    : trace(files.path("trace.json")), summary(files.path("summary.json")),
      metrics(files.path("metrics.prom")), arguments{"--trace", trace, "--summary", summary, "--metrics", metrics} {}

  bool trace_is_whole() const {
    simdjson::dom::parser parser;
    auto text = content_of(trace);
    return parser.parse(text).error() == simdjson::SUCCESS && text.find("sluice_end") != std::string::npos;
  }
  bool summary_is_whole() const {
    simdjson::dom::parser parser;
    std::int64_t exit_code = -1;
    return parser.parse(content_of(summary))["exit_code"].get(exit_code) == simdjson::SUCCESS;
  }
  bool metrics_are_final() const {
    return content_of(metrics).find("\nsluice_up{run=\"metrics\"} 0\n") != std::string::npos;
  }
};

} // namespace

TEST_CASE("what the parent closed of the standard descriptors is not confused with files of the run") {
  simulated_account a;
  outputs files{a.files()};
  auto command = a.read_command({"surveys", "survey_details"}, {}, files.arguments);
  command.insert(command.end(), {"--control", a.files().path("socket")});
  SECTION("stderr") {
    sync_result r{run_program(redirected(with_progress(command, "always"), "2>&-"))};
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    CHECK(r.messages.bad_lines.empty());
    CHECK(r.messages.record_set("surveys") == a.expected("surveys"));
  }
  SECTION("all of them: stdout cannot be written") {
    auto r = run_program(redirected(with_progress(command, "always"), "<&- >&- 2>&-"));
    INFO(describe(r));
    CHECK(r.exit_code == 1);
  }
  CHECK(files.trace_is_whole());
  CHECK(files.summary_is_whole());
  CHECK(files.metrics_are_final());
}

TEST_CASE("a stderr that nobody reads keeps neither the program from its end nor the files from theirs") {
  simulated_account a;
  outputs files{a.files()};
  auto progress = GENERATE("auto", "always");
  full_pipe pipe{a.files().path("pipe")};
  auto command = a.read_command({"surveys", "survey_details"}, {}, files.arguments);
  sync_result r{run_program(redirected(with_progress(command, progress), "2>" + pipe.path()))};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.last_status("survey_details") == "COMPLETE");
  CHECK(files.trace_is_whole());
  CHECK(files.summary_is_whole());
  CHECK(files.metrics_are_final());
}

TEST_CASE("a terminal that does not scroll does not keep the files from their end") {
  simulated_account a;
  outputs files{a.files()};
  stopped_terminal terminal;
  a.server().hold("/details");
  auto command = a.read_command({"surveys", "survey_details"}, {}, files.arguments);
  program p{redirected(with_progress(command, "always"), "2>" + terminal.path())};
  REQUIRE(a.server().wait_until_held(1, patience));
  // Once the numbers have been written a second time, the display has got its first ones, and hangs.
  REQUIRE(until([&] {
    return content_of(files.metrics).find("\nsluice_elapsed_seconds{run=\"metrics\"} 1.") != std::string::npos;
  }));
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.last_status("survey_details") == "COMPLETE");
  CHECK(files.summary_is_whole());
  CHECK(files.metrics_are_final());
}

TEST_CASE("a pipe for the summary that nobody reads does not keep the program from its end") {
  simulated_account a;
  outputs files{a.files()};
  auto pipe = a.files().path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  auto r = a.read({"surveys"}, {}, {"--summary", pipe, "--metrics", files.metrics});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.last_status("surveys") == "COMPLETE");
  CHECK(r.err.find("The summary file " + pipe + " cannot be written") != std::string::npos);
  CHECK(files.metrics_are_final());
}

TEST_CASE("files that would destroy others are wrong arguments, and nothing is touched") {
  simulated_account a;
  const auto& dir = a.files();
  auto out = dir.path("out");
  auto command = a.read_command({"surveys"});
  auto config = content_of(dir.path("config.json"));
  auto refused = [&](const std::vector<std::string>& more, const std::string& because) {
    auto all = command;
    all.insert(all.end(), more.begin(), more.end());
    auto r = run_program(redirected(all, ">>" + out));
    INFO(describe(r));
    CHECK(r.exit_code == 2);
    CHECK(r.err.find(because) != std::string::npos);
  };
  refused({"--summary", "/dev/stdout"}, "--summary: /dev/stdout is where stdout goes");
  refused({"--metrics", out}, "is where stdout goes");
  refused({"--trace", dir.path("x"), "--summary", dir.path("./x")}, "is the file of --trace, too");
  refused({"--trace", dir.path("config.json")}, "is the file of --config, which would be overwritten");
  refused({"--trace", ""}, "the name is empty");
  refused({"--trace-filter", "actor=fetcher"}, "requires --trace");
  CHECK(content_of(out).empty());
  CHECK(content_of(dir.path("config.json")) == config);
  CHECK_FALSE(std::filesystem::exists(dir.path("x")));
  auto r = a.read({"surveys"}, {}, {"--trace", "/dev/null", "--summary", "/dev/null", "--metrics", "/dev/null"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
}

TEST_CASE("a run refused because another one has its socket leaves that one's trace alone") {
  simulated_account a;
  outputs files{a.files()};
  a.server().hold("/details");
  auto command = a.read_command({"surveys", "survey_details"}, {}, files.arguments);
  command.insert(command.end(), {"--control", a.files().path("socket")});
  program p{command};
  REQUIRE(a.server().wait_until_held(1, patience));
  auto second = run_program(command);
  INFO(describe(second));
  CHECK(second.exit_code == 1);
  CHECK(second.out.find("another run listens there") != std::string::npos);
  a.server().release();
  auto r = p.wait();
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(files.trace_is_whole());
}
