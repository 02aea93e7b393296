#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t first_s = 1'577'836'800; // 2020-01-01
constexpr std::int64_t now_s = 1'700'000'000;   // 2023-11-14

std::shared_ptr<fake_api> make_api(std::uint64_t seed, std::size_t surveys) {
  return std::make_shared<fake_api>(fake_api::random_surveys(seed, surveys, first_s, now_s));
}

/// Small bounds: a credit that is lost is missed soon.
run_case tight_case() {
  run_case c;
  c.streams = {"surveys", "survey_responses", "survey_details"};
  c.watched = true;
  c.tuning.fan_out.mailbox = 3;
  c.tuning.emitter.mailbox_bytes = 2048;
  c.tuning.slice_generator.lookahead = 2;
  return c;
}

bool is_whole(const run_outcome& outcome, const fake_api& api) {
  return outcome.result.exit_code == 0 && record_ids(outcome.lines, "surveys").size() == api.surveys().size()
         && record_ids(outcome.lines, "survey_details").size() == api.surveys().size();
}

std::size_t errors_in(const std::vector<std::string>& lines, const std::string& part) {
  return static_cast<std::size_t>(
    std::count_if(lines.begin(), lines.end(), [&](const auto& t) { return t.find(part) != std::string::npos; }));
}

} // namespace

TEST_CASE("a watched run in which nothing is lost is not disturbed, whoever looks at it and whatever it waits for") {
  auto api = make_api(1, 20);
  for (bool observed : {false, true}) {
    auto c = tight_case();
    c.observed = observed;
    c.rate_limit_per_minute = 7;
    auto outcome = run(c, api);
    INFO("observed " << observed << ": " << outcome.stall);
    REQUIRE(outcome.finished);
    CHECK(outcome.stall.empty());
    CHECK(outcome.result.exit_code == 0);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 20);
    CHECK(outcome.elapsed > 5min);
  }
}

TEST_CASE("whatever message is lost, the run ends: well, or with exit code 4 and the word that it stood still") {
  // Without these a run cannot do, in any number.
  const std::vector<std::string> needed{"permit",       "page_outcome",   "record_batch",  "page_written",
                                        "slice_demand", "slices_offered", "endpoint_done", "generation_done",
                                        "parents_done", "atom::join"};
  // Some of these it can do without: credit that is left over, a batch without parents, what only tells something.
  const std::vector<std::string> others{"bytes_written", "parent_batch",  "tick",
                                        "slices_opened", "state_update",  "status_update",
                                        "estimate",      "flush_request", "finish_request"};
  auto api = make_api(2, 14);
  std::set<std::string> stalled;
  for (const auto& list : {needed, others})
    for (const auto& kind : list)
      for (std::size_t number : {1, 2, 3, 5, 8, 13})
        for (bool observed : {false, true}) {
          auto c = tight_case();
          c.observed = observed;
          c.schedule_seed = number;
          c.lost = {kind, number};
          auto outcome = run(c, api);
          INFO(kind << " number " << number << (observed ? ", observed" : ""));
          if (!outcome.lost)
            continue;
          REQUIRE(outcome.finished);
          CHECK(outcome.actors_left == 0);
          if (outcome.stall.empty()) {
            // It did without: the last page's outcome, a fetcher less, credit that was left over.
            if (&list == &needed)
              CHECK(is_whole(outcome, *api));
            continue;
          }
          INFO(outcome.stall);
          REQUIRE(outcome.stall.find("no message has moved for 60 s") == 0);
          CHECK(outcome.result.exit_code == 4);
          CHECK(errors_in(outcome.lines, "The run stood still: no message has moved for 60 s") == 1);
          CHECK(outcome.elapsed < 3min);
          stalled.insert(kind);
        }
  for (const auto& kind : needed) {
    INFO(kind);
    CHECK(stalled.contains(kind));
  }
}

TEST_CASE("credit that leaks bit by bit ends a run as well") {
  auto api = make_api(3, 60);
  for (const char* kind : {"bytes_written", "parent_batch"})
    for (bool observed : {false, true}) {
      auto c = tight_case();
      c.observed = observed;
      c.lost = {kind, 4};
      c.tuning.fan_out.mailbox = 3;
      c.tuning.emitter.mailbox_bytes = 1;
      auto outcome = run(c, api);
      INFO(kind << (observed ? ", observed" : ""));
      REQUIRE(outcome.lost);
      REQUIRE(outcome.finished);
      CHECK(outcome.result.exit_code == 4);
    }
}

TEST_CASE("signs of life during a wait for the quota do not hide that an outcome was lost") {
  auto api = make_api(4, 20);
  std::size_t stalls = 0;
  for (std::size_t number = 1; number <= 10; ++number) {
    auto c = tight_case();
    c.observed = true;
    c.rate_limit_per_minute = 2;
    c.tuning.state.heartbeat = 5s;
    c.lost = {"page_outcome", number};
    auto outcome = run(c, api);
    INFO(number << " " << outcome.stall);
    REQUIRE(outcome.lost);
    REQUIRE(outcome.finished);
    if (outcome.stall.empty()) {
      CHECK(is_whole(outcome, *api));
      continue;
    }
    ++stalls;
    CHECK(outcome.result.exit_code == 4);
  }
  CHECK(stalls > 0);
}

TEST_CASE("memory above its limit, which is looked at all the time, does not hide a lost outcome") {
  auto api = make_api(5, 12);
  auto c = tight_case();
  c.resident_bytes = [] { return std::uint64_t{1} << 40; };
  c.lost = {"page_outcome", 5};
  auto outcome = run(c, api);
  REQUIRE(outcome.lost);
  REQUIRE(outcome.finished);
  CHECK(outcome.stall.find("no message has moved for") == 0);
  CHECK(outcome.result.exit_code == 4);
}

TEST_CASE("where the word of an answer is lost, the run ends and names who waits for it") {
  auto api = make_api(2, 14);
  for (std::size_t number : {1, 3, 8}) {
    auto c = tight_case();
    c.lost = {"answer_arrived", number};
    auto outcome = run(c, api);
    INFO(number << ": " << outcome.stall);
    REQUIRE(outcome.lost);
    REQUIRE(outcome.finished);
    CHECK(outcome.stall.find("fetcher #") == 0);
    CHECK(outcome.stall.find("longer than a request may take") != std::string::npos);
    CHECK(outcome.result.exit_code == 4);
    CHECK(outcome.actors_left == 0);
  }
}
