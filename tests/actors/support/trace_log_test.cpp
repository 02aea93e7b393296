#include "actors/support/log_sink.hpp"
#include "actors/support/trace_log.hpp"
#include "actors/support/trace_text.hpp"
#include "messages/interfaces.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/temporary_file.hpp"

#include <caf/make_message.hpp>
#include <caf/message.hpp>

#include <simdjson.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct fixture {
  test::temporary_directory directory;
  std::string path = directory.path("trace.json");
  trace_options options;

  fixture() {
    options.file = path;
    options.version = "sluice test";
    options.endpoints = {"surveys"};
    options.streams = {"surveys"};
  }
  std::unique_ptr<trace_log> open() {
    auto opened = trace_log::open(options);
    REQUIRE(opened);
    (*opened)->introduce(3, "governor");
    (*opened)->introduce(4, "fetcher");
    return std::move(*opened);
  }
};

permit permit_of(std::uint64_t ticket, const std::string& label) {
  permit x;
  x.ticket = ticket;
  x.request.slice.id = 6 + ticket;
  x.request.slice.label = label;
  x.request.page = 2;
  return x;
}

/// Traces a message from actor 3 to actor 4 as their common base does.
template <class T>
void pass(trace_log& log, const T& x, std::uint64_t from = 3) {
  auto content = caf::make_message(x);
  trace_message m;
  m.from = from;
  m.to = 4;
  m.kind = kind_of(content.content());
  m.sent = flight_clock::now();
  m.began = m.sent + 10us;
  std::string prepared;
  log.prepare(prepared, m, content.content());
  if (!prepared.empty())
    log.finish(prepared, m, m.began + 30us);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++n;
  return n;
}

/// All of it is one JSON document.
void check_json(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::array events;
  CHECK(parser.parse(text).get(events) == simdjson::SUCCESS);
}

} // namespace

TEST_CASE("a message is a span with what it carries, and an arrow from its sending") {
  fixture f;
  {
    auto log = f.open();
    pass(*log, permit_of(9, "surveys a \"b\""));
  }
  auto text = content_of(f.path);
  check_json(text);
  CHECK(count(text, R"({"ph":"M","pid":1,"tid":4,"name":"thread_name","args":{"name":"fetcher #4"}})") == 1);
  CHECK(count(text, R"("ph":"s","pid":1,"tid":3)") == 1);
  CHECK(count(text, R"("ph":"f","pid":1,"tid":4)") == 1);
  CHECK(count(text, R"("slice":"surveys a \"b\"","slice_id":15,"page":2,"ticket":9)") == 1);
  CHECK(count(text, R"("dur":30.000})") == 1);
  CHECK(count(text, R"("messages":1,"left_out":0,"reason":"the run ended")") == 1);
}

TEST_CASE("a text that is cut shows it") {
  fixture f;
  {
    auto log = f.open();
    CHECK(log->masked(std::string(200, 'x')) == std::string(200, 'x'));
    CHECK(log->masked(std::string(201, 'x')) == std::string(200, 'x') + "…");
  }
  CHECK(trace_args::shortened("ä", 1) == "…");
}

TEST_CASE("what comes from outside has a mark at which its arrow begins") {
  fixture f;
  {
    auto log = f.open();
    pass(*log, tick{1}, 0);
  }
  auto text = content_of(f.path);
  check_json(text);
  CHECK(count(text, R"("cat":"outside","name":"tick")") == 1);
  CHECK(count(text, R"("ph":"s","pid":1,"tid":0)") == 1);
}

TEST_CASE("a trace that was cut off lacks nothing but its end") {
  fixture f;
  auto log = f.open();
  pass(*log, permit_of(1, "surveys"));
  log->flush();
  auto text = content_of(f.path);
  REQUIRE(text.substr(text.size() - 2) == ",\n");
  check_json(text.substr(0, text.size() - 2) + "]");
  CHECK(count(text, R"("name":"permit")") == 3);
}

TEST_CASE("a filtered trace shows what the filter wants, and counts the rest") {
  fixture f;
  f.options.filter = *trace_filter::parse("message=permit slice=surveys/2023*");
  {
    auto log = f.open();
    pass(*log, permit_of(1, "surveys 2023-01-01"));
    pass(*log, permit_of(2, "surveys 2024-01-01"));
    pass(*log, parents_done{});
  }
  auto text = content_of(f.path);
  check_json(text);
  CHECK(count(text, R"("cat":"message","name":"permit","args")") == 1);
  CHECK(count(text, "parents_done") == 0);
  CHECK(count(text, R"("messages":1,"left_out":2)") == 1);
}

TEST_CASE("a trace switches itself off at its limit and says so") {
  fixture f;
  f.options.limit = *trace_limit::parse("3");
  {
    auto log = f.open();
    for (std::uint64_t i = 0; i < 10; ++i)
      pass(*log, permit_of(i, "surveys"));
    CHECK_FALSE(log->on());
  }
  auto text = content_of(f.path);
  check_json(text);
  CHECK(count(text, R"("name":"permit","args")") == 3);
  CHECK(count(text, R"("name":"tracing switched off")") == 1);
  CHECK(count(text, R"("messages":3,"left_out":1,"reason":"its limit of 3 messages is reached")") == 1);
}

TEST_CASE("a trace that switches itself off is in the file as far as it goes, and holds up nobody while it says so") {
  fixture f;
  f.options.limit = *trace_limit::parse("2");
  auto log = f.open();
  std::string said;
  install_logger(std::make_shared<log_sink>([&](log_level, const std::string& text) {
                   // Others must be able to use the trace now.
                   log->flush();
                   said += text;
                 }),
                 log_level::warn);
  for (std::uint64_t i = 0; i < 3; ++i)
    pass(*log, permit_of(i, "surveys"));
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("off"));
  CHECK(said == "The trace ends here: its limit of 2 messages is reached. The run goes on without it.");
  auto text = content_of(f.path);
  CHECK(count(text, R"("name":"permit","args")") == 2);
  CHECK(count(text, R"("name":"tracing switched off")") == 1);
}

TEST_CASE("a limit a second bears any number of messages that come slowly enough") {
  fixture f;
  f.options.limit = *trace_limit::parse("2/s");
  auto log = f.open();
  auto at = flight_clock::now();
  auto traced = [&](flight_time began) {
    auto content = caf::make_message(parents_done{});
    trace_message m{3, 4, kind_of(content.content()), began, began};
    std::string prepared;
    log->prepare(prepared, m, content.content());
    return !prepared.empty();
  };
  for (int second = 0; second < 20; ++second) {
    CHECK(traced(at + std::chrono::seconds{2 * second}));
    CHECK(traced(at + std::chrono::seconds{2 * second} + 1ms));
  }
  CHECK_FALSE(traced(at + 38s + 2ms));
  CHECK_FALSE(log->on());
}

TEST_CASE("a trace does not grow beyond its greatest size") {
  fixture f;
  f.options.max_bytes = 20'000;
  {
    auto log = f.open();
    for (std::uint64_t i = 0; i < 1000; ++i)
      pass(*log, permit_of(i, "surveys"));
    CHECK_FALSE(log->on());
  }
  auto text = content_of(f.path);
  check_json(text);
  CHECK(text.size() > 19'000);
  CHECK(text.size() < 22'000);
  CHECK(count(text, "trace.max_bytes") == 2);
}

TEST_CASE("no secret gets into a trace") {
  fixture f;
  auto secrets = std::make_shared<redactor>();
  secrets->add("s3cr3t-token");
  f.options.secrets = secrets;
  {
    auto log = f.open();
    pass(*log, permit_of(2, "surveys key=s3cr3t-token"));
    page_outcome failed;
    failed.result = page_result::failed;
    failed.error.message = "refused: s3cr3t-token";
    pass(*log, failed);
    pass(*log, log_entry{log_level::info, "Bearer s3cr3t-token"});
    log->begin_span({"http", 1, "surveys", 4}, {7, 1, "surveys key=s3cr3t-token"}, flight_clock::now(), {});
    CHECK(log->masked("x s3cr3t-token") == "x ****");
  }
  auto text = content_of(f.path);
  check_json(text);
  CHECK(count(text, "s3cr3t") == 0);
  CHECK(count(text, "****") == 4);
}

TEST_CASE("a trace file that cannot be made is an error that names it") {
  trace_options options;
  options.file = "/nonexistent/trace.json";
  auto opened = trace_log::open(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().message.find("/nonexistent/trace.json") != std::string::npos);
}

TEST_CASE("a disk that is full ends the trace, not the run") {
  trace_options options;
  options.file = "/dev/full";
  auto opened = trace_log::open(options);
  REQUIRE(opened);
  CHECK_FALSE((*opened)->on());
  pass(**opened, permit_of(1, "surveys"));
}

TEST_CASE("a pipe is no trace file: its reader could hold up the run") {
  fixture f;
  for (bool with_reader : {false, true}) {
    auto path = f.directory.path(with_reader ? "read" : "unread");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    int reader = with_reader ? ::open(path.c_str(), O_RDONLY | O_NONBLOCK) : -1;
    f.options.file = path;
    auto opened = trace_log::open(f.options);
    REQUIRE_FALSE(opened);
    CHECK((opened.error().message.find("is a pipe") != std::string::npos) == with_reader);
    if (reader >= 0)
      ::close(reader);
  }
}
