#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::int64_t first_s = 1'577'836'800; // 2020-01-01
constexpr std::int64_t now_s = 1'700'000'000;   // 2023-11-14

std::shared_ptr<fake_api> make_api(std::uint64_t seed, std::size_t surveys) {
  return std::make_shared<fake_api>(fake_api::random_surveys(seed, surveys, first_s, now_s));
}

run_case limited(std::uint64_t records) {
  run_case c;
  c.change_plan = [records](plan& p) { p.record_limit = records; };
  return c;
}

std::size_t responses_of(const fake_api& api) {
  std::size_t result = 0;
  for (const auto& s : api.surveys())
    result += s.responses.size();
  return result;
}

std::size_t asked(const fake_api& api, const std::string& part) {
  const auto log = api.log();
  return static_cast<std::size_t>(
    std::count_if(log.begin(), log.end(), [&](const auto& target) { return target.find(part) != std::string::npos; }));
}

} // namespace

TEST_CASE("a limited run prints so many records of each stream and no more, and ends well, whatever the schedule") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (std::uint64_t limit : {1, 4, 25, 1000}) {
      auto api = make_api(seed, 12);
      auto c = limited(limit);
      c.streams = {"surveys", "survey_responses", "survey_details", "survey_responses_bulk"};
      c.pool_size = 1 + seed % 5;
      c.schedule_seed = seed;
      c.watched = true;
      INFO("seed " << seed << ", limit " << limit);
      auto outcome = run(c, api);
      REQUIRE(outcome.finished);
      CHECK(outcome.stall.empty());
      CHECK(outcome.result.exit_code == 0);
      CHECK(outcome.result.reason.empty());
      CHECK(outcome.actors_left == 0);
      CHECK(record_ids(outcome.lines, "surveys").size() == std::min<std::size_t>(limit, 12));
      CHECK(record_ids(outcome.lines, "survey_details").size() == std::min<std::size_t>(limit, 12));
      const auto responses = std::min<std::size_t>(limit, responses_of(*api));
      CHECK(record_ids(outcome.lines, "survey_responses").size() == responses);
      CHECK(record_ids(outcome.lines, "survey_responses_bulk").size() == responses);
      for (const auto& stream : c.streams) {
        REQUIRE(!statuses(outcome.lines, stream).empty());
        CHECK(!states(outcome.lines, stream).empty());
        // Everything was wanted: then everything is there.
        if (limit == 1000)
          CHECK(statuses(outcome.lines, stream).back() == "COMPLETE");
      }
    }
}

TEST_CASE("a limited run asks for no more than its records need") {
  auto api = make_api(7, 30);
  auto c = limited(5);
  c.pool_size = 10;
  c.slice_days = 10000;
  c.page_size = 3;
  SECTION("of a list") {
    c.streams = {"surveys"};
    auto outcome = run(c, api);
    CHECK(record_ids(outcome.lines, "surveys").size() == 5);
    CHECK(api->log().size() == 2); // pages of three
    CHECK(statuses(outcome.lines, "surveys").back() == "INCOMPLETE");
  }
  SECTION("of children, each a record: one page of parents is enough for three of them") {
    c.streams = {"survey_details"};
    auto outcome = run(c, api);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 5);
    CHECK(asked(*api, "/details") == 5);
    CHECK(api->log().size() == 7);
  }
  SECTION("of children with many records: one of them is enough") {
    auto rich = api->surveys();
    for (auto& s : rich)
      for (int i = 0; i < 9; ++i)
        s.responses.push_back({s.id + std::to_string(i), s.modified_s});
    auto richer = std::make_shared<fake_api>(std::move(rich));
    c.streams = {"survey_responses"};
    auto outcome = run(c, richer);
    CHECK(record_ids(outcome.lines, "survey_responses").size() == 5);
    CHECK(richer->log().size() == 2);
  }
}

TEST_CASE("no state of a limited run covers what was not printed: the next run brings the rest") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto api = make_api(seed, 14);
    auto c = limited(1 + seed % 9);
    c.streams = {"surveys", "survey_responses", "survey_responses_bulk"};
    c.schedule_seed = seed;
    c.pool_size = 1 + seed % 4;
    c.slice_days = seed % 2 == 0 ? 30 : 365;
    std::map<std::string, std::set<std::string>> seen;
    auto take = [&](const run_outcome& outcome) {
      for (const auto& stream : c.streams) {
        for (auto& id : record_ids(outcome.lines, stream))
          seen[stream].insert(std::move(id));
        c.states[stream] = states(outcome.lines, stream).back();
      }
    };
    INFO("seed " << seed);
    for (int i = 0; i < 2; ++i) {
      auto outcome = run(c, api);
      REQUIRE(outcome.finished);
      REQUIRE(outcome.result.exit_code == 0);
      take(outcome);
    }
    c.change_plan = nullptr;
    auto rest = run(c, api);
    REQUIRE(rest.result.exit_code == 0);
    take(rest);
    CHECK(seen["surveys"].size() == 14);
    CHECK(seen["survey_responses"].size() == responses_of(*api));
    CHECK(seen["survey_responses_bulk"].size() == responses_of(*api));
  }
}

TEST_CASE("a stream that fails makes a limited run fail, whatever the others have") {
  auto api = make_api(3, 8);
  api->set_fault([](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if (target.find("/details") == std::string::npos)
      return std::nullopt;
    return json_response(404, R"({"error":{"id":"1020","message":"gone"}})");
  });
  auto c = limited(2);
  c.streams = {"surveys", "survey_details"};
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  CHECK(outcome.result.reason.find("survey_details") != std::string::npos);
  CHECK(outcome.result.reason.find("surveys,") == std::string::npos);
  CHECK(record_ids(outcome.lines, "surveys").size() == 2);
}
