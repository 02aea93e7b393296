#include "app/run.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"
#include "tests/support/temporary_file.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A transport that never comes back, whatever happens.
class endless_transport final : public net::transport {
public:
  std::unique_ptr<net::http_session> open_session() override {
    struct endless final : net::http_session {
      tl::expected<net::response, net::transport_failure> send(const net::request&) override {
        for (;;)
          ::pause();
      }
    };
    return std::make_unique<endless>();
  }
  void abort_all() noexcept override {
    // nop: that is the fault
  }
};

/// A transport whose requests never end, whatever happens.
class silent_transport final : public net::transport {
public:
  std::unique_ptr<net::http_session> open_session() override { return nullptr; }
  std::unique_ptr<net::async_session> open_async_session() override {
    struct silent final : net::async_session {
      void start(net::request, std::function<void()>) override {
        // nop: that is the fault
      }
      tl::expected<net::response, net::transport_failure> take() override { return net::response{}; }
    };
    return std::make_unique<silent>();
  }
  void abort_all() noexcept override {
    // nop: that is the fault
  }
};

/// A transport whose first request ends the thread's luck.
class broken_transport final : public net::transport {
public:
  explicit broken_transport(std::function<void()> what) : what_(std::move(what)) {}
  std::unique_ptr<net::http_session> open_session() override {
    struct broken final : net::http_session {
      explicit broken(std::function<void()> what) : what_(std::move(what)) {}
      tl::expected<net::response, net::transport_failure> send(const net::request&) override {
        what_();
        return net::response{};
      }
      std::function<void()> what_;
    };
    return std::make_unique<broken>(what_);
  }
  void abort_all() noexcept override {}

private:
  std::function<void()> what_;
};

std::string read_all(int fd) {
  std::string text;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

struct ended_process {
  int status = 0;
  std::string out;
  std::string err;
};

/// Runs a small plan in a process of its own. Exits with 100 + the run's exit code if nothing else ends it.
ended_process run_in_child(const std::shared_ptr<net::transport>& transport, const std::string& metrics_file = {}) {
  auto compiled = plan_of(run_case{});
  REQUIRE(compiled);
  int out[2];
  int err[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // No test, no exit handlers: what the watchdog does not end, the alarm does. Nor the test program's own reports of
    // crashes.
    ::alarm(60);
    for (int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS})
      ::signal(signal, SIG_DFL);
    spdlog::set_level(spdlog::level::off);
    ::dup2(err[1], STDERR_FILENO);
    run_options options;
    options.tuning.watchdog.stall = 300ms;
    options.tuning.http.total_timeout = 1ms;
    // One fetcher: another that hangs as well would leave no thread for the others.
    options.pool_size = 1;
    options.out = std::make_shared<fd_line_writer>(out[1]);
    options.secrets = std::make_shared<redactor>();
    options.transport = transport;
    if (!metrics_file.empty())
      options.metrics = metrics_target_of(metrics_file, {}, "v", "c", 1);
    auto result = run_plan(std::make_shared<const plan>(std::move(*compiled)), options);
    ::_exit(result ? 100 + result->exit_code : 1);
  }
  ::close(out[1]);
  ::close(err[1]);
  ended_process result;
  result.out = read_all(out[0]);
  result.err = read_all(err[0]);
  ::close(out[0]);
  ::close(err[0]);
  REQUIRE(::waitpid(child, &result.status, 0) == child);
  return result;
}

} // namespace

TEST_CASE("a process whose run stands still for good ends with exit code 4 and says why on both outputs") {
  auto ended = run_in_child(std::make_shared<endless_transport>());
  INFO(ended.err);
  CHECK(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 4);
  CHECK(ended.out.find("The run stood still: fetcher #") != std::string::npos);
  CHECK(ended.out.find("INCOMPLETE") != std::string::npos);
  CHECK(ended.err.find("the run stands still: fetcher #") != std::string::npos);
}

TEST_CASE("a run whose requests never end stands still, says so, and ends") {
  auto ended = run_in_child(std::make_shared<silent_transport>());
  INFO(ended.err);
  CHECK(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 104);
  CHECK(ended.out.find("The run stood still: fetcher #") != std::string::npos);
  CHECK(ended.out.find("longer than a request may take") != std::string::npos);
  CHECK(ended.out.find("INCOMPLETE") != std::string::npos);
}

TEST_CASE("the metrics of a run that had to be ended by force do not say that it is on") {
  temporary_directory directory;
  auto file = directory.path("metrics.prom");
  auto ended = run_in_child(std::make_shared<endless_transport>(), file);
  INFO(ended.err);
  CHECK(WEXITSTATUS(ended.status) == 4);
  std::ifstream in{file};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  CHECK(text.find("\nsluice_up{run=\"metrics\"} 0\n") != std::string::npos);
}

TEST_CASE("a run that cannot begin leaves no metrics behind that say it is on") {
  auto compiled = plan_of(run_case{});
  REQUIRE(compiled);
  temporary_directory directory;
  run_options options;
  options.metrics = metrics_target_of(directory.path("metrics.prom"), {}, "v", "c", 1);
  options.control_path = "/nonexistent/control.sock";
  CHECK_FALSE(run_plan(std::make_shared<const plan>(std::move(*compiled)), options));
  CHECK_FALSE(std::ifstream{options.metrics->path}.good());
}

TEST_CASE("a crash tells what the actors did last, and still is a crash") {
  for (int signal : {SIGSEGV, SIGABRT}) {
    auto ended = run_in_child(std::make_shared<broken_transport>([signal] { ::raise(signal); }));
    INFO(ended.err);
    CHECK(WIFSIGNALED(ended.status));
    CHECK(WTERMSIG(ended.status) == signal);
    CHECK(ended.err.find("---- sluice: crash by SIG") != std::string::npos);
    CHECK(ended.err.find("handling permit from governor #") != std::string::npos);
    CHECK(ended.err.find("page 1 of surveys 20") != std::string::npos);
    CHECK(ended.err.find("---- end of the report") != std::string::npos);
  }
}

TEST_CASE("an actor that ends unexpectedly ends the run with a report") {
  auto ended = run_in_child(std::make_shared<broken_transport>([] { throw std::runtime_error("no luck"); }));
  INFO(ended.err);
  CHECK(WIFEXITED(ended.status));
  CHECK(WEXITSTATUS(ended.status) == 101);
  CHECK(ended.err.find("---- sluice: an actor ended unexpectedly") != std::string::npos);
  CHECK(ended.err.find("has ended") != std::string::npos);
}
