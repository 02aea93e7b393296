#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"
#include "tests/support/temporary_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// Runs of the whole cast whose requests carry a credential that expires.

namespace {

constexpr std::int64_t begin_s = 1'600'000'000;
constexpr const char* login_url = "http://fake.test/login";

std::string token_of(std::uint64_t number) {
  return "token-" + std::to_string(number) + "-s3cret";
}

/// An account behind a login: every login brings another token. Only the newest is good, or all of them.
struct guarded_account {
  std::shared_ptr<fake_api> api;
  std::uint64_t logins = 0;
  std::uint64_t refusals = 0;
  /// The token that is good; 0: none.
  std::uint64_t good = 0;
  bool old_ones_stay_good = false;
  /// The good token ends when so many more requests were sent with it; 0: never.
  std::uint64_t ends_after = 0;
  std::uint64_t used = 0;
  /// What logins are answered with instead, as long as there is something.
  std::vector<int> login_faults;
  /// Requests whose target contains this are refused whatever they carry.
  std::string forbidden;

  explicit guarded_account(std::size_t surveys = 12) {
    std::vector<fake_api::survey> all;
    for (std::size_t i = 0; i < surveys; ++i)
      all.push_back({"s" + std::to_string(i),
                     begin_s + static_cast<std::int64_t>(i),
                     {{"r" + std::to_string(i), begin_s + static_cast<std::int64_t>(i)}}});
    api = std::make_shared<fake_api>(std::move(all));
    api->set_gate([this](const net::request& r, std::size_t) { return look_at(r); });
  }

  std::optional<net::response> look_at(const net::request& r) {
    if (r.url == login_url) {
      CHECK(r.body == "password=hush");
      ++logins;
      if (!login_faults.empty()) {
        auto status = login_faults.front();
        login_faults.erase(login_faults.begin());
        return json_response(status, R"({"message":"not now"})");
      }
      good = logins;
      used = 0;
      return json_response(200, R"({"session":{"id":")" + token_of(good) + R"("}})");
    }
    auto sent = std::find_if(r.headers.begin(), r.headers.end(), [](const auto& h) { return h.first == "X-Session"; });
    bool known = good > 0 && sent != r.headers.end() && sent->second == token_of(good);
    for (std::uint64_t old = 1; old_ones_stay_good && sent != r.headers.end() && old < good; ++old)
      known = known || sent->second == token_of(old);
    const bool ended = known && ends_after > 0 && ++used > ends_after;
    if (known && !ended && (forbidden.empty() || r.url.find(forbidden) == std::string::npos))
      return std::nullopt;
    if (ended)
      good = 0;
    ++refusals;
    return json_response(401, R"({"error":{"id":"1","message":"who are you?"}})");
  }
};

run_case guarded_run(std::optional<std::chrono::microseconds> valid_for = std::nullopt) {
  run_case c;
  c.streams = {"surveys", "survey_responses"};
  c.change_plan = [valid_for](plan& p) {
    endpoint login;
    login.request.method = "POST";
    login.request.url_base = login_url;
    login.request.body = text_body{text_template::literal("password=hush")};
    session_login how;
    how.login = std::make_shared<const endpoint>(std::move(login));
    how.token_path = {"session", "id"};
    how.valid_for = valid_for;
    how.place = {credential_field::place::header, "X-Session", {}, "", std::nullopt};
    p.credentials.push_back({"session", how});
    for (auto& e : p.endpoints)
      e.request.credential = expiring_credential{0};
  };
  return c;
}

void check_complete(const run_outcome& x, std::size_t surveys = 12) {
  INFO(x.result.reason);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 0);
  for (const auto* stream : {"surveys", "survey_responses"}) {
    auto ids = record_ids(x.lines, stream);
    std::sort(ids.begin(), ids.end());
    CHECK(ids.size() == surveys);
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    CHECK(statuses(x.lines, stream).back() == "COMPLETE");
  }
  CHECK(x.actors_left == 0);
}

} // namespace

TEST_CASE("one login serves all fetchers, and nobody asks without it") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    guarded_account account;
    auto c = guarded_run();
    c.schedule_seed = seed;
    auto x = run(c, account.api);
    check_complete(x);
    CHECK(account.logins == 1);
    CHECK(account.refusals == 0);
    CHECK(account.api->log().front() == "/login");
  }
}

TEST_CASE("a credential that the server ends in the middle of a run is renewed once for all fetchers") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    guarded_account account;
    account.ends_after = 7;
    auto c = guarded_run();
    c.schedule_seed = seed;
    auto x = run(c, account.api);
    check_complete(x);
    // Every token but the last was good for seven requests.
    CHECK(account.logins >= 2);
    const auto requests = account.api->log().size() - account.logins - account.refusals;
    CHECK(account.logins == (requests + account.ends_after - 1) / account.ends_after);
    CHECK(x.result.snapshot.requests.retries == 0);
    // At most the whole pool had asked with the old one.
    CHECK(account.refusals <= (account.logins - 1) * c.pool_size);
  }
}

TEST_CASE("a credential is renewed before the end that was told, and nobody is refused") {
  guarded_account account;
  account.old_ones_stay_good = true;
  auto c = guarded_run(20s);
  // One request a second.
  c.rate_limit_per_minute = 1;
  c.pool_size = 1;
  c.tuning.budget.window = 1s;
  auto x = run(c, account.api);
  check_complete(x);
  CHECK(account.logins >= 2);
  CHECK(account.logins <= 3);
  CHECK(account.refusals == 0);
}

TEST_CASE("a login that fails for a moment is tried again, and the wait has a name") {
  guarded_account account;
  account.login_faults = {503, 429};
  auto x = run(guarded_run(), account.api);
  check_complete(x);
  CHECK(account.logins == 3);
  CHECK(x.elapsed >= 3s);
  CHECK(x.result.snapshot.requests.limiters.credential_us >= 3'000'000);
}

TEST_CASE("a login that is refused ends the streams with an error that says so") {
  guarded_account account;
  account.login_faults = {401};
  auto x = run(guarded_run(), account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  REQUIRE(x.result.has_error);
  CHECK(x.result.first_error.failure == failure_type::config_error);
  CHECK(x.result.first_error.message.find("login for session") != std::string::npos);
  CHECK(account.api->log().size() == 1);
  for (const auto* stream : {"surveys", "survey_responses"})
    CHECK(statuses(x.lines, stream).back() == "INCOMPLETE");
  CHECK(x.actors_left == 0);
}

TEST_CASE("a request that is refused with a fresh credential, too, has failed") {
  guarded_account account;
  account.forbidden = "/s3/responses";
  auto x = run(guarded_run(), account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  REQUIRE(x.result.has_error);
  CHECK(x.result.first_error.failure == failure_type::config_error);
  CHECK(x.result.first_error.internal_message.find("was answered with status 401") != std::string::npos);
  CHECK(account.logins == 2);
  CHECK(account.refusals == 2);
  CHECK(record_ids(x.lines, "survey_responses").size() == 11);
}

TEST_CASE("a server that refuses part of the requests whatever they carry costs few logins") {
  guarded_account account{40};
  account.forbidden = "/responses";
  auto c = guarded_run();
  c.pool_size = 1;
  auto x = run(c, account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  CHECK(record_ids(x.lines, "surveys").size() == 40);
  CHECK(account.logins <= 1 + 3);
}

TEST_CASE("a run that is stopped while it waits for its credential ends") {
  for (std::size_t turn : {5U, 10U, 20U, 40U, 80U}) {
    guarded_account account;
    account.login_faults.assign(4, 503);
    auto c = guarded_run();
    c.stop_after = turn;
    auto x = run(c, account.api);
    INFO(turn);
    CHECK(x.finished);
    CHECK(x.result.exit_code == 0);
    CHECK(x.actors_left == 0);
  }
}

TEST_CASE("a run whose login gets no answer at all is a stall only when it is not waited for") {
  guarded_account account;
  account.login_faults.assign(4, 503);
  auto c = guarded_run();
  c.watched = true;
  c.tuning.watchdog.stall = 1s; // shorter than the waits between the logins
  auto x = run(c, account.api);
  CHECK(x.stall.empty());
  check_complete(x);
}

TEST_CASE("neither a trace nor any line of a run holds a token") {
  temporary_directory directory;
  guarded_account account;
  account.ends_after = 5;
  auto c = guarded_run();
  c.trace.file = directory.path("trace.json");
  auto x = run(c, account.api);
  check_complete(x);
  std::ifstream in{c.trace.file};
  std::string trace{std::istreambuf_iterator<char>{in}, {}};
  CHECK(trace.find("credential_wanted") != std::string::npos);
  CHECK(trace.find("credential_ready") != std::string::npos);
  CHECK(trace.find("s3cret") == std::string::npos);
  for (const auto& line : x.lines)
    CHECK(line.find("s3cret") == std::string::npos);
}
