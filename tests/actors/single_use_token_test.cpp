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

// Runs of the whole cast with tokens that are good once: the configuration has to keep the next one.

namespace {

constexpr std::int64_t begin_s = 1'600'000'000;
constexpr const char* token_url = "http://fake.test/token";

std::string access_token(std::uint64_t number) {
  return "access-" + std::to_string(number) + "-s3cret";
}
std::string refresh_token(std::uint64_t number) {
  return "refresh-" + std::to_string(number) + "-s3cret";
}

/// An account whose refresh tokens are good once, and whose access tokens end after so many requests.
struct rotating_account {
  std::shared_ptr<fake_api> api;
  std::uint64_t renewals = 0;
  std::uint64_t refusals = 0;
  std::uint64_t ends_after = 0;
  std::uint64_t used = 0;
  /// A refresh token was used a second time.
  bool reused = false;
  std::size_t surveys;

  explicit rotating_account(std::size_t count = 60) : surveys(count) {
    std::vector<fake_api::survey> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back({"s" + std::to_string(i),
                     begin_s + static_cast<std::int64_t>(i),
                     {{"r" + std::to_string(i), begin_s + static_cast<std::int64_t>(i)}}});
    api = std::make_shared<fake_api>(std::move(all));
    api->set_gate([this](const net::request& r, std::size_t) { return look_at(r); });
  }

  std::optional<net::response> look_at(const net::request& r) {
    if (r.url == token_url) {
      if (r.body != "refresh_token=" + refresh_token(renewals)) {
        reused = true;
        return json_response(400, R"({"error":"invalid_grant"})");
      }
      ++renewals;
      used = 0;
      return json_response(200, R"({"access_token":")" + access_token(renewals) + R"(","refresh_token":")"
                                  + refresh_token(renewals) + R"(","expires_in":86400})");
    }
    const auto sent = find_header(r.headers, "Authorization").value_or("");
    const bool good = renewals > 0 && sent == "Bearer " + access_token(renewals);
    if (good && (ends_after == 0 || ++used <= ends_after))
      return std::nullopt;
    ++refusals;
    return json_response(401, R"({"error":{"id":"1","message":"who are you?"}})");
  }
};

run_case rotating_run(std::uint32_t pool) {
  run_case c;
  c.streams = {"surveys", "survey_responses"};
  c.pool_size = pool;
  c.change_plan = [](plan& p) {
    oauth_login how;
    how.url = token_url;
    how.refresh_token = refresh_token(0);
    how.fields = {{"refresh_token", token_field::source::refresh_token}};
    how.store = token_store{{"credentials", "access"}, {"credentials", "refresh"}, {"credentials", "ends"}};
    p.credentials.push_back({"OAuth", how});
    for (auto& e : p.endpoints)
      e.request.credential = expiring_credential{0};
  };
  return c;
}

/// The CONTROL lines of a run.
std::vector<std::string> controls(const run_outcome& x) {
  std::vector<std::string> result;
  std::copy_if(x.lines.begin(), x.lines.end(), std::back_inserter(result),
               [](const std::string& line) { return line.find(R"("type":"CONTROL")") != std::string::npos; });
  return result;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("whatever the pool, a single-use token is renewed once each time it ends, and every renewal is printed") {
  for (std::uint32_t pool : {1U, 10U, 40U})
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      INFO("pool " << pool << ", seed " << seed);
      rotating_account account;
      account.ends_after = 25;
      auto c = rotating_run(pool);
      c.schedule_seed = seed;
      auto x = run(c, account.api);
      INFO(x.result.reason);
      REQUIRE(x.finished);
      CHECK(x.result.exit_code == 0);
      for (const auto* stream : {"surveys", "survey_responses"}) {
        auto ids = record_ids(x.lines, stream);
        std::sort(ids.begin(), ids.end());
        CHECK(ids.size() == account.surveys);
        CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
      }
      CHECK_FALSE(account.reused);
      const auto requests = account.api->log().size() - account.renewals - account.refusals;
      CHECK(account.renewals == (requests + account.ends_after - 1) / account.ends_after);
      CHECK(account.refusals <= (account.renewals - 1) * pool);
      const auto printed = controls(x);
      REQUIRE(printed.size() == account.renewals);
      for (std::uint64_t i = 0; i < account.renewals; ++i)
        CHECK(contains(printed[i], R"("refresh":")" + refresh_token(i + 1)));
      CHECK(x.actors_left == 0);
    }
}

TEST_CASE("a run that ends in the middle of a renewal prints what it brings") {
  for (std::size_t turn = 1; turn < 120; turn += 3) {
    INFO(turn);
    rotating_account account;
    account.ends_after = 3;
    auto c = rotating_run(4);
    c.stop_after = turn;
    auto x = run(c, account.api);
    REQUIRE(x.finished);
    CHECK(x.actors_left == 0);
    const auto printed = controls(x);
    CHECK(printed.size() == account.renewals);
    if (account.renewals > 0)
      CHECK(contains(printed.back(), refresh_token(account.renewals)));
  }
}

TEST_CASE("a run whose stdout goes away uses no token that could not be printed") {
  rotating_account account;
  auto c = rotating_run(4);
  c.output_capacity = 0;
  auto x = run(c, account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  CHECK(account.renewals <= 1);
  // Nothing was asked with it.
  CHECK(account.api->log().size() == account.renewals);
  CHECK(x.actors_left == 0);
}

TEST_CASE("only CONTROL lines hold a token, and neither does a trace") {
  temporary_directory directory;
  rotating_account account;
  account.ends_after = 20;
  auto c = rotating_run(3);
  c.trace.file = directory.path("trace.json");
  auto x = run(c, account.api);
  REQUIRE(x.finished);
  CHECK(account.renewals > 2);
  for (const auto& line : x.lines)
    if (!contains(line, R"("type":"CONTROL")"))
      CHECK_FALSE(contains(line, "s3cret"));
  std::ifstream in{c.trace.file};
  std::string trace{std::istreambuf_iterator<char>{in}, {}};
  CHECK(contains(trace, "config_update"));
  CHECK(contains(trace, R"("cat":"login")"));
  CHECK_FALSE(contains(trace, "s3cret"));
}

TEST_CASE("a refresh token that is not good any more ends the streams with one error that says what to do") {
  rotating_account account;
  account.renewals = 1; // the configuration's token has been used
  auto x = run(rotating_run(4), account.api);
  REQUIRE(x.finished);
  CHECK(x.result.exit_code == 1);
  CHECK(x.result.first_error.failure == failure_type::config_error);
  CHECK(account.api->log().size() == 1);
  CHECK(controls(x).empty());
}
