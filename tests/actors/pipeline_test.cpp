#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <map>
#include <random>
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

std::set<std::string> all_survey_ids(const fake_api& api) {
  std::set<std::string> ids;
  for (const auto& s : api.surveys())
    ids.insert(s.id);
  return ids;
}

std::multiset<std::string> all_response_ids(const fake_api& api) {
  std::multiset<std::string> ids;
  for (const auto& s : api.surveys())
    for (const auto& r : s.responses)
      ids.insert(r.id);
  return ids;
}

std::multiset<std::string> as_multiset(const std::vector<std::string>& x) {
  return {x.begin(), x.end()};
}

/// For each STATE of `surveys`: was every survey that it covers written before it? Returns what is wrong.
std::string broken_promise(const std::vector<std::string>& lines, const fake_api& api) {
  std::set<std::string> written;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> one{lines[i]};
    for (auto& id : record_ids(one, "surveys"))
      written.insert(id);
    for (auto& state : states(one, "surveys")) {
      auto covered = state_seconds(state);
      for (const auto& s : api.surveys())
        if (s.modified_s < covered && !written.contains(s.id))
          return "line " + std::to_string(i) + ": state " + state + " covers survey " + s.id + " modified at "
                 + std::to_string(s.modified_s) + ", which is not written yet";
    }
  }
  return {};
}

/// Faults that go away: each target fails at most twice.
fake_api::fault passing_faults(std::uint64_t seed) {
  auto failures = std::make_shared<std::map<std::string, int>>();
  auto random = std::make_shared<std::mt19937_64>(seed);
  return [failures,
          random](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if ((*random)() % 5 != 0 || (*failures)[target] >= 2)
      return std::nullopt;
    ++(*failures)[target];
    switch ((*random)() % 4) {
      case 0:
        return json_response(503, R"({"error":{"id":"1051","message":"busy"}})");
      case 1:
        return json_response(200, R"({"data":[{"id":"1000")"); // cut off
      case 2:
        return json_response(429, R"({"error":{"id":"1040","message":"slow down"}})", {{"Retry-After", "2"}});
      default:
        return tl::unexpected(net::transport_failure{
          {errc::truncated_body, failure_type::transient_error, "the body was cut off", ""}, true});
    }
  };
}

} // namespace

TEST_CASE("a run prints every record of parents and children once and ends with state and COMPLETE") {
  auto api = make_api(1, 25);
  run_case c;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  auto ids = all_survey_ids(*api);
  CHECK(as_multiset(record_ids(outcome.lines, "surveys")) == std::multiset<std::string>(ids.begin(), ids.end()));
  CHECK(as_multiset(record_ids(outcome.lines, "survey_responses")) == all_response_ids(*api));
  CHECK(statuses(outcome.lines, "surveys") == std::vector<std::string>{"STARTED", "RUNNING", "COMPLETE"});
  CHECK(statuses(outcome.lines, "survey_responses") == std::vector<std::string>{"STARTED", "RUNNING", "COMPLETE"});
  CHECK(states(outcome.lines, "survey_responses").back() == R"({"__ab_no_cursor_state_message":true})");
  CHECK(broken_promise(outcome.lines, *api).empty());
}

TEST_CASE("a parent that is not selected is read for its children and prints nothing") {
  auto api = make_api(2, 10);
  run_case c;
  c.streams = {"survey_responses"};
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  CHECK(record_ids(outcome.lines, "surveys").empty());
  CHECK(statuses(outcome.lines, "surveys").empty());
  CHECK(as_multiset(record_ids(outcome.lines, "survey_responses")) == all_response_ids(*api));
}

TEST_CASE("an incremental parent prints what is new, and its children are read for every parent all the same") {
  auto api = make_api(3, 30);
  std::int64_t state = 1'650'000'000;
  run_case c;
  c.states["surveys"] = R"({"date_modified":)" + std::to_string(state) + "}";
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  std::set<std::string> newer;
  for (const auto& s : api->surveys())
    if (s.modified_s >= state)
      newer.insert(s.id);
  auto printed = record_ids(outcome.lines, "surveys");
  CHECK(std::set<std::string>(printed.begin(), printed.end()) == newer);
  CHECK(printed.size() == newer.size());
  CHECK(as_multiset(record_ids(outcome.lines, "survey_responses")) == all_response_ids(*api));
  CHECK(broken_promise(outcome.lines, *api)
        != ""); // older surveys are covered by the state that came in, not by this run
  CHECK(state_seconds(states(outcome.lines, "surveys").back()) >= state);
}

TEST_CASE("parents that come in the windows of a state and in the new ones as well have their children read once") {
  auto api = make_api(3, 30);
  run_case c;
  c.streams = {"surveys", "survey_details"};
  c.states["surveys"] = R"({"date_modified":1650000000})";
  // As with an API that is only asked for what is newer.
  c.change_plan = [](plan& p) {
    for (auto& e : p.endpoints)
      if (e.cursor)
        e.cursor->end_option.reset();
  };
  for (c.schedule_seed = 0; c.schedule_seed < 20; ++c.schedule_seed) {
    CAPTURE(c.schedule_seed);
    auto outcome = run(c, api);
    REQUIRE(outcome.finished);
    CHECK(outcome.result.exit_code == 0);
    auto ids = all_survey_ids(*api);
    CHECK(as_multiset(record_ids(outcome.lines, "survey_details"))
          == std::multiset<std::string>(ids.begin(), ids.end()));
  }
}

TEST_CASE("no page is asked for twice, however many streams live from it") {
  auto api = make_api(4, 12);
  run_case c;
  c.streams = {"surveys",          "survey_responses",  "survey_details", "survey_pages",
               "survey_questions", "survey_collectors", "collectors"};
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  auto log = api->log();
  CHECK(std::set<std::string>(log.begin(), log.end()).size() == log.size());
  CHECK(
    std::count_if(log.begin(), log.end(), [](const std::string& t) { return t.find("/details") != std::string::npos; })
    == 12);
  CHECK(record_ids(outcome.lines, "collectors").size() == 12);
  CHECK(record_ids(outcome.lines, "survey_questions").size() == 12);
}

TEST_CASE("whatever the schedule, no STATE covers a survey that is not written, and nothing is lost") {
  auto rounds = std::getenv("SLUICE_TEST_ROUNDS") != nullptr ? std::stoul(std::getenv("SLUICE_TEST_ROUNDS")) : 150;
  for (std::uint64_t seed = 1; seed <= rounds; ++seed) {
    std::mt19937_64 random{seed};
    auto api = make_api(seed, 5 + random() % 30);
    bool faults = random() % 2 == 0;
    if (faults)
      api->set_fault(passing_faults(seed));
    run_case c;
    c.schedule_seed = seed;
    c.pool_size = 1 + static_cast<std::uint32_t>(random() % 12);
    c.slice_days = 20 + static_cast<int>(random() % 400);
    c.page_size = 1 + static_cast<int>(random() % 8);
    c.tuning.emitter.mailbox_bytes = 200 + random() % 4000;
    c.tuning.fan_out.mailbox = 1 + random() % 20;
    c.tuning.slice_generator.lookahead = 1 + static_cast<std::uint32_t>(random() % 10);
    auto outcome = run(c, api);
    INFO("seed " << seed << (faults ? ", with faults" : "") << ", pool " << c.pool_size);
    REQUIRE(outcome.finished);
    REQUIRE(outcome.result.exit_code == 0);
    REQUIRE(broken_promise(outcome.lines, *api) == "");
    auto printed = record_ids(outcome.lines, "surveys");
    REQUIRE(std::set<std::string>(printed.begin(), printed.end()) == all_survey_ids(*api));
    REQUIRE(as_multiset(record_ids(outcome.lines, "survey_responses")) == all_response_ids(*api));
  }
}

TEST_CASE("a run that is cut off at any line and resumed from its last state loses no survey") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random{seed * 7919};
    auto api = make_api(seed, 40);
    run_case c;
    c.schedule_seed = seed;
    c.pool_size = 6;
    c.slice_days = 60;
    auto whole = run(c, api);
    INFO("seed " << seed);
    REQUIRE(whole.finished);
    auto kept = whole.lines;
    kept.resize(random() % (kept.size() + 1));
    auto seen = states(kept, "surveys");
    auto ids = record_ids(kept, "surveys");

    run_case again = c;
    again.schedule_seed = seed + 1000;
    again.states["surveys"] = seen.empty() ? "" : seen.back();
    auto rest = run(again, api);
    REQUIRE(rest.finished);
    for (auto& id : record_ids(rest.lines, "surveys"))
      ids.push_back(id);
    REQUIRE(std::set<std::string>(ids.begin(), ids.end()) == all_survey_ids(*api));
  }
}

TEST_CASE("a slice that fails keeps the state back, ends its stream INCOMPLETE, and everything else goes on") {
  auto api = make_api(5, 40);
  // The window that begins on 2021-12-31 never answers well.
  api->set_fault([](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if (target.find("start_modified_at=2021") != std::string::npos)
      return json_response(404, R"({"error":{"id":"1020","message":"gone"}})");
    return std::nullopt;
  });
  run_case c;
  c.streams = {"surveys", "survey_details"};
  c.slice_days = 365;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  CHECK(statuses(outcome.lines, "surveys").back() == "INCOMPLETE");
  CHECK(statuses(outcome.lines, "survey_details").back() == "INCOMPLETE");
  CHECK(state_seconds(states(outcome.lines, "surveys").back()) < 1'640'908'800); // 2021-12-31
  // What is complete of the full refresh is kept for the next run.
  CHECK(states(outcome.lines, "survey_details").back().find("\"ended\":\"incomplete\"") != std::string::npos);
  CHECK(broken_promise(outcome.lines, *api) == "");
  auto printed = record_ids(outcome.lines, "surveys");
  CHECK(std::any_of(api->surveys().begin(), api->surveys().end(), [&](const fake_api::survey& s) {
    return s.modified_s > 1'672'444'800 && std::find(printed.begin(), printed.end(), s.id) != printed.end();
  }));
}

TEST_CASE("an exhausted day ends the run with exit code 3 and a state to go on from") {
  auto api = make_api(6, 40);
  auto left = std::make_shared<int>(8);
  api->set_fault(
    [left, &api](const std::string&) -> std::optional<tl::expected<net::response, net::transport_failure>> {
      --*left;
      if (*left >= 0)
        return std::nullopt;
      return json_response(429, R"({"error":{"id":"1040","message":"Too many requests"}})",
                           {{"X-Ratelimit-App-Global-Day-Limit", "8"},
                            {"X-Ratelimit-App-Global-Day-Remaining", "0"},
                            {"X-Ratelimit-App-Global-Day-Reset", "3600"}});
    });
  run_case c;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 3);
  CHECK(outcome.result.reason.find("day") != std::string::npos);
  // Nobody waits for this quota, so no status says until when.
  CHECK(std::none_of(outcome.lines.begin(), outcome.lines.end(),
                     [](const std::string& line) { return line.find("RATE_LIMITED") != std::string::npos; }));
  CHECK(statuses(outcome.lines, "survey_responses").back() == "INCOMPLETE");
  CHECK(!states(outcome.lines, "surveys").empty());
  CHECK(broken_promise(outcome.lines, *api) == "");
}

TEST_CASE("a minute limit is kept in virtual time: no more requests in any minute than the limit") {
  auto api = make_api(7, 60);
  run_case c;
  c.streams = {"surveys", "survey_details"};
  c.rate_limit_per_minute = 20;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  auto requests = api->log().size();
  REQUIRE(requests > 60);
  auto full_minutes = static_cast<std::int64_t>((requests - 1) / 20);
  CHECK(outcome.elapsed >= std::chrono::minutes{full_minutes});
  CHECK(outcome.elapsed < std::chrono::minutes{full_minutes} + std::chrono::seconds{5});
}

TEST_CASE("when the reader of stdout goes away the run ends quietly with exit code 1") {
  // Covered on the real binary as well; here the writer refuses after some lines.
  auto api = make_api(8, 40);
  run_case c;
  c.output_capacity = 12;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  CHECK(outcome.lines.size() == 12);
}

TEST_CASE("a stream that the source does not have ends INCOMPLETE with its state, the others sync") {
  auto api = make_api(9, 5);
  run_case c;
  c.streams = {"surveys", "nonsense"};
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  CHECK(statuses(outcome.lines, "nonsense") == std::vector<std::string>{"INCOMPLETE"});
  CHECK(states(outcome.lines, "nonsense") == std::vector<std::string>{"{}"});
  CHECK(statuses(outcome.lines, "surveys").back() == "COMPLETE");
}

TEST_CASE("an empty catalogue is a run with nothing to do") {
  run_case c;
  c.streams = {};
  auto outcome = run(c, make_api(10, 5));
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
}

TEST_CASE("whoever looks at a run and hangs is shown nothing more until the end") {
  run_case c;
  c.observed = true;
  c.rate_limit_per_minute = 5;
  auto watched = run(c, make_api(3, 8));
  REQUIRE(watched.snapshots.size() > 3);
  c.observer_hangs = true;
  auto ignored = run(c, make_api(3, 8));
  CHECK(ignored.result.exit_code == watched.result.exit_code);
  REQUIRE(ignored.snapshots.size() == 2);
  CHECK(ignored.snapshots.back().requests.requests == watched.snapshots.back().requests.requests);
}
