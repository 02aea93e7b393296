#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::int64_t first_s = 1'577'836'800; // 2020-01-01
constexpr std::int64_t now_s = 1'700'000'000;   // 2023-11-14

std::shared_ptr<fake_api> make_api(std::uint64_t seed, std::size_t surveys) {
  return std::make_shared<fake_api>(fake_api::random_surveys(seed, surveys, first_s, now_s));
}

std::set<std::string> all_response_ids(const fake_api& api) {
  std::set<std::string> ids;
  for (const auto& s : api.surveys())
    for (const auto& r : s.responses)
      ids.insert(r.id);
  return ids;
}

void insert_ids(std::set<std::string>& into, const std::vector<std::string>& lines, const std::string& stream) {
  for (auto& id : record_ids(lines, stream))
    into.insert(std::move(id));
}

/// The last states of a run are the next one's first.
void take_states(run_case& c, const run_outcome& outcome) {
  for (const auto& name : c.streams)
    if (auto seen = states(outcome.lines, name); !seen.empty())
      c.states[name] = seen.back();
}

} // namespace

TEST_CASE("a bound on requests is kept exactly, and runs that are chained by their states ask for no child twice") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    auto api = make_api(seed, 12);
    run_case c;
    c.streams = {"surveys", "survey_responses", "survey_details"};
    c.slice_days = 10000;
    c.page_size = 20;
    c.schedule_seed = seed;
    c.max_requests = 7;
    std::set<std::string> responses;
    std::set<std::string> surveys;
    int runs = 0;
    std::size_t asked = 0;
    for (int exit_code = 3; exit_code == 3; ++runs) {
      INFO("seed " << seed << ", run " << runs);
      REQUIRE(runs < 20);
      auto outcome = run(c, api);
      REQUIRE(outcome.finished);
      exit_code = outcome.result.exit_code;
      REQUIRE((exit_code == 3 || exit_code == 0));
      CHECK(api->log().size() - asked <= 7);
      if (exit_code == 3) {
        CHECK(api->log().size() - asked == 7);
        CHECK(outcome.result.reason.find("7 requests") != std::string::npos);
        CHECK((statuses(outcome.lines, "survey_responses").back() == "INCOMPLETE"
               || statuses(outcome.lines, "survey_details").back() == "INCOMPLETE"));
      }
      asked = api->log().size();
      insert_ids(responses, outcome.lines, "survey_responses");
      insert_ids(surveys, outcome.lines, "surveys");
      take_states(c, outcome);
    }
    CHECK(runs > 3);
    CHECK(responses == all_response_ids(*api));
    CHECK(surveys.size() == api->surveys().size());
    auto log = api->log();
    std::map<std::string, int> times;
    for (const auto& target : log)
      if (target.find("/responses/") != std::string::npos || target.find("/details") != std::string::npos)
        CHECK(++times[target] == 1);
    CHECK(c.states["survey_responses"] == R"({"__ab_no_cursor_state_message":true})");
  }
}

TEST_CASE("a full refresh of a substream that ended starts anew in the next sync") {
  auto api = make_api(3, 6);
  run_case c;
  c.streams = {"survey_details"};
  auto first = run(c, api);
  REQUIRE(first.result.exit_code == 0);
  take_states(c, first);
  auto second = run(c, api);
  CHECK(record_ids(second.lines, "survey_details").size() == 6);
}

TEST_CASE("a child of a child is read although its parent's partition is complete already") {
  auto api = make_api(4, 5);
  run_case c;
  c.streams = {"survey_collectors", "collectors"};
  c.states["survey_collectors"] = R"({"completed_partitions":{"survey_id":["1000","1001","1002","1003","1004"]}})";
  auto outcome = run(c, api);
  REQUIRE(outcome.result.exit_code == 0);
  CHECK(record_ids(outcome.lines, "survey_collectors").empty());
  CHECK(record_ids(outcome.lines, "collectors").size() == 5);
}

TEST_CASE("a run stops when its time is over and says that it can go on at any time") {
  auto api = make_api(5, 40);
  run_case c;
  c.streams = {"surveys", "survey_details"};
  c.rate_limit_per_minute = 10;
  c.max_duration = std::chrono::minutes{2};
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 3);
  CHECK(outcome.result.reason.find("time of 2 min is over") != std::string::npos);
  CHECK(outcome.elapsed < std::chrono::minutes{3});
  CHECK(states(outcome.lines, "survey_details").back().find("completed_partitions") != std::string::npos);
}

TEST_CASE("a day's quota may be waited for instead of ending the run") {
  auto api = make_api(6, 10);
  auto requests = std::make_shared<int>(0);
  api->set_fault([requests](const std::string&) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if (++*requests != 5)
      return std::nullopt;
    return json_response(429, R"({"error":{"id":"1040","message":"Too many requests"}})",
                         {{"X-Ratelimit-App-Global-Day-Limit", "1000"},
                          {"X-Ratelimit-App-Global-Day-Remaining", "0"},
                          {"X-Ratelimit-App-Global-Day-Reset", "7200"}});
  });
  run_case c;
  c.tuning.quota.on_exhausted = on_exhausted::wait;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  CHECK(outcome.elapsed >= std::chrono::hours{2});
  SECTION("and every minute a sign of life is given, after one status that tells until when") {
    auto beats = states(outcome.lines, "surveys").size();
    CHECK(beats >= 119);
    auto limited = std::count_if(outcome.lines.begin(), outcome.lines.end(), [](const std::string& line) {
      return line.find("RATE_LIMITED") != std::string::npos && line.find("\"surveys\"") != std::string::npos;
    });
    CHECK(limited == 1);
    auto found = std::find_if(outcome.lines.begin(), outcome.lines.end(),
                              [](const std::string& line) { return line.find("RATE_LIMITED") != std::string::npos; });
    REQUIRE(found != outcome.lines.end());
    auto at = found->find("\"quota_reset\":");
    REQUIRE(at != std::string::npos);
    auto reset_ms = std::stoll(found->substr(at + 14));
    CHECK(reset_ms >= (c.now_s + 7200) * 1000);
    CHECK(reset_ms < (c.now_s + 7300) * 1000);
  }
}

TEST_CASE("bulk responses are incremental in each survey: the next run asks for what is newer, in each survey") {
  auto api = make_api(7, 15);
  run_case c;
  c.streams = {"survey_responses_bulk"};
  auto first = run(c, api);
  REQUIRE(first.finished);
  REQUIRE(first.result.exit_code == 0);
  CHECK(record_ids(first.lines, "survey_responses_bulk").size() == all_response_ids(*api).size());
  take_states(c, first);
  CHECK(c.states["survey_responses_bulk"].find("\"use_global_cursor\":false") != std::string::npos);

  auto added = std::make_shared<bool>(false);
  api->set_change([added](std::vector<fake_api::survey>& surveys, std::size_t) {
    for (auto& s : surveys)
      if (s.id == "1003" && !*added) {
        *added = true;
        s.responses.push_back({"1003-new", now_s + 50});
      }
  });
  c.now_s = now_s + 1000;
  auto second = run(c, api);
  REQUIRE(second.result.exit_code == 0);
  auto ids = record_ids(second.lines, "survey_responses_bulk");
  CHECK(std::find(ids.begin(), ids.end(), "1003-new") != ids.end());
  // The rest is what lies at the cursors themselves: they are inclusive.
  CHECK(ids.size() < all_response_ids(*api).size());
}

TEST_CASE("bulk responses that are cut off anywhere and resumed from the last state lose none") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random{seed};
    auto surveys = fake_api::random_surveys(seed, 6, first_s, now_s);
    for (auto& s : surveys)
      for (std::uint64_t i = random() % 12; i > 0; --i)
        s.responses.push_back(
          {s.id + "+" + std::to_string(i), (s.responses.empty() ? first_s : s.responses.back().modified_s)
                                             + static_cast<std::int64_t>(random() % 2 * 3600)});
    auto api = std::make_shared<fake_api>(std::move(surveys));
    run_case c;
    c.schedule_seed = seed;
    c.streams = {"survey_responses_bulk"};
    c.tuning.state.interval = std::chrono::milliseconds{1};
    // Pages of three, so that slices have several.
    c.change_plan = [](plan& p) {
      for (auto& e : p.endpoints)
        for (auto& parameter : e.request.parameters)
          if (e.name == "survey_responses_bulk" && parameter.name == "per_page")
            parameter.value = text_template::literal("3");
    };
    auto whole = run(c, api);
    INFO("seed " << seed);
    REQUIRE(whole.finished);
    REQUIRE(whole.result.exit_code == 0);
    auto kept = whole.lines;
    kept.resize(random() % (kept.size() + 1));
    std::set<std::string> ids;
    insert_ids(ids, kept, "survey_responses_bulk");
    auto seen = states(kept, "survey_responses_bulk");
    run_case again = c;
    again.schedule_seed = seed + 1000;
    if (!seen.empty())
      again.states["survey_responses_bulk"] = seen.back();
    auto rest = run(again, api);
    REQUIRE(rest.result.exit_code == 0);
    insert_ids(ids, rest.lines, "survey_responses_bulk");
    REQUIRE(ids == all_response_ids(*api));
  }
}

TEST_CASE("the state of an ascending list follows page by page") {
  std::vector<fake_api::survey> surveys{{"1000", first_s, {}}};
  for (int i = 0; i < 30; ++i)
    surveys[0].responses.push_back({"r" + std::to_string(i), first_s + i * 60});
  auto api = std::make_shared<fake_api>(std::move(surveys));
  // The list breaks off in its last page.
  api->set_fault([](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
    if (target.find("&page=3") != std::string::npos)
      return json_response(404, R"({"error":{"id":"1020","message":"gone"}})");
    return std::nullopt;
  });
  run_case c;
  c.streams = {"survey_responses_bulk"};
  c.change_plan = [](plan& p) {
    for (auto& e : p.endpoints)
      for (auto& parameter : e.request.parameters)
        if (e.name == "survey_responses_bulk" && parameter.name == "per_page")
          parameter.value = text_template::literal("10");
  };
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  // Row 19 is the last of page 2.
  CHECK(states(outcome.lines, "survey_responses_bulk").back().find("2020-01-01T00:19:00Z") != std::string::npos);
}

TEST_CASE("with an incremental dependency only the parents that changed are asked for their children") {
  auto api = make_api(8, 15);
  run_case c;
  c.streams = {"survey_responses_bulk"};
  c.change_plan = [](plan& p) {
    for (auto& e : p.edges)
      e.incremental = true;
  };
  auto first = run(c, api);
  REQUIRE(first.result.exit_code == 0);
  auto parents = first.lines.empty() ? std::string{} : states(first.lines, "survey_responses_bulk").back();
  REQUIRE(parents.find(R"("parent_state":{"surveys":{"date_modified":)") != std::string::npos);
  take_states(c, first);

  auto newest = std::max_element(api->surveys().begin(), api->surveys().end(),
                                 [](const auto& a, const auto& b) { return a.modified_s < b.modified_s; });
  auto changed = std::make_shared<bool>(false);
  api->set_change([changed](std::vector<fake_api::survey>& surveys, std::size_t) {
    if (std::exchange(*changed, true))
      return;
    surveys[4].modified_s = now_s + 10;
    surveys[4].responses.push_back({"new", now_s + 20});
  });
  auto before = api->log().size();
  c.now_s = now_s + 1000;
  SECTION("of all children if none failed") {
    auto second = run(c, api);
    REQUIRE(second.result.exit_code == 0);
    auto ids = record_ids(second.lines, "survey_responses_bulk");
    CHECK(std::find(ids.begin(), ids.end(), "new") != ids.end());
    std::set<std::string> asked;
    auto log = api->log();
    for (auto i = before; i < log.size(); ++i)
      if (log[i].find("/bulk") != std::string::npos)
        asked.insert(log[i].substr(0, log[i].find("/responses")));
    // The parents' state is inclusive: the newest survey of the first run comes again.
    CHECK(asked == std::set<std::string>{"/v3/surveys/" + api->surveys()[4].id, "/v3/surveys/" + newest->id});
  }
  SECTION("and the parents' state stays where it is if one failed") {
    api->set_fault([](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
      if (target.find("/1004/responses/bulk") != std::string::npos)
        return json_response(404, R"({"error":{"id":"1020","message":"gone"}})");
      return std::nullopt;
    });
    auto second = run(c, api);
    CHECK(second.result.exit_code == 1);
    auto state = states(second.lines, "survey_responses_bulk").back();
    CHECK(state.substr(state.find("parent_state")) == parents.substr(parents.find("parent_state")));
  }
}

TEST_CASE("a sync of every stream that fits into no single run comes to its end, and asks for no child twice") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    auto api = make_api(seed, 14);
    run_case c;
    c.streams
      = {"surveys", "survey_responses", "survey_details", "survey_collectors", "collectors", "survey_responses_bulk"};
    if (seed % 2 == 0)
      c.streams = {"collectors", "survey_responses_bulk"}; // their parents are read for them alone
    c.slice_days = 10000;
    c.page_size = 20;
    c.schedule_seed = seed;
    // Less than the streams with a cursor in each survey, or those below the collectors, need in one run.
    c.max_requests = 11;
    std::map<std::string, std::set<std::string>> ids;
    int runs = 0;
    for (int exit_code = 3; exit_code == 3; ++runs) {
      INFO("seed " << seed << ", run " << runs);
      REQUIRE(runs < 40);
      auto outcome = run(c, api);
      REQUIRE(outcome.finished);
      exit_code = outcome.result.exit_code;
      REQUIRE((exit_code == 3 || exit_code == 0));
      for (const auto& stream : c.streams)
        insert_ids(ids[stream], outcome.lines, stream);
      take_states(c, outcome);
    }
    CHECK(runs > 2);
    INFO("seed " << seed);
    CHECK(ids["collectors"].size() == 14);
    CHECK(ids["survey_responses_bulk"] == all_response_ids(*api));
    std::map<std::string, int> times;
    for (const auto& target : api->log())
      ++times[target.substr(0, target.find("&end_modified_at"))];
    for (const auto& [target, n] : times) {
      INFO(target);
      // A survey's list of collectors is asked for again until all of them have been read; bulk responses in each sync.
      if (target.find("/v3/surveys?") == std::string::npos && target.find("/bulk") == std::string::npos
          && target.find("/collectors?") == std::string::npos)
        CHECK(n == 1);
    }
    CHECK(c.states["survey_responses_bulk"].find("completed_partitions") == std::string::npos);
    CHECK(c.states["collectors"] == R"({"__ab_no_cursor_state_message":true})");
  }
}

TEST_CASE("of a parent's partition whose children are complete nothing is asked again") {
  auto api = make_api(4, 5);
  run_case c;
  c.streams = {"collectors"};
  c.states["collectors"] = R"({"completed_partitions":{"collector_id":["c1000","c1001"]},)"
                           R"("completed_parents":{"survey_id":["1000"]}})";
  auto outcome = run(c, api);
  REQUIRE(outcome.result.exit_code == 0);
  CHECK(record_ids(outcome.lines, "collectors").size() == 3);
  std::set<std::string> asked;
  for (const auto& target : api->log())
    asked.insert(target.substr(0, target.find('?')));
  CHECK(!asked.contains("/v3/surveys/1000/collectors"));
  CHECK(asked.contains("/v3/surveys/1001/collectors"));
  CHECK(!asked.contains("/v3/collectors/c1001"));
  CHECK(asked.contains("/v3/collectors/c1002"));
}
