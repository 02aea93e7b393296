#include "app/control/observer.hpp"
#include "app/metrics.hpp"
#include "app/progress.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <string>
#include <unistd.h>
#include <utility>

// The actors that show a run to others: each answers when it has shown what it was given, and so gets the next.
using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// What is written to stderr meanwhile goes to a file.
class captured_stderr {
public:
  explicit captured_stderr(std::string path) : path_(std::move(path)), before_(::dup(STDERR_FILENO)) {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(file >= 0);
    ::dup2(file, STDERR_FILENO);
    ::close(file);
  }
  ~captured_stderr() {
    std::fflush(stderr);
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  captured_stderr(const captured_stderr&) = delete;
  captured_stderr& operator=(const captured_stderr&) = delete;
  std::string text() const {
    std::fflush(stderr);
    return content_of(path_);
  }

private:
  std::string path_;
  int before_;
};

run_snapshot run_at(std::chrono::milliseconds elapsed, std::uint64_t requests) {
  auto x = sample_run();
  x.elapsed_us = std::chrono::microseconds{elapsed}.count();
  x.requests.requests = requests;
  return x;
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

} // namespace

TEST_CASE("progress writes a line every ten seconds where stderr is no terminal, and answers every snapshot") {
  temporary_directory directory;
  std::string written;
  {
    captured_stderr captured{directory.path("stderr")};
    actor_fixture f;
    auto under_test = f.spawn(progress, progress_options{}, std::make_shared<live_block>(STDERR_FILENO));
    for (int quarter = 0; quarter <= 4 * 30; ++quarter)
      CHECK(f.ask<snapshot_shown>(under_test, run_at(quarter * 250ms, 1)));
    written = captured.text();
  }
  CHECK(lines_of(written) == 3);
  static const std::regex first{R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ progress elapsed_s=10 )"};
  CHECK(std::regex_search(written, first, std::regex_constants::match_continuous));
  CHECK(written.find(" progress elapsed_s=30 ") != std::string::npos);
  CHECK(written.find("status_surveys") == std::string::npos);
}

TEST_CASE("progress writes its lines as often, and in as much detail, as is asked for") {
  temporary_directory directory;
  std::string written;
  {
    captured_stderr captured{directory.path("stderr")};
    actor_fixture f;
    progress_options options;
    options.interval = 2s;
    options.detail = true;
    auto under_test = f.spawn(progress, options, std::make_shared<live_block>(STDERR_FILENO));
    for (int second = 0; second <= 9; ++second)
      CHECK(f.ask<snapshot_shown>(under_test, run_at(second * 1s, 1)));
    written = captured.text();
  }
  CHECK(lines_of(written) == 4);
  CHECK(written.find(" progress elapsed_s=2 ") != std::string::npos);
  CHECK(written.find(" status_surveys=complete ") != std::string::npos);
}

TEST_CASE("a progress block that was asked for is painted where stderr is no terminal, and erased at the end") {
  temporary_directory directory;
  std::string before;
  std::string after;
  {
    captured_stderr captured{directory.path("stderr")};
    {
      actor_fixture f;
      auto under_test
        = f.spawn(progress, progress_options{progress_mode::always}, std::make_shared<live_block>(STDERR_FILENO));
      CHECK(f.ask<snapshot_shown>(under_test, run_at(1s, 1)));
      before = captured.text();
    }
    after = captured.text();
  }
  CHECK(before.find("survey_responses") != std::string::npos);
  // What is left of it is the code that erases everything below.
  REQUIRE(after.size() > before.size());
  CHECK(after.find("survey_responses", before.size()) == std::string::npos);
}

TEST_CASE("metrics are written every second of the run") {
  temporary_directory directory;
  const auto path = directory.path("sluice.prom");
  actor_fixture f;
  const metrics_target to{path, {{{"run", "a"}}, "sluice 1", "c", 1, 0}};
  auto under_test = f.spawn(metrics, to);
  CHECK(f.ask<snapshot_shown>(under_test, run_at(250ms, 1)));
  CHECK(!std::filesystem::exists(path));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(1s, 2)));
  CHECK(content_of(path) == metrics_text(run_at(1s, 2), to.of, {}));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(1750ms, 3)));
  CHECK(content_of(path) == metrics_text(run_at(1s, 2), to.of, {}));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(2s, 4)));
  CHECK(content_of(path) == metrics_text(run_at(2s, 4), to.of, {}));
}

TEST_CASE("a metrics file that cannot be written holds up nobody, and is tried again") {
  temporary_directory directory;
  const auto path = directory.path("later/sluice.prom");
  actor_fixture f;
  const metrics_target to{path, {{{"run", "a"}}, "sluice 1", "c", 1, 0}};
  auto under_test = f.spawn(metrics, to);
  CHECK(f.ask<snapshot_shown>(under_test, run_at(1s, 1)));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(2s, 1)));
  std::filesystem::create_directory(directory.path("later"));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(3s, 9)));
  CHECK(content_of(path) == metrics_text(run_at(3s, 9), to.of, {}));
}

TEST_CASE("control keeps the newest numbers for whoever asks through the socket") {
  auto board = std::make_shared<snapshot_board>();
  actor_fixture f;
  auto under_test = f.spawn(control, board);
  CHECK(!board->newest(0ms));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(1s, 5)));
  CHECK(f.ask<snapshot_shown>(under_test, run_at(2s, 8)));
  REQUIRE(board->newest(0ms));
  CHECK(board->newest(0ms)->requests.requests == 8);
}
