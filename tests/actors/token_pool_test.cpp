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
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

// Runs of the whole cast whose requests carry one of several tokens, each with its own quota.

namespace {

constexpr std::int64_t begin_s = 1'600'000'000;
constexpr std::int64_t now_s = 1'700'000'000;
constexpr std::int64_t window_s = 60;
constexpr const char* status_url = "http://fake.test/rate_limit";

/// An account that grants each token so many requests a minute. A token that is asked about again begins its next
/// minute: nobody asks before.
struct counting_account {
  struct token {
    std::string text;
    std::uint64_t limit = 0;
    std::uint64_t used = 0;
    std::int64_t questions = 0;
  };
  std::vector<token> tokens;
  std::shared_ptr<fake_api> api;
  std::uint64_t refused = 0;
  std::uint64_t unknown = 0;
  /// What questions about tokens are answered with instead, as long as there is something.
  std::vector<int> faults;
  /// Answers tell what is left, too.
  bool tells = false;

  explicit counting_account(const std::vector<std::uint64_t>& limits, std::size_t surveys = 12) {
    for (std::size_t i = 0; i < limits.size(); ++i)
      tokens.push_back({"token-" + std::to_string(i) + "-s3cret", limits[i]});
    std::vector<fake_api::survey> all;
    for (std::size_t i = 0; i < surveys; ++i)
      all.push_back({"s" + std::to_string(i),
                     begin_s + static_cast<std::int64_t>(i),
                     {{"r" + std::to_string(i), begin_s + static_cast<std::int64_t>(i)}}});
    api = std::make_shared<fake_api>(std::move(all));
    api->set_gate([this](const net::request& r, std::size_t) { return look_at(r); });
  }

  std::optional<net::response> look_at(const net::request& r) {
    const auto sent = find_header(r.headers, "Authorization").value_or("");
    const auto whose
      = std::find_if(tokens.begin(), tokens.end(), [&](const auto& t) { return sent == "Bearer " + t.text; });
    if (whose == tokens.end()) {
      ++unknown;
      return json_response(401, R"({"error":{"id":"1","message":"who are you?"}})");
    }
    if (r.url == status_url) {
      if (!faults.empty()) {
        const auto status = faults.front();
        faults.erase(faults.begin());
        return json_response(status, R"({"message":"not now"})");
      }
      whose->used = 0;
      ++whose->questions;
      return json_response(200, R"({"left":)" + std::to_string(whose->limit) + R"(,"limit":)"
                                  + std::to_string(whose->limit) + R"(,"reset":)"
                                  + std::to_string(now_s + window_s * whose->questions) + "}");
    }
    if (++whose->used <= whose->limit)
      return std::nullopt;
    ++refused;
    return json_response(429, R"({"error":{"id":"1","message":"too many"}})");
  }

  std::uint64_t questions() const {
    std::uint64_t result = 0;
    for (const auto& t : tokens)
      result += static_cast<std::uint64_t>(t.questions);
    return result;
  }
};

run_case pooled_run(const counting_account& account) {
  run_case c;
  c.now_s = now_s;
  std::vector<std::string> texts;
  for (const auto& t : account.tokens)
    texts.push_back(t.text);
  c.change_plan = [texts](plan& p) {
    token_pool how;
    how.tokens = texts;
    how.status = {"GET", status_url, {}, ""};
    how.quotas = {{"minute", {}, {"left"}, {"reset"}, {"limit"}, "", "", "", {429}}};
    how.reserve_fraction = 0;
    how.least_reserve = 0;
    p.credentials.push_back({"tokens", how});
    for (auto& e : p.endpoints)
      e.request.credential = expiring_credential{0};
  };
  return c;
}

void check_complete(const run_outcome& x, std::size_t surveys) {
  INFO(x.result.reason << x.result.first_error.message);
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

TEST_CASE("tokens give their quotas together, none is used beyond its own, and a used-up minute is waited for") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    counting_account account{{4, 1, 5}};
    auto c = pooled_run(account);
    c.schedule_seed = seed;
    const auto x = run(c, account.api);
    check_complete(x, 12);
    CHECK(account.refused == 0);
    CHECK(account.unknown == 0);
    // Nineteen requests: two minutes of ten.
    CHECK(x.elapsed >= 60s);
    CHECK(x.elapsed < 70s);
    CHECK(x.result.snapshot.requests.limiters.quota_us >= 50'000'000);
  }
}

TEST_CASE("one token that has enough is the only one that is asked about") {
  counting_account account{{100, 100, 100}};
  const auto x = run(pooled_run(account), account.api);
  check_complete(x, 12);
  CHECK(account.questions() == 1);
  const auto& quotas = x.result.snapshot.requests.quotas;
  const auto found
    = std::find_if(quotas.begin(), quotas.end(), [](const auto& q) { return q.policy == "tokens, minute"; });
  REQUIRE(found != quotas.end());
  CHECK(found->limit == 100);
  CHECK(found->used == 19);
}

TEST_CASE("what a token has left is asked for again when the server fails, and not when it refuses the token") {
  counting_account account{{100}};
  account.faults = {503, 500};
  auto x = run(pooled_run(account), account.api);
  check_complete(x, 12);
  CHECK(x.elapsed >= 3s);
  CHECK(x.result.snapshot.requests.limiters.credential_us >= 3'000'000);

  counting_account refusing{{100}};
  refusing.faults = {401};
  x = run(pooled_run(refusing), refusing.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  REQUIRE(x.result.has_error);
  CHECK(x.result.first_error.failure == failure_type::config_error);
  CHECK(refusing.api->log().size() == 1);
  for (const auto* stream : {"surveys", "survey_responses"})
    CHECK(statuses(x.lines, stream).back() == "INCOMPLETE");
}

TEST_CASE("a wait that is longer than the manifest allows ends the streams with what is complete of them") {
  counting_account account{{5}};
  auto c = pooled_run(account);
  const auto change = c.change_plan;
  c.change_plan = [change](plan& p) {
    change(p);
    std::get<token_pool>(p.credentials[0].how).longest_wait = 30s;
  };
  auto x = run(c, account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  CHECK(x.result.first_error.failure == failure_type::transient_error);
  CHECK(x.result.first_error.message.find("nothing left of the quota `minute`") != std::string::npos);
  CHECK(x.elapsed < 30s);
  CHECK(account.refused == 0);
  // Who waits for every quota waits for this one, too.
  counting_account again{{5}};
  c.tuning.quota.on_exhausted = on_exhausted::wait;
  x = run(c, again.api);
  check_complete(x, 12);
}

TEST_CASE("a token that others use, too, is given up for the next when the server refuses it") {
  counting_account account{{100, 100}};
  account.tokens[0].limit = 3;
  bool first = true;
  account.api->set_gate([&](const net::request& r, std::size_t) {
    // The server says 100 of a token that has three.
    if (r.url == status_url && std::exchange(first, false))
      return std::optional{json_response(200, R"({"left":100,"limit":100,"reset":1700003600})")};
    return account.look_at(r);
  });
  const auto x = run(pooled_run(account), account.api);
  check_complete(x, 12);
  // At most the whole pool had asked with it.
  CHECK(account.refused >= 1);
  CHECK(account.refused <= 3);
  CHECK(x.elapsed < 1s);
  CHECK(x.result.snapshot.requests.retries == account.refused);
}

TEST_CASE("a run that is stopped while it waits for tokens ends") {
  for (std::size_t turn : {5U, 20U, 60U, 120U}) {
    counting_account account{{2}};
    auto c = pooled_run(account);
    c.stop_after = turn;
    const auto x = run(c, account.api);
    INFO(turn);
    CHECK(x.finished);
    CHECK(x.actors_left == 0);
  }
}

TEST_CASE("waiting for tokens is no stall") {
  counting_account account{{6}};
  auto c = pooled_run(account);
  c.watched = true;
  c.tuning.watchdog.stall = 5s;
  const auto x = run(c, account.api);
  CHECK(x.stall.empty());
  check_complete(x, 12);
}

TEST_CASE("no line and no trace of a run holds a token of its pool") {
  temporary_directory directory;
  counting_account account{{3, 3}};
  auto c = pooled_run(account);
  c.trace.file = directory.path("trace.json");
  const auto x = run(c, account.api);
  check_complete(x, 12);
  std::ifstream in{c.trace.file};
  const std::string trace{std::istreambuf_iterator<char>{in}, {}};
  CHECK(trace.find("credential_wanted") != std::string::npos);
  CHECK(trace.find("s3cret") == std::string::npos);
  for (const auto& line : x.lines)
    CHECK(line.find("s3cret") == std::string::npos);
}
