// What goes on while nobody reads stdout, and what is left when the supervisor fails.

#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <stdexcept>
#include <string>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t first_s = 1'577'836'800; // 2020-01-01
constexpr std::int64_t now_s = 1'700'000'000;   // 2023-11-14

using answer = std::optional<tl::expected<net::response, net::transport_failure>>;

std::shared_ptr<fake_api> make_api(std::size_t surveys) {
  return std::make_shared<fake_api>(fake_api::random_surveys(1, surveys, first_s, now_s));
}

} // namespace

TEST_CASE("while nobody reads stdout, only so much is requested, whatever the answers are") {
  auto api = make_api(400);
  run_case c;
  c.streams = {"surveys", "survey_details"};
  c.page_size = 2;
  c.pool_size = 2;
  c.tuning.http.max_retries = 3;
  c.output_stands_after = 5;
  c.output_stands_for = 24h;
  std::size_t expected = 400;
  SECTION("pages with lines") {}
  SECTION("pages that are read for their children alone") {
    c.streams = {"survey_details"};
    c.output_stands_after = 2; // the parents' pages print nothing
  }
  SECTION("answers without content") {
    api->set_fault([](const std::string& target) -> answer {
      if (target.find("/details") != std::string::npos)
        return json_response(404, R"({"error":{"id":"1020","message":"gone"}})");
      return std::nullopt;
    });
    expected = 0;
  }
  SECTION("answers that are refused for good") {
    api->set_fault([](const std::string& target) -> answer {
      if (target.find("/details") != std::string::npos)
        return json_response(403, R"({"error":{"id":"1014","message":"permission"}})");
      return std::nullopt;
    });
    expected = 0;
  }
  SECTION("answers that are tried again and again") {
    c.tuning.http.max_retries = 1000;
    c.tuning.errors.max_failures_in_a_row = 1000;
    auto left = std::make_shared<int>(300);
    api->set_fault([left](const std::string& target) -> answer {
      if (target.find("/details") != std::string::npos && --*left > 0)
        return json_response(503, R"({"error":{"id":"1051","message":"busy"}})");
      return std::nullopt;
    });
  }
  auto outcome = run(c, api);
  INFO(outcome.result.reason);
  REQUIRE(outcome.finished);
  CHECK(outcome.elapsed >= 24h);
  CHECK(outcome.requests_meanwhile > 0);
  // Eight for each fetcher, and one each that was under way.
  CHECK(outcome.requests_meanwhile <= 18);
  CHECK(record_ids(outcome.lines, "survey_details").size() == expected);
}

TEST_CASE("signs of life do not pile up while nobody reads stdout") {
  auto api = make_api(60);
  run_case c;
  c.streams = {"surveys", "survey_details", "survey_responses_bulk"};
  c.rate_limit_per_minute = 5;
  c.tuning.state.heartbeat = 1s;
  c.output_stands_after = 40;
  // The quota comes back, but nobody has taken what was read: the wait goes on as far as anybody can tell.
  c.output_stands_for = 24h;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  CHECK(outcome.most_output_waiting < 100);
}

TEST_CASE("a supervisor that fails takes everybody with it and says why") {
  for (int nth : {1, 3}) {
    auto api = make_api(30);
    run_case c;
    c.observed = true;
    c.rate_limit_per_minute = 20;
    auto calls = std::make_shared<int>(0);
    c.processor_time = [calls, nth]() -> std::chrono::microseconds {
      if (++*calls == nth)
        throw std::runtime_error{"no clock"};
      return {};
    };
    auto outcome = run(c, api);
    CHECK_FALSE(outcome.finished);
    CHECK(outcome.problem.find("no clock") != std::string::npos);
    CHECK(outcome.actors_left == 0);
  }
}
