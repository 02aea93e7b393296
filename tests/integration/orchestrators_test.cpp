// Callers with rules of their own: PyAirbyte, Airbyte's platform.

#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/request_log.hpp"
#include "tests/support/scripted_server.hpp"

#include <csignal>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using arguments = std::vector<std::string>;

/// The command with variables in its environment.
arguments with_environment(const arguments& variables, const arguments& command) {
  arguments result{"/usr/bin/env"};
  result.insert(result.end(), variables.begin(), variables.end());
  result.insert(result.end(), command.begin(), command.end());
  return result;
}

sync_result run_with_environment(const arguments& variables, const arguments& command) {
  return sync_result{run_program(with_environment(variables, command))};
}

/// An account whose day is over after so many requests.
simulator::options account_with_day(std::uint64_t requests) {
  auto o = small_account();
  o.limits.day.limit = requests;
  return o;
}

std::set<std::string> distinct(const std::multiset<std::string>& records) {
  return {records.begin(), records.end()};
}

/// What a destination has after syncs on several days, each with a new day's quota.
struct sync_of_days {
  std::map<std::string, std::set<std::string>> records;
  std::string state;
  std::size_t days = 0;
  bool complete = false;

  /// Reads until everything is complete, or the days are over.
  /// @param counts whether a run that ended so has happened for its caller: else its records and states are lost.
  void run(const simulator::options& o, const std::string& more_config, std::size_t most_days,
           const std::function<bool(const program_result&)>& counts) {
    for (; days < most_days && !complete; ++days) {
      simulated_account today{o};
      arguments more;
      if (!state.empty())
        more = {"--state", today.files().write("state.json", state)};
      auto r = today.read(all_streams(), R"("page_size":5)" + more_config, more);
      INFO(describe(r));
      CHECK(r.messages.bad_lines.empty());
      if (!counts(r))
        continue;
      state = r.messages.state_file();
      complete = true;
      for (const auto& stream : all_streams()) {
        records[stream].merge(distinct(r.messages.record_set(stream)));
        complete = complete && r.messages.last_status(stream) == "COMPLETE";
      }
    }
  }
};

/// A read counts if it ends with 0 or by a signal; else PyAirbyte raises an error, and nothing has been read.
bool counts_for_pyairbyte(const program_result& r) {
  return r.exit_code == 0 || r.signal != 0;
}

} // namespace

TEST_CASE("under PyAirbyte's rule, an account that takes days is read if the config says finish") {
  const auto o = account_with_day(20);
  sync_of_days sync;
  sync.run(o, R"(,"on_quota":"finish")", 30, counts_for_pyairbyte);
  CHECK(sync.complete);
  CHECK(sync.days > 2);
  simulated_account account{o};
  for (const auto& stream : all_streams()) {
    INFO(stream);
    if (stream == "surveys") // their response counts are the same on all days
      CHECK(sync.records[stream].size() == account.survey_ids().size());
    else
      CHECK(sync.records[stream] == distinct(account.expected(stream)));
  }
}

TEST_CASE("under PyAirbyte's rule, nothing would ever be read with exit code 3") {
  sync_of_days sync;
  sync.run(account_with_day(20), {}, 2, counts_for_pyairbyte);
  CHECK_FALSE(sync.complete);
  CHECK(sync.records.empty());
}

TEST_CASE("finish ends a used-up day with exit code 0, states, and a warning instead of an error") {
  simulated_account a{account_with_day(20)};
  auto r = a.read(all_streams(), R"("page_size":5)", {"--on-quota", "finish"});
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.errors.empty());
  CHECK(r.messages.logged("WARN", "The account's day quota of 20 requests is used up."));
  std::string missing;
  for (const auto& stream : all_streams()) {
    INFO(stream);
    CHECK(r.messages.last_state(stream));
    if (r.messages.last_status(stream) != "COMPLETE") {
      CHECK(r.messages.last_status(stream) == "INCOMPLETE");
      missing += (missing.empty() ? "" : ", ") + stream;
    }
  }
  CHECK_FALSE(missing.empty());
  CHECK(r.messages.logged("WARN", "these streams are not complete: " + missing + "."));
  CHECK(r.err.find("The account's day quota of 20 requests is used up.") != std::string::npos);
}

TEST_CASE("finish makes no success of what failed for another reason") {
  auto o = account_with_day(30);
  auto fault = simulator::parse_fault("status=404 path=/details");
  REQUIRE(fault);
  o.faults = {*fault};
  simulated_account a{o};
  auto r = a.read({"survey_details", "survey_responses", "survey_collectors", "collectors"},
                  R"("slice_range_days":100000)", {"--on-quota", "finish"});
  INFO(describe(r));
  CHECK(r.exit_code == 1);
  CHECK_FALSE(r.messages.errors.empty());
}

TEST_CASE("under the platform's rule, an account that takes days is read in one attempt if the config says wait") {
  auto o = account_with_day(20);
  o.limits.day.window = 1s;
  o.limits.exact_reset = true;
  simulated_account a{o};
  auto r = run_with_environment({"AIRBYTE_ENTRYPOINT=/usr/bin/sluice"},
                                a.read_command(all_streams(), R"("page_size":5,"on_quota":"wait")",
                                               // of a minute of that length a wait of a second is worth telling
                                               {"--set", "budget.window=1s"}));
  INFO(describe(r));
  CHECK(r.exit_code == 0); // any other is a failed attempt
  CHECK(r.err.empty());    // each line would be an error in the sync's log
  CHECK(r.messages.bad_lines.empty());
  CHECK(r.messages.errors.empty());
  for (const auto& stream : all_streams()) {
    INFO(stream);
    CHECK(r.messages.last_status(stream) == "COMPLETE");
    CHECK(distinct(r.messages.record_set(stream)) == distinct(a.expected(stream)));
  }
  CHECK(r.messages.talk().find("RATE_LIMITED") != std::string::npos);
  CHECK(a.server().statistics().requests > 40);
}

TEST_CASE("a flag counts before the environment, that before the config, and that before the tuning file") {
  simulated_account a{account_with_day(3)};
  const auto tuning = a.files().write("tuning.yaml", "quota:\n  on_exhausted: finish\n");
  auto code = [&](const arguments& variables, const std::string& config, const arguments& flags) {
    auto command = a.read_command({"surveys"}, R"("page_size":1)" + config, flags);
    return run_with_environment(variables, command).exit_code;
  };
  const std::string in_file = "SLUICE_TUNING=" + tuning;
  const std::string in_variable = "SLUICE_SET=quota.on_exhausted=finish,http.max_retries=4";
  CHECK(code({}, {}, {}) == 3);
  CHECK(code({in_file}, {}, {}) == 0);
  CHECK(code({}, {}, {"--tuning", tuning}) == 0);
  CHECK(code({in_file}, R"(,"on_quota":"stop")", {}) == 3);
  CHECK(code({in_variable}, R"(,"on_quota":"stop")", {}) == 0);
  CHECK(code({in_variable}, {}, {"--set", "quota.on_exhausted=stop"}) == 3);
  CHECK(code({in_variable}, {}, {"--set", "quota.on_exhausted=finish", "--on-quota", "stop"}) == 3);
  // A file on the command line stands in place of the variable's.
  CHECK(code({"SLUICE_TUNING=/nonexistent"}, {}, {"--tuning", tuning}) == 0);
}

TEST_CASE("on the platform stderr carries nothing but usage errors") {
  simulated_account a;
  const std::string entrypoint = "AIRBYTE_ENTRYPOINT=/usr/bin/sluice";
  SECTION("the summary is a log entry") {
    auto command = a.read_command({"surveys"});
    command.back() = "always"; // the progress
    auto r = run_with_environment({entrypoint}, command);
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    CHECK(r.err.empty());
    CHECK(r.messages.bad_lines.empty());
    CHECK(r.messages.logged("INFO", "1 of 1 streams complete"));
  }
  SECTION("so is what failed") {
    auto command = a.read_command({"surveys"});
    a.config({}, "wrong-token");
    auto r = run_with_environment({entrypoint}, command);
    INFO(describe(r));
    CHECK(r.exit_code == 1);
    CHECK(r.err.empty());
    CHECK_FALSE(r.messages.errors.empty());
    CHECK(r.messages.logged("INFO", "0 of 1 streams complete"));
  }
  SECTION("and the report that SIGQUIT asks for") {
    a.server().hold("/surveys");
    program p{with_environment({entrypoint}, a.read_command({"surveys"}))};
    REQUIRE(a.server().wait_until_held(1, patience));
    p.send(SIGQUIT);
    REQUIRE(p.wait_for_text("who waits for what"));
    a.server().release();
    sync_result r{p.wait()};
    INFO(describe(r));
    CHECK(r.err.empty());
    CHECK(r.messages.bad_lines.empty());
    CHECK(r.messages.logged("ERROR", "end of the report"));
  }
  SECTION("files that cannot be read are errors of the protocol") {
    auto r = run_with_environment({entrypoint}, {SLUICE_BINARY, "check", "--config", "/nonexistent"});
    INFO(describe(r));
    CHECK(r.exit_code == 1);
    CHECK(r.err.empty());
    CHECK(r.messages.errors.size() == 1);
  }
  SECTION("wrong arguments are said there") {
    auto r = run_with_environment({entrypoint}, {SLUICE_BINARY, "read", "--nonsense"});
    INFO(describe(r));
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK_FALSE(r.err.empty());
  }
}

TEST_CASE("where others' configurations are run, only public addresses are asked, and by https") {
  simulated_account a;
  auto refused = [&](const std::string& url) {
    const auto config = a.files().write("elsewhere.json", R"({"access_token":"x","api_url":")" + url + "\"}");
    auto r = run_with_environment({"DEPLOYMENT_MODE=Cloud"},
                                  {SLUICE_BINARY, "read", "--config", config, "--catalog", a.catalog({"surveys"})});
    INFO(describe(r));
    CHECK(r.exit_code == 1);
    REQUIRE_FALSE(r.messages.errors.empty());
    CHECK(r.messages.errors.front().failure_type == "config_error");
    return r.messages.errors.front().message;
  };
  CHECK(refused(a.server().url()).find("only https may be used here") != std::string::npos);
  for (const auto* url : {"https://127.0.0.1:9", "https://localhost:9", "https://[::1]:9", "https://10.1.2.3",
                          "https://169.254.169.254", "https://[fd00::1]", "https://192.168.0.1:8443"}) {
    INFO(url);
    CHECK(refused(url).find("belongs to a private network") != std::string::npos);
  }
  CHECK(a.server().statistics().requests == 0);
}

TEST_CASE("the authorities that Python's requests trusts are trusted, and http.ca_file counts before them") {
  const test_authority authority;
  const test_authority other;
  simulated_account files;
  auto check = [&](const arguments& variables, const arguments& flags) {
    const scripted_server server{
      {{start_tls(), receive(), send("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"data\":[]}")}},
      authority.issue()};
    const auto config
      = files.files().write("tls.json", R"({"access_token":"x","api_url":"https://127.0.0.1:)"
                                          + std::to_string(server.port()) + R"(","slice_range_days":100000})");
    arguments command{SLUICE_BINARY, "check", "--config", config, "--set", "http.max_retries=0"};
    command.insert(command.end(), flags.begin(), flags.end());
    auto r = run_with_environment(variables, command);
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    return r.messages.check_status + r.messages.check_message;
  };
  CHECK(check({"REQUESTS_CA_BUNDLE=" + authority.ca_file()}, {}) == "SUCCEEDED");
  CHECK(check({"REQUESTS_CA_BUNDLE=", "CURL_CA_BUNDLE=" + authority.ca_file()}, {}) == "SUCCEEDED");
  CHECK(check({"REQUESTS_CA_BUNDLE=" + authority.ca_file(), "CURL_CA_BUNDLE=" + other.ca_file()}, {}) == "SUCCEEDED");
  CHECK(check({"REQUESTS_CA_BUNDLE=" + other.ca_file()}, {"--set", "http.ca_file=" + authority.ca_file()})
        == "SUCCEEDED");
  CHECK(check({"REQUESTS_CA_BUNDLE=" + other.ca_file()}, {}).find("not trusted here") != std::string::npos);
  CHECK(check({"REQUESTS_CA_BUNDLE=/nonexistent"}, {}).find("the file of REQUESTS_CA_BUNDLE, /nonexistent, cannot")
        != std::string::npos);
  CHECK(check({"REQUESTS_CA_BUNDLE=", "CURL_CA_BUNDLE="}, {}).find("not trusted here") != std::string::npos);
}

TEST_CASE("the published connector's configuration is accepted, and its token is masked") {
  simulated_account a;
  const auto config = a.files().write(
    "published.json",
    R"({"api_url":")" + a.server().url() + R"(","rate_limit_per_minute":1000000,"origin":"USA",)"
      + R"("start_date":"2020-01-01T00:00:00","credentials":{"auth_method":"oauth2.0","access_token":")" + secret_token
      + R"(","client_id":"an-id-of-a-client","client_secret":"its-secret"}})");
  sync_result r{run_program({SLUICE_BINARY, "read", "--config", config, "--catalog", a.catalog(all_streams()),
                             "--log-level", "debug", "--progress", "never"})};
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  CHECK(r.messages.record_set("survey_details") == a.expected("survey_details"));
  CHECK(r.messages.talk().find(secret_token) == std::string::npos);
  CHECK_FALSE(r.messages.logged("WARN", "not known to the connector"));
}

TEST_CASE("of surveys that are named, nothing but their own rows is asked for") {
  simulated_account a;
  const auto one = a.account().survey_id(3);
  const auto other = a.account().survey_id(7);
  const auto ids = R"("survey_ids":[")" + one + R"(",")" + other + R"("])";
  SECTION("without the stream surveys no list of surveys is read") {
    auto r = a.read({"survey_details", "survey_responses_bulk", "collectors"}, ids);
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    CHECK(r.messages.ids("survey_details") == std::set<std::string>{one, other});
    CHECK(requests_for(a.server().log(), "/v3/surveys") == 0);
    CHECK(requests_for(a.server().log(), "/v3/surveys/" + one + "/details") == 1);
    for (const auto& request : a.server().log())
      CHECK((request.path().find(one) != std::string::npos || request.path().find(other) != std::string::npos
             || request.path().starts_with("/v3/collectors/")));
    // States are the same as without the list of ids.
    auto state = r.messages.last_state("survey_responses_bulk");
    REQUIRE(state);
    CHECK(state->json.find(R"("partition":{"parent_slice":{},"survey_id":")" + one + "\"}") != std::string::npos);
  }
  SECTION("with it the list is read once, and filtered") {
    auto r = a.read({"surveys", "survey_details"}, ids + R"(,"slice_range_days":100000)");
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    CHECK(r.messages.ids("surveys") == std::set<std::string>{one, other});
    CHECK(r.messages.ids("survey_details") == std::set<std::string>{one, other});
    CHECK(requests_for(a.server().log(), "/v3/surveys") == 1);
    CHECK(requests_to(a.server().log(), "survey_details") == 2);
  }
  SECTION("a state of all surveys goes on for those") {
    auto all = a.read({"survey_responses_bulk"});
    auto r
      = a.read({"survey_responses_bulk"}, ids, {"--state", a.files().write("state.json", all.messages.state_file())});
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    // Inclusive cursors: the newest response of each survey comes again, and no other.
    CHECK(r.messages.records["survey_responses_bulk"].size() <= 2);
  }
}
