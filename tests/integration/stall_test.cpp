#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <csignal>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* end_of_report = "---- end of the report\n";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++n;
  return n;
}

} // namespace

TEST_CASE("SIGQUIT shows which request is waited for, and the read goes on to its end") {
  simulated_account a;
  a.server().hold("/details");
  program p{a.read_command({"surveys", "survey_details"}, R"("num_workers":2)")};
  REQUIRE(a.server().wait_until_held(2, patience));
  p.send(SIGQUIT);
  REQUIRE(p.wait_for_error_text(end_of_report));
  auto report = p.error_text();
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  INFO(report);
  CHECK(report.find("SIGQUIT: who waits for what") != std::string::npos);
  CHECK(count(report, " for the answer to survey_details survey_id=") == 2);
  CHECK(report.find("ago: permit from governor #") != std::string::npos);
  CHECK(report.find("    2 requests in flight, ") != std::string::npos);
  CHECK(report.find("    waits for endpoint_done of ") != std::string::npos);
  CHECK(report.find("survey_details: ") != std::string::npos);
  CHECK(report.find("ago: page_outcome from fetcher #") != std::string::npos);
  CHECK(report.find(secret_token) == std::string::npos);
  CHECK(r.exit_code == 0);
  CHECK(r.messages.bad_lines.empty());
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
}

TEST_CASE("any number of SIGQUITs, at any time, does not disturb a read") {
  auto o = small_account();
  o.latency = 2ms;
  for (int round = 0; round < 3; ++round) {
    simulated_account a{o};
    program p{a.read_command({"surveys", "survey_details"}, R"("page_size":2,"num_workers":4)")};
    REQUIRE(p.wait_for_text(R"("status":"STARTED")"));
    for (std::uint64_t n = 1; n <= a.account().surveys(); ++n) {
      p.send(SIGQUIT);
      a.server().wait_until_requests(n, patience);
    }
    // The end of the run and what comes after it as well.
    for (int i = 0; i < 200; ++i)
      p.send(SIGQUIT);
    sync_result r{p.wait()};
    INFO(describe(r));
    REQUIRE(r.signal == 0);
    REQUIRE(r.exit_code == 0);
    REQUIRE(r.messages.record_set("survey_details") == a.expected("survey_details"));
    REQUIRE(count(r.err, "---- sluice: ") >= 1);
  }
}

TEST_CASE("a reader that pauses for longer than a stall is no stall, and SIGQUIT names it") {
  auto o = small_account();
  o.account.surveys = 250;
  o.account.pages = {3, 3};
  o.account.questions = {5, 5};
  simulated_account a{o};
  program p{a.read_command({"survey_questions", "survey_details"}, R"("num_workers":4)",
                           {"--set", "emitter.mailbox_bytes=64KiB", "--set", "watchdog.stall=1s"}),
            false};
  auto requests = a.server().statistics().requests;
  // Nothing moves for three stalls.
  while (requests == 0 || a.server().wait_until_requests(requests + 1, 3s))
    requests = std::max<std::uint64_t>(1, a.server().statistics().requests);
  for (int i = 0; i < 3; ++i)
    p.send(SIGQUIT);
  REQUIRE(p.wait_for_error_text(end_of_report));
  auto report = p.error_text();
  p.resume_stdout();
  sync_result r{p.wait()};
  INFO(describe(r));
  INFO(report);
  CHECK(report.find(" for the reader of stdout to take ") != std::string::npos);
  CHECK(r.exit_code == 0);
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
}

TEST_CASE("a wait for the quota that is longer than a stall is no stall") {
  auto o = small_account();
  o.limits.minute.limit = 10;
  o.limits.minute.window = 3s;
  o.limits.exact_reset = true;
  simulated_account a{o};
  program p{a.read_command({"survey_details"}, R"("slice_range_days":100000,"rate_limit_per_minute":10)",
                           {"--set", "budget.window=3s", "--set", "watchdog.stall=1s"})};
  REQUIRE(a.server().wait_until_requests(10, patience));
  p.send(SIGQUIT);
  REQUIRE(p.wait_for_error_text(end_of_report));
  auto report = p.error_text();
  sync_result r{p.wait()};
  INFO(describe(r));
  INFO(report);
  CHECK(r.exit_code == 0);
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
  CHECK(report.find("quota `minute`: ") != std::string::npos);
}

TEST_CASE("a server that takes longer than a stall is no stall") {
  auto o = small_account();
  o.account.surveys = 1;
  simulated_account a{o};
  a.server().hold("/details");
  program p{a.read_command({"survey_details"}, R"("slice_range_days":100000)", {"--set", "watchdog.stall=1s"})};
  REQUIRE(a.server().wait_until_held(1, patience));
  // Nothing comes: this is the time that passes.
  a.server().wait_until_held(2, 3s);
  a.server().release();
  sync_result r{p.wait()};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
}

TEST_CASE("SIGQUIT works in the demo and while a read is being stopped") {
  SECTION("demo") {
    program p{{SLUICE_BINARY, "demo", "--surveys", "3", "--latency", "300ms", "--progress", "never"}};
    REQUIRE(p.wait_for_text(R"("status":"STARTED")"));
    p.send(SIGQUIT);
    REQUIRE(p.wait_for_error_text(end_of_report));
    auto r = p.wait();
    INFO(describe(r));
    CHECK(r.exit_code == 0);
  }
  SECTION("drain") {
    simulated_account a;
    a.server().hold("/details");
    program p{a.read_command({"survey_details"}, {}, {"--set", "shutdown.grace=1h"})};
    REQUIRE(a.server().wait_until_held(1, patience));
    p.send(SIGTERM);
    REQUIRE(p.wait_for_text("received: no further requests"));
    p.send(SIGQUIT);
    REQUIRE(p.wait_for_error_text(end_of_report));
    auto report = p.error_text();
    a.server().release();
    auto r = p.wait();
    INFO(describe(r));
    CHECK(report.find("waits for drained of the governor") != std::string::npos);
    CHECK(r.signal == SIGTERM);
  }
}
