#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

std::set<std::string> modified_since(const simulated_account& a, std::int64_t seconds) {
  std::set<std::string> result;
  for (std::uint64_t i = 0; i < a.account().surveys(); ++i)
    if (a.account().survey_modified(i) >= seconds)
      result.insert(a.account().survey_id(i));
  return result;
}

std::string stream_state(const std::string& cursor) {
  return R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":"surveys"},"stream_state":{"date_modified":)"
         + cursor + "}}}]";
}

} // namespace

TEST_CASE("a second run asks only for what is newer than the first one's state") {
  simulated_account a;
  auto first = a.read({"surveys"});
  INFO(describe(first));
  REQUIRE(first.exit_code == 0);
  auto before = a.server().log().size();
  auto second = a.read({"surveys"}, {}, {"--state", a.files().write("state.json", first.messages.state_file())});
  INFO(describe(second));
  CHECK(second.exit_code == 0);
  // The last second may have been incomplete when it was read: it is read again.
  auto last = a.account().sizes().last_modified;
  CHECK(second.messages.ids("surveys") == modified_since(a, last));
  CHECK(cursor_of(second.messages.last_state("surveys")->json) >= last);
  auto log = a.server().log();
  REQUIRE(log.size() > before);
  for (auto i = before; i < log.size(); ++i) {
    INFO(log[i].target);
    // Times of one format compare as texts do.
    auto at = log[i].target.find("start_modified_at=");
    REQUIRE(at != std::string::npos);
    CHECK(log[i].target.substr(at + 18, 20) >= "2025-09-30T23:59:59Z");
  }
}

TEST_CASE("the state is accepted as integer, float, text, legacy object and global state") {
  constexpr std::int64_t when = 1'672'531'200; // 2023-01-01T00:00:00Z
  auto text = GENERATE(as<std::string>{}, "integer", "float", "text", "legacy", "global");
  INFO(text);
  std::string state;
  if (text == "integer")
    state = stream_state("1672531200");
  else if (text == "float")
    state = stream_state("1672531200.0");
  else if (text == "text")
    state = stream_state(R"("2023-01-01T00:00:00Z")");
  else if (text == "legacy")
    state = R"({"surveys":{"date_modified":1672531200}})";
  else
    state = R"([{"type":"GLOBAL","global":{"shared_state":{},"stream_states":[{"stream_descriptor":{"name":"surveys"},)"
            R"("stream_state":{"date_modified":1672531200}}]}}])";
  simulated_account a;
  auto expected = modified_since(a, when);
  REQUIRE(expected.size() > 1);
  REQUIRE(expected.size() < a.account().surveys());
  auto r = a.read({"surveys"}, {}, {"--state", a.files().write("state.json", state)});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.ids("surveys") == expected);
  CHECK(cursor_of(r.messages.last_state("surveys")->json) == a.account().sizes().last_modified);
}

TEST_CASE("children of surveys that the state covers are read all the same") {
  simulated_account a;
  auto state = a.files().write("state.json", stream_state("1672531200"));
  auto r = a.read({"surveys", "survey_details", "collectors"}, {}, {"--state", state});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.ids("surveys") == modified_since(a, 1'672'531'200));
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
  CHECK(r.messages.record_set("collectors") == a.expected("collectors"));
  // Each window of surveys was asked for once, for both purposes.
  std::map<std::string, int> asked;
  for (const auto& request : a.server().log())
    ++asked[request.target];
  for (const auto& [target, times] : asked) {
    INFO(target);
    CHECK(times == 1);
  }
}

TEST_CASE("a full refresh of surveys reads all of them, whatever the state") {
  simulated_account a;
  auto catalog = a.catalog({"surveys"}, false);
  auto state = a.files().write("state.json", stream_state("1672531200"));
  sync_result r{run_program({SLUICE_BINARY, "read", "--config", a.config(), "--catalog", catalog, "--state", state})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.record_set("surveys") == a.expected("surveys"));
}

TEST_CASE("nothing older than the start date is read") {
  simulated_account a;
  auto r = a.read({"surveys"}, R"("start_date":"2023-01-01T00:00:00Z")");
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.ids("surveys") == modified_since(a, 1'672'531'200));
}
