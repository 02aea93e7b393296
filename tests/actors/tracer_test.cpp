#include "actors/tracer.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"

#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A tracer that looks at a governor of the test's.
struct tracer_case {
  explicit tracer_case(std::uint64_t max_bytes = 1 << 20) {
    trace_options options;
    options.file = path;
    options.max_bytes = max_bytes;
    auto opened = trace_log::open(options);
    REQUIRE(opened);
    log = std::move(*opened);
    f = std::make_unique<actor_fixture>(log.get());
    governor = std::make_unique<probe<governor_actor>>(f->probe_of<governor_actor>("governor"));
    governor->answers<report_request>([this](const report_request&) { return numbers; });
  }
  void begin() {
    f->spawn(tracer, governor->handle(), f->recorder(), std::function<std::uint64_t()>{[this] { return resident; }});
  }
  std::string written() {
    log->flush();
    std::ifstream in{path};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++n;
    return n;
  }

  temporary_directory directory;
  std::string path = directory.path("trace.json");
  std::unique_ptr<trace_log> log;
  governor_report numbers;
  std::uint64_t resident = 100 << 20;
  std::unique_ptr<actor_fixture> f;
  std::unique_ptr<probe<governor_actor>> governor;
};

} // namespace

TEST_CASE("the tracer writes counters twenty times a second, but only those that have changed") {
  tracer_case c;
  c.numbers.in_flight = 3;
  c.numbers.queued = 9;
  c.numbers.quotas = {{"day", 500, 120, false, 0, 0, -1}};
  c.begin();
  CHECK(c.governor->count<report_request>() == 0);
  c.f->advance(1s);
  CHECK(c.governor->count<report_request>() == 20);
  auto text = c.written();
  CHECK(tracer_case::count(text, R"("in flight":3,"queued":9)") == 1);
  CHECK(tracer_case::count(text, R"("name":"quota day")") == 1);
  CHECK(tracer_case::count(text, R"("left":380)") == 1);
  CHECK(tracer_case::count(text, R"("resident MiB":100)") == 1);
  c.numbers.in_flight = 4;
  c.resident = 101 << 20;
  c.f->advance(50ms);
  text = c.written();
  CHECK(tracer_case::count(text, R"("in flight":4,"queued":9)") == 1);
  CHECK(tracer_case::count(text, R"("resident MiB":101)") == 1);
  CHECK(tracer_case::count(text, R"("name":"quota day")") == 1);
}

TEST_CASE("the tracer's own messages and mailbox are not in the trace") {
  tracer_case c;
  c.begin();
  c.f->advance(200ms);
  auto text = c.written();
  CHECK(text.find("report_request") == std::string::npos);
  CHECK(text.find(R"("name":"tick")") == std::string::npos);
  CHECK(text.find("mailbox tracer") == std::string::npos);
}

TEST_CASE("a quota that is over its limit has nothing left, not less than nothing") {
  tracer_case c;
  c.numbers.quotas = {{"minute", 60, 64, true, 0, 0, -1}};
  c.begin();
  c.f->advance(50ms);
  CHECK(tracer_case::count(c.written(), R"("left":0)") == 1);
}

TEST_CASE("the tracer stops when the governor does not answer any more, and when the trace has switched itself off") {
  SECTION("the governor has ended") {
    tracer_case c;
    c.begin();
    c.f->advance(100ms);
    c.f->kill(c.governor->handle());
    c.f->advance(10s);
    CHECK(c.governor->count<report_request>() == 2);
  }
  SECTION("the file is full") {
    tracer_case c{2000};
    c.begin();
    for (std::uint32_t i = 0; i < 1000 && c.log->on(); ++i) {
      c.numbers.in_flight = i;
      c.f->advance(50ms);
    }
    REQUIRE(!c.log->on());
    c.f->advance(50ms);
    c.governor->clear();
    c.f->advance(10s);
    CHECK(c.governor->count<report_request>() == 0);
  }
}
