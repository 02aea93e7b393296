#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

/// One slice of surveys: fewer retries to wait for.
const std::string one_slice = R"("slice_range_days":100000)";

void set_fault(simulated_account& a, const std::string& text) {
  auto rule = simulator::parse_fault(text);
  REQUIRE(rule);
  REQUIRE(a.server().set_faults({*rule}));
}

bool any_error(const protocol_output& m, const std::string& stream, const std::string& failure_type,
               const std::string& words) {
  for (const auto& e : m.errors)
    if (e.stream == stream && e.failure_type == failure_type && e.message.find(words) != std::string::npos)
      return true;
  return false;
}

} // namespace

TEST_CASE("a refused token is a config_error that tells the user to re-authenticate") {
  simulated_account a;
  a.server().set_token("changed");
  auto r = a.read({"surveys", "survey_details"}, one_slice);
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(any_error(r.messages, "surveys", "config_error", "Re-authenticate"));
  CHECK(r.messages.last_status("surveys") == "INCOMPLETE");
  CHECK(r.messages.last_status("survey_details") == "INCOMPLETE");
  CHECK(r.messages.records["surveys"].empty());
  CHECK(a.server().statistics().requests == 1); // asking again cannot help
}

TEST_CASE("trouble that passes is retried and no record is lost or repeated") {
  auto fault
    = GENERATE(as<std::string>{}, "status=500", "status=503 retry_after=1", "status=429 retry_after=1", "drop", "reset",
               "truncate", "cut_chunked", "reset_body", "garbage", "html", "empty", "bad_gzip", "error_body=1051");
  INFO(fault);
  auto o = small_account();
  o.account.surveys = 6;
  o.account.responses = {20, 40};
  simulated_account a{o};
  set_fault(a, fault + " every=4 times=4");
  auto r = a.read({"surveys", "survey_responses", "survey_details"}, one_slice + R"(,"page_size":2)");
  INFO(describe(r));
  CHECK(a.server().statistics().faults == 4);
  CHECK(r.exit_code == 0);
  CHECK(r.messages.errors.empty());
  for (const auto* stream : {"surveys", "survey_responses", "survey_details"}) {
    CHECK(r.messages.record_set(stream) == a.expected(stream));
    CHECK(r.messages.last_status(stream) == "COMPLETE");
  }
}

TEST_CASE("a server that says nothing for longer than the read timeout is asked again") {
  auto fault = GENERATE(as<std::string>{}, "stall=10m", "stall_body=10m");
  INFO(fault);
  auto o = small_account();
  o.account.surveys = 3;
  simulated_account a{o};
  set_fault(a, fault + " path=/details times=2");
  auto r = a.read({"survey_details"}, one_slice, {"--set", "http.read_timeout=1s"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
}

TEST_CASE("a survey whose details are gone makes its stream INCOMPLETE and no other") {
  simulated_account a;
  auto gone = a.account().survey_id(4);
  set_fault(a, "status=404 path=" + gone + "/details");
  auto r = a.read({"surveys", "survey_details", "survey_collectors"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.last_status("survey_details") == "INCOMPLETE");
  CHECK(r.messages.last_status("surveys") == "COMPLETE");
  CHECK(r.messages.last_status("survey_collectors") == "COMPLETE");
  CHECK(r.messages.record_set("survey_collectors") == a.expected("survey_collectors"));
  auto ids = a.survey_ids();
  ids.erase(gone);
  CHECK(r.messages.ids("survey_details") == ids);
  bool named = false;
  for (const auto& e : r.messages.errors)
    named |= e.stream == "survey_details" && (e.message + e.internal_message).find(gone) != std::string::npos;
  CHECK(named);
  CHECK(r.messages.last_state("survey_details"));
  CHECK(r.messages.last_state("survey_details")->json.find("__ab_no_cursor_state_message") == std::string::npos);
}

TEST_CASE("an answer 200 with an error object is that error") {
  simulated_account a;
  auto bad = a.account().survey_id(2);
  set_fault(a, "error_body=1020 path=" + bad + "/details");
  auto r = a.read({"survey_details", "survey_collectors"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.last_status("survey_details") == "INCOMPLETE");
  CHECK(r.messages.last_status("survey_collectors") == "COMPLETE");
  CHECK(any_error(r.messages, "survey_details", "system_error", "1020"));
  CHECK(r.messages.records["survey_details"].size() == 11);
}

TEST_CASE("an answer 200 with an authentication error is a config_error") {
  simulated_account a;
  set_fault(a, "error_body=1011");
  auto r = a.read({"surveys"}, one_slice);
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(any_error(r.messages, "surveys", "config_error", "Re-authenticate"));
}

TEST_CASE("a list without data is a failure and never an empty page") {
  simulated_account a;
  set_fault(a, "no_data path=/responses");
  auto r = a.read({"surveys", "survey_responses"}, {}, {"--set", "http.max_retries=0"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.last_status("survey_responses") == "INCOMPLETE");
  CHECK(r.messages.last_status("surveys") == "COMPLETE");
  CHECK(r.messages.records["survey_responses"].empty());
}

TEST_CASE("surveys without data advance no state") {
  simulated_account a;
  set_fault(a, "no_data path=/v3/surveys?");
  auto r = a.read({"surveys"}, one_slice, {"--set", "http.max_retries=0"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.messages.last_status("surveys") == "INCOMPLETE");
  REQUIRE(r.messages.last_state("surveys"));
  CHECK(cursor_of(r.messages.last_state("surveys")->json) <= 1'577'836'800); // the start date
}

TEST_CASE("a next page on another host is refused, and the token is not sent there") {
  simulated_account other;
  simulated_account a;
  set_fault(a, "foreign_link=" + other.server().url() + " path=/v3/surveys?");
  auto r = a.read({"surveys", "survey_details"}, one_slice + R"(,"page_size":5)");
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(other.server().statistics().connections == 0);
  CHECK(r.messages.last_status("surveys") == "INCOMPLETE");
  CHECK(r.messages.records["surveys"].size() <= 5);
  CHECK(cursor_of(r.messages.last_state("surveys")->json) < a.account().sizes().last_modified);
}

TEST_CASE("a redirect to another host is not followed with the token") {
  simulated_account other;
  simulated_account a;
  set_fault(a, "redirect=" + other.server().url() + "/v3/surveys");
  auto r = a.read({"surveys"}, one_slice, {"--set", "http.max_retries=0"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(other.server().statistics().connections == 0);
}

TEST_CASE("a next page that leads to itself ends as a failure and not in a loop") {
  simulated_account a;
  set_fault(a, "self_link path=/v3/surveys?");
  auto r = a.read({"surveys"}, one_slice + R"(,"page_size":5)", {"--set", "http.max_retries=0"});
  INFO(describe(r));
  CHECK(!r.timed_out);
  CHECK(r.exit_code == 1);
  CHECK(r.messages.last_status("surveys") == "INCOMPLETE");
}

TEST_CASE("a body beyond the largest allowed fails its slice with the bound and the key to change") {
  simulated_account a;
  auto r = a.read({"surveys"}, one_slice, {"--set", "http.max_body_bytes=1KiB", "--set", "http.max_retries=0"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  REQUIRE(!r.messages.errors.empty());
  CHECK(r.messages.errors[0].message.find("max_body_bytes") != std::string::npos);
}
