#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

using object = Poco::JSON::Object::Ptr;

program_result plan_of(const simulated_account& a, std::vector<std::string> more, const std::string& config = {},
                       const std::string& token = secret_token) {
  std::vector<std::string> all{SLUICE_BINARY, "plan", "--config", a.config(config, token)};
  all.insert(all.end(), more.begin(), more.end());
  return run_program(all);
}

std::uint64_t number(const object& o, const char* key) {
  return o->getObject(key)->getValue<std::uint64_t>("value");
}

} // namespace

TEST_CASE("a plan is made without a request") {
  simulated_account a;
  auto r = plan_of(a, {"--catalog", a.catalog({"surveys", "survey_pages", "survey_questions"})});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.err.empty());
  CHECK(r.out.find("survey_pages (survey_pages, survey_questions)") != std::string::npos);
  CHECK(a.server().statistics().requests == 0);

  auto all = plan_of(a, {"--as", "dot"});
  CHECK(all.exit_code == 0);
  CHECK(all.out.find("survey_responses_bulk") != std::string::npos);
  CHECK(plan_of(a, {"--as", "mermaid"}).out.find("flowchart LR\n") == 0);
  CHECK(a.server().statistics().requests == 0);
}

TEST_CASE("a probe sends one request for each endpoint, and forecasts what the read then takes") {
  auto o = small_account();
  o.account.surveys = 30;
  o.account.responses = {5, 5};
  o.account.collectors = {2, 2};
  simulated_account a{o};
  auto r = plan_of(a, {"--probe", "--as", "json"});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  CHECK(r.out.find(secret_token) == std::string::npos);
  CHECK(a.server().statistics().requests == 6);
  auto root = json_object(r.out);
  CHECK(root->getValue<int>("probes_sent") == 6);
  auto forecast = number(root, "requests");

  auto read = a.read(all_streams());
  INFO(describe(read));
  REQUIRE(read.exit_code == 0);
  // All surveys are alike, so the forecast is what happens.
  CHECK(a.server().statistics().requests - 6 == forecast);
}

TEST_CASE("a probe that fails says why, and the plan shows what is known all the same") {
  simulated_account a;
  auto r = plan_of(a, {"--probe"}, {}, "another-token");
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK(r.err.find("does not accept the access token") != std::string::npos);
  CHECK(r.out.find("the probe failed") != std::string::npos);
  CHECK(r.out.find("another-token") == std::string::npos);
  CHECK(r.err.find("another-token") == std::string::npos);
  CHECK(a.server().statistics().requests == 1);
}

TEST_CASE("errors of a plan are for people: on stderr, exit code 1") {
  simulated_account a;
  auto bad_config = run_program({SLUICE_BINARY, "plan", "--config", a.files().write("bad.json", "{}")});
  INFO(describe(bad_config));
  CHECK(bad_config.exit_code == 1);
  CHECK(bad_config.out.empty());
  CHECK(bad_config.err.find("sluice: Config validation error") == 0);

  auto bad_state = plan_of(a, {"--state", a.files().write("state.json", "[3]")});
  CHECK(bad_state.exit_code == 1);
  CHECK(bad_state.out.empty());
  CHECK(!bad_state.err.empty());

  auto unknown = plan_of(a, {"--catalog", a.catalog({"surveys", "nonsense"})});
  INFO(describe(unknown));
  CHECK(unknown.exit_code == 0);
  CHECK(unknown.out.find("unknown to the source") != std::string::npos);
  CHECK(unknown.err.find("has no stream \"nonsense\"") != std::string::npos);
}
