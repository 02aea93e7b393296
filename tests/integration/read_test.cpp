#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

/// Everything that holds for a complete read of these streams.
void check_complete(const simulated_account& a, const sync_result& r, const std::vector<std::string>& streams) {
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  const auto& m = r.messages;
  CHECK(m.bad_lines.empty());
  CHECK(m.errors.empty());
  for (const auto& stream : streams) {
    INFO(stream);
    CHECK(m.record_set(stream) == a.expected(stream));
    CHECK(m.statuses.at(stream) == std::vector<std::string>{"STARTED", "RUNNING", "COMPLETE"});
    REQUIRE(m.last_state(stream));
    // Each STATE tells how many records came since the one before.
    double counted = 0;
    for (const auto& s : m.states)
      if (s.stream == stream) {
        counted += s.record_count;
        CHECK(static_cast<std::size_t>(counted) == s.records_before);
      }
    CHECK(static_cast<std::size_t>(counted) == a.account().expected_count(stream));
  }
}

} // namespace

TEST_CASE("all streams are read byte for byte at every pool size") {
  auto workers = GENERATE(1, 3, 10, 40);
  INFO(workers << " workers");
  simulated_account a;
  auto r = a.read(all_streams(), R"("page_size":5,"num_workers":)" + std::to_string(workers));
  check_complete(a, r, all_streams());
  CHECK(a.server().statistics().peak_in_flight <= static_cast<std::uint64_t>(workers));
  CHECK(cursor_of(r.messages.last_state("surveys")->json) == a.account().sizes().last_modified);
  CHECK(r.messages.last_state("collectors")->json == R"({"__ab_no_cursor_state_message":true})");
}

TEST_CASE("stderr ends with a summary and holds no log lines") {
  simulated_account a;
  auto r = a.read({"surveys", "survey_pages"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.err.find("2 of 2 streams complete") != std::string::npos);
  CHECK(r.err.find("survey_pages") != std::string::npos);
  for (const auto* level : {"INFO", "DEBUG", "WARN", "Marking stream", "Finished syncing"})
    CHECK(r.err.find(level) == std::string::npos);
  CHECK(r.messages.logged("INFO", "Finished syncing"));
}

TEST_CASE("compressed, chunked and indented answers give the same records") {
  auto o = small_account();
  o.gzip = GENERATE(simulator::gzip_mode::all, simulator::gzip_mode::off);
  o.style = GENERATE(simulator::body_style::compact, simulator::body_style::pretty);
  o.chunked = GENERATE(true, false);
  simulated_account a{o};
  auto r = a.read({"surveys", "survey_responses", "survey_questions"}, R"("page_size":5)");
  // Records with line breaks in the source are minified: no other byte changes.
  check_complete(a, r, {"surveys", "survey_responses", "survey_questions"});
}

TEST_CASE("records of one slice come in the order of the API") {
  auto o = small_account();
  o.account.surveys = 4;
  o.account.responses = {150, 250}; // two or three pages each
  simulated_account a{o};
  auto r = a.read({"survey_responses"}, R"("num_workers":8)");
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  std::map<std::string, std::vector<std::string>> expected;
  std::map<std::string, std::vector<std::string>> printed;
  auto survey_of = [](const std::string& record) {
    // The survey's number stands in the response's link, with or without escaped slashes.
    auto at = record.find("surveys");
    at = at == std::string::npos ? at : record.find_first_of("0123456789", at);
    return at == std::string::npos ? std::string{} : record.substr(at, 9);
  };
  for (const auto& record : a.account().expected_records("survey_responses"))
    expected[survey_of(record)].push_back(record);
  for (const auto& record : r.messages.records.at("survey_responses"))
    printed[survey_of(record)].push_back(record);
  CHECK(expected.size() == 4);
  CHECK(printed == expected);
}

TEST_CASE("an account without surveys is a complete read of nothing") {
  auto o = small_account();
  o.account.surveys = 0;
  simulated_account a{o};
  auto r = a.read({"surveys", "survey_details", "collectors"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.records["surveys"].empty());
  for (const auto* stream : {"surveys", "survey_details", "collectors"})
    CHECK(r.messages.last_status(stream) == "COMPLETE");
}
