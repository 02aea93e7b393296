#include "app/run.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A transport whose requests never end, whatever happens.
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

std::string read_all(int fd) {
  std::string text;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  return text;
}

} // namespace

TEST_CASE("a process whose run stands still for good ends with exit code 4 and says why on both outputs") {
  run_case c;
  auto compiled = plan_of(c);
  REQUIRE(compiled);
  int out[2];
  int err[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(err, O_CLOEXEC) == 0);
  auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // No test, no exit handlers: what the watchdog does not end, the alarm does.
    ::alarm(60);
    spdlog::set_level(spdlog::level::off);
    ::dup2(err[1], STDERR_FILENO);
    run_options options;
    options.tuning.watchdog.stall = 300ms;
    options.tuning.http.total_timeout = 1ms;
    options.pool_size = 2;
    options.out = std::make_shared<fd_line_writer>(out[1]);
    options.secrets = std::make_shared<redactor>();
    options.transport = std::make_shared<endless_transport>();
    auto result = run_plan(std::make_shared<const plan>(std::move(*compiled)), options);
    ::_exit(result ? 100 + result->exit_code : 1);
  }
  ::close(out[1]);
  ::close(err[1]);
  auto printed = read_all(out[0]);
  auto report = read_all(err[0]);
  ::close(out[0]);
  ::close(err[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  INFO(report);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 4);
  CHECK(printed.find("The run stood still: fetcher #") != std::string::npos);
  CHECK(printed.find("INCOMPLETE") != std::string::npos);
  CHECK(report.find("the run stands still: fetcher #") != std::string::npos);
}
