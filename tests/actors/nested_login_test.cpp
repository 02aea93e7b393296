#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// Runs of the whole cast whose login carries a credential that expires, too.

namespace {

constexpr std::int64_t begin_s = 1'600'000'000;
constexpr const char* key_url = "http://fake.test/key";
constexpr const char* login_url = "http://fake.test/login";

/// Requests need a session, and the login that opens one needs a key. Only the newest of each is good.
struct twice_guarded_account {
  std::shared_ptr<fake_api> api;
  std::uint64_t keys = 0;
  std::uint64_t sessions = 0;
  std::uint64_t refused_keys = 0;
  std::uint64_t refused_sessions = 0;
  /// A session is good for so many requests, a key for so many logins; 0: for all.
  std::uint64_t session_uses = 0;
  std::uint64_t key_uses = 0;
  std::uint64_t used_session = 0;
  std::uint64_t used_key = 0;
  std::set<std::string> refused_urls;
  std::vector<int> key_faults;
  /// No key is good for a login.
  bool locked = false;

  explicit twice_guarded_account(std::size_t surveys = 12) {
    std::vector<fake_api::survey> all;
    for (std::size_t i = 0; i < surveys; ++i)
      all.push_back({"s" + std::to_string(i),
                     begin_s + static_cast<std::int64_t>(i),
                     {{"r" + std::to_string(i), begin_s + static_cast<std::int64_t>(i)}}});
    api = std::make_shared<fake_api>(std::move(all));
    api->set_gate([this](const net::request& r, std::size_t) { return look_at(r); });
  }

  static net::response refusal() { return json_response(401, R"({"error":{"id":"1","message":"who are you?"}})"); }

  std::optional<net::response> look_at(const net::request& r) {
    if (r.url == key_url) {
      if (!key_faults.empty()) {
        const auto status = key_faults.front();
        key_faults.erase(key_faults.begin());
        return json_response(status, R"({"message":"not now"})");
      }
      used_key = 0;
      return json_response(200, R"({"id":"key-)" + std::to_string(++keys) + R"("})");
    }
    if (r.url == login_url) {
      const bool good = find_header(r.headers, "X-Key") == "key-" + std::to_string(keys);
      if (!good || locked || (key_uses > 0 && ++used_key > key_uses)) {
        ++refused_keys;
        return refusal();
      }
      used_session = 0;
      return json_response(200, R"({"id":"session-)" + std::to_string(++sessions) + R"("})");
    }
    const bool good = find_header(r.headers, "X-Session") == "session-" + std::to_string(sessions);
    // One that was refused gets its answer with the next session, however many others use that meanwhile.
    const bool again = good && refused_urls.erase(r.url) > 0;
    if (again || (good && (session_uses == 0 || ++used_session <= session_uses)))
      return std::nullopt;
    ++refused_sessions;
    refused_urls.insert(r.url);
    return refusal();
  }
};

session_login login_at(const char* url, const char* header, sluice::credential own = no_credential{}) {
  endpoint login;
  login.request.method = "POST";
  login.request.url_base = url;
  login.request.credential = own;
  session_login how;
  how.login = std::make_shared<const endpoint>(std::move(login));
  how.token_path = {"id"};
  how.place = {credential_field::place::header, header, {}, "", std::nullopt};
  return how;
}

run_case nested_run() {
  run_case c;
  c.change_plan = [](plan& p) {
    p.credentials.push_back({"key", login_at(key_url, "X-Key")});
    p.credentials.push_back({"session", login_at(login_url, "X-Session", expiring_credential{0})});
    for (auto& e : p.endpoints)
      e.request.credential = expiring_credential{1};
  };
  return c;
}

void check_complete(const run_outcome& x) {
  INFO(x.result.reason << x.result.first_error.message);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 0);
  for (const auto* stream : {"surveys", "survey_responses"}) {
    auto ids = record_ids(x.lines, stream);
    std::sort(ids.begin(), ids.end());
    CHECK(ids.size() == 12);
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    CHECK(statuses(x.lines, stream).back() == "COMPLETE");
  }
  CHECK(x.actors_left == 0);
}

} // namespace

TEST_CASE("a login waits for what it carries, and both are obtained once") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    twice_guarded_account account;
    auto c = nested_run();
    c.schedule_seed = seed;
    check_complete(run(c, account.api));
    CHECK(account.keys == 1);
    CHECK(account.sessions == 1);
    CHECK(account.refused_keys + account.refused_sessions == 0);
  }
}

TEST_CASE("a session that ends is opened anew with the key that is still good") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    twice_guarded_account account;
    account.session_uses = 5;
    auto c = nested_run();
    c.schedule_seed = seed;
    check_complete(run(c, account.api));
    CHECK(account.keys == 1);
    CHECK(account.sessions >= 3);
    CHECK(account.refused_keys == 0);
  }
}

TEST_CASE("a key that has ended is renewed once, for the login that finds it out") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO(seed);
    twice_guarded_account account;
    account.session_uses = 5;
    account.key_uses = 1;
    auto c = nested_run();
    c.schedule_seed = seed;
    check_complete(run(c, account.api));
    CHECK(account.sessions >= 3);
    CHECK(account.keys == account.sessions);
    CHECK(account.refused_keys == account.sessions - 1);
  }
}

TEST_CASE(
  "a key that cannot be had for a moment is waited for; one that cannot be had ends the streams with its reason") {
  twice_guarded_account account;
  account.key_faults = {503, 503};
  auto x = run(nested_run(), account.api);
  check_complete(x);
  CHECK(x.elapsed >= 3s);

  twice_guarded_account refusing;
  refusing.key_faults = {403};
  x = run(nested_run(), refusing.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  CHECK(x.result.first_error.failure == failure_type::config_error);
  CHECK(x.result.first_error.message.find("login for key") != std::string::npos);
  CHECK(refusing.sessions == 0);
}

TEST_CASE("a login that refuses every key is asked twice, and then has failed") {
  twice_guarded_account account;
  account.locked = true;
  const auto x = run(nested_run(), account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  CHECK(x.result.first_error.failure == failure_type::config_error);
  CHECK(x.result.first_error.message.find("login for session") != std::string::npos);
  CHECK(account.keys == 2);
  CHECK(account.refused_keys == 2);
}

TEST_CASE("a run that is stopped between two logins ends") {
  for (std::size_t turn : {3U, 8U, 15U, 30U, 60U}) {
    twice_guarded_account account;
    account.key_faults = {503};
    auto c = nested_run();
    c.stop_after = turn;
    const auto x = run(c, account.api);
    INFO(turn);
    CHECK(x.finished);
    CHECK(x.actors_left == 0);
  }
}
