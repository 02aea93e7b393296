#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::int64_t first_s = 1'577'836'800; // 2020-01-01
constexpr std::int64_t now_s = 1'700'000'000;   // 2023-11-14

using answer = std::optional<tl::expected<net::response, net::transport_failure>>;

std::shared_ptr<fake_api> make_api(std::uint64_t seed, std::size_t surveys) {
  return std::make_shared<fake_api>(fake_api::random_surveys(seed, surveys, first_s, now_s));
}

std::size_t count_of(const std::vector<std::string>& lines, const std::string& part) {
  return static_cast<std::size_t>(
    std::count_if(lines.begin(), lines.end(), [&](const auto& t) { return t.find(part) != std::string::npos; }));
}

/// `/details` of these surveys is answered with 500 so many times each.
fake_api::fault failing_details(std::set<std::string> ids, int times) {
  auto left = std::make_shared<std::map<std::string, int>>();
  for (const auto& id : ids)
    (*left)[id] = times;
  return [left](const std::string& target) -> answer {
    for (auto& [id, n] : *left)
      if (target.find("/" + id + "/details") != std::string::npos && n > 0) {
        --n;
        return json_response(500, R"({"error":{"id":"1050","message":"oops"}})");
      }
    return std::nullopt;
  };
}

} // namespace

TEST_CASE("an answer without content ends its slice like a page without records, and its children are told") {
  auto api = make_api(1, 6);
  api->set_fault([](const std::string& target) -> answer {
    if (target.find("/1002/details") == std::string::npos && target.find("/1003/collectors") == std::string::npos)
      return std::nullopt;
    return json_response(204, "");
  });
  run_case c;
  c.streams = {"surveys", "survey_details", "survey_collectors", "collectors"};
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  CHECK(record_ids(outcome.lines, "survey_details").size() == 5);
  CHECK(record_ids(outcome.lines, "survey_collectors").size() == 5);
  CHECK(record_ids(outcome.lines, "collectors").size() == 5);
  for (const auto& stream : c.streams)
    CHECK(statuses(outcome.lines, stream).back() == "COMPLETE");
}

TEST_CASE("a slice that fails all its retries is tried once more after everything else") {
  auto api = make_api(1, 12);
  run_case c;
  c.streams = {"survey_details"};
  c.tuning.http.max_retries = 2;
  SECTION("and heals if the cause has passed") {
    api->set_fault(failing_details({"1002"}, 3));
    auto outcome = run(c, api);
    REQUIRE(outcome.finished);
    CHECK(outcome.result.exit_code == 0);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 12);
    CHECK(outcome.result.snapshot.requests.put_off == 1);
    auto log = api->log();
    CHECK(log.back().find("/1002/details") != std::string::npos);
    CHECK(count_of(outcome.lines, "\"type\":\"ERROR\"") == 0);
  }
  SECTION("with one try, and counts as failed then, once") {
    api->set_fault(failing_details({"1002"}, 1000));
    auto outcome = run(c, api);
    REQUIRE(outcome.finished);
    CHECK(outcome.result.exit_code == 1);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 11);
    CHECK(count_of(api->log(), "/1002/details") == 4);
    CHECK(count_of(outcome.lines, "\"type\":\"ERROR\"") == 2); // the stream's and the run's
    auto state = states(outcome.lines, "survey_details").back();
    CHECK(state.find("\"1001\"") != std::string::npos);
    CHECK(state.find("\"1002\"") == std::string::npos);
    SECTION("and if the next run fails at the gap as well, the one after it reads everything anew") {
      c.states["survey_details"] = state;
      auto second = run(c, api);
      CHECK(second.result.exit_code == 1);
      CHECK(record_ids(second.lines, "survey_details").empty());
      CHECK(states(second.lines, "survey_details").back() == "{}");
    }
    SECTION("and the next run asks for the gap alone") {
      api->set_fault(nullptr);
      auto before = api->log().size();
      c.states["survey_details"] = state;
      auto healed = run(c, api);
      CHECK(healed.result.exit_code == 0);
      CHECK(record_ids(healed.lines, "survey_details") == std::vector<std::string>{"1002"});
      auto log = api->log();
      log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(before));
      CHECK(count_of(log, "/details") == 1);
    }
  }
  SECTION("but not if the tuning forbids it") {
    c.tuning.errors.slice_retries = 0;
    api->set_fault(failing_details({"1002"}, 1000));
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 1);
    CHECK(count_of(api->log(), "/1002/details") == 3);
  }
}

TEST_CASE("what the user must change is not tried again") {
  auto api = make_api(2, 5);
  api->set_fault([](const std::string& target) -> answer {
    if (target.find("/1002/details") != std::string::npos)
      return json_response(403, R"({"error":{"id":"1014","message":"permission"}})");
    return std::nullopt;
  });
  run_case c;
  c.streams = {"survey_details"};
  auto outcome = run(c, api);
  CHECK(outcome.result.exit_code == 1);
  CHECK(count_of(api->log(), "/1002/details") == 1);
}

TEST_CASE("IGNORE gives up an answer from 400 on, and reads a good one as if nothing had matched") {
  auto api = make_api(4, 12);
  run_case c;
  c.page_size = 5;
  auto ignore = [&c](response_filter filter) {
    c.change_plan = [filter = std::move(filter)](plan& p) {
      error_handler handler;
      handler.filters.push_back(filter);
      handler.filters.back().action = response_action::ignore;
      for (auto& e : p.endpoints)
        e.errors.insert(e.errors.begin(), handler);
    };
  };
  SECTION("a good one: its records, its parents and the pages behind it") {
    auto plain = run(c, api);
    response_filter every;
    every.http_codes = {200};
    ignore(every);
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(record_ids(outcome.lines, "surveys") == record_ids(plain.lines, "surveys"));
    CHECK(record_ids(outcome.lines, "surveys").size() == 12);
    CHECK(record_ids(outcome.lines, "survey_responses").size() == record_ids(plain.lines, "survey_responses").size());
  }
  SECTION("one that is no JSON, or has no list: nothing, without an error") {
    auto body = GENERATE(as<std::string>{}, "nobody is at home", R"({"message":"nobody is at home"})");
    api->set_fault([body](const std::string& target) -> answer {
      if (target.find("/1002/") != std::string::npos)
        return json_response(200, body);
      return std::nullopt;
    });
    response_filter told;
    told.error_message_contains = "at home";
    ignore(told);
    c.streams = {"surveys", "survey_details"};
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(record_ids(outcome.lines, "surveys").size() == 12);
    CHECK(record_ids(outcome.lines, "survey_details").size() >= 11);
    CHECK(count_of(api->log(), "/1002/details") == 1);
  }
  SECTION("a good one whose list never ends: a failure like any other") {
    api->set_fault([](const std::string& target) -> answer {
      if (target.find("start_modified_at") != std::string::npos && target.find("/bulk") == std::string::npos)
        return json_response(200, R"({"data":[{"id":"1","date_modified":"2024-01-01T00:00:00"}],"links":{"next":")"
                                    + target + R"("}})");
      return std::nullopt;
    });
    response_filter every;
    every.http_codes = {200};
    ignore(every);
    c.streams = {"surveys"};
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 1);
    CHECK(statuses(outcome.lines, "surveys").back() == "INCOMPLETE");
  }
  SECTION("one from 400 on: nothing, without an error") {
    api->set_fault([](const std::string& target) -> answer {
      if (target.find("/1002/details") != std::string::npos)
        return json_response(404, R"({"id":"1002"})");
      return std::nullopt;
    });
    response_filter gone;
    gone.http_codes = {404};
    ignore(gone);
    c.streams = {"survey_details"};
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 11);
  }
}

TEST_CASE("a stream with too many failed slices is given up, and the others go on") {
  auto api = make_api(3, 40);
  api->set_fault([](const std::string& target) -> answer {
    if (target.find("/details") != std::string::npos)
      return json_response(403, R"({"error":{"id":"1014","message":"permission"}})");
    return std::nullopt;
  });
  run_case c;
  c.streams = {"survey_details", "survey_collectors"};
  c.pool_size = 2;
  c.tuning.errors.max_failed_slices = 5;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  CHECK(count_of(api->log(), "/details") <= 8);
  CHECK(count_of(outcome.lines, "max_failed_slices") == 1);
  CHECK(statuses(outcome.lines, "survey_details").back() == "INCOMPLETE");
  CHECK(statuses(outcome.lines, "survey_collectors").back() == "COMPLETE");
  CHECK(record_ids(outcome.lines, "survey_collectors").size() == 40);
}

TEST_CASE("rows that vanish while pages are read take no other row with them") {
  // Every so many requests a survey is modified, leaves its window and moves all later rows up.
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    auto api = make_api(seed, 60);
    auto random = std::make_shared<std::mt19937_64>(seed);
    auto moved = std::make_shared<std::set<std::string>>();
    api->set_change([random, moved](std::vector<fake_api::survey>& surveys, std::size_t request) {
      if (request % 3 != 0 || moved->size() > 20)
        return;
      auto& s = surveys[(*random)() % surveys.size()];
      s.modified_s = now_s + 100;
      moved->insert(s.id);
    });
    run_case c;
    c.streams = {"surveys"};
    c.schedule_seed = seed;
    c.slice_days = 10000;
    c.page_size = 4;
    auto outcome = run(c, api);
    INFO("seed " << seed);
    REQUIRE(outcome.finished);
    REQUIRE(outcome.result.exit_code == 0);
    REQUIRE(!moved->empty());
    auto printed = record_ids(outcome.lines, "surveys");
    for (const auto& s : api->surveys())
      if (!moved->contains(s.id)) {
        INFO("survey " << s.id);
        REQUIRE(std::find(printed.begin(), printed.end(), s.id) != printed.end());
      }
  }
}

TEST_CASE("responses that are edited while they are read in ascending order take no other response with them") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::vector<fake_api::survey> surveys{{"1000", first_s, {}}};
    for (int i = 0; i < 40; ++i)
      surveys[0].responses.push_back({"r" + std::to_string(i), first_s + i / 2 * 60});
    auto api = std::make_shared<fake_api>(std::move(surveys));
    auto random = std::make_shared<std::mt19937_64>(seed);
    auto moved = std::make_shared<std::set<std::string>>();
    api->set_change([random, moved](std::vector<fake_api::survey>& all, std::size_t request) {
      if (request < 3 || moved->size() > 12)
        return;
      auto& list = all[0].responses;
      auto at = static_cast<std::ptrdiff_t>((*random)() % list.size());
      auto row = list[static_cast<std::size_t>(at)];
      moved->insert(row.id);
      list.erase(list.begin() + at);
      row.modified_s = now_s + 100;
      list.push_back(row);
    });
    run_case c;
    c.streams = {"survey_responses_bulk"};
    c.schedule_seed = seed;
    c.change_plan = [](plan& p) {
      for (auto& e : p.endpoints)
        for (auto& parameter : e.request.parameters)
          if (e.name == "survey_responses_bulk" && parameter.name == "per_page")
            parameter.value = text_template::literal("5");
    };
    auto outcome = run(c, api);
    INFO("seed " << seed);
    REQUIRE(outcome.finished);
    REQUIRE(outcome.result.exit_code == 0);
    REQUIRE(!moved->empty());
    auto printed = record_ids(outcome.lines, "survey_responses_bulk");
    for (int i = 0; i < 40; ++i)
      if (auto id = "r" + std::to_string(i); !moved->contains(id)) {
        INFO("response " << id);
        REQUIRE(std::find(printed.begin(), printed.end(), id) != printed.end());
      }
  }
}

TEST_CASE("a rate policy that governs no request is a warning, and with --strict the end of the run is a failure") {
  auto api = make_api(4, 5);
  run_case c;
  c.change_plan = [](plan& p) {
    rate_policy policy;
    policy.name = "typo";
    policy.rates.push_back({10, std::chrono::minutes{1}});
    request_matcher m;
    m.path_pattern = "^/v4/";
    policy.matchers.push_back(m);
    p.budget.policies.push_back(policy);
  };
  SECTION("a warning") {
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(outcome.result.snapshot.requests.idle_policies == std::vector<std::string>{"typo"});
  }
  SECTION("an error") {
    c.strict = true;
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 1);
    CHECK(outcome.result.reason.find("`typo`") != std::string::npos);
    CHECK(statuses(outcome.lines, "surveys").back() == "COMPLETE");
  }
}

TEST_CASE("a used-up quota that ends the run does so when everything else is read") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    auto api = make_api(4, 30);
    run_case c;
    c.streams = {"surveys", "survey_responses", "survey_details"};
    c.schedule_seed = seed;
    c.page_size = 7;
    c.change_plan = [](plan& p) {
      auto& day = p.budget.policies.at(1);
      day.only_when_reported = false;
      day.rates[0].limit = 5;
      request_matcher details;
      details.path_pattern = "/details$";
      day.matchers.push_back(details);
    };
    auto outcome = run(c, api);
    REQUIRE(outcome.finished);
    CHECK(outcome.result.exit_code == 3);
    CHECK(outcome.result.reason.find("day quota of 5 requests is used up") != std::string::npos);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 5);
    CHECK(record_ids(outcome.lines, "surveys").size() == 30);
    CHECK(statuses(outcome.lines, "surveys").back() == "COMPLETE");
    CHECK(statuses(outcome.lines, "survey_responses").back() == "COMPLETE");
  }
}

TEST_CASE("a last page that the server refuses for an hour shows that the run waits, and that it lives") {
  auto api = make_api(5, 1);
  auto refusals = std::make_shared<int>(1);
  api->set_fault([refusals](const std::string& target) -> answer {
    if (target.find("/details") == std::string::npos || (*refusals)-- <= 0)
      return std::nullopt;
    return json_response(429, R"({"error":{"id":"1040","message":"slow"}})", {{"Retry-After", "3600"}});
  });
  run_case c;
  c.streams = {"survey_details"};
  c.pool_size = 1;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 0);
  CHECK(outcome.elapsed >= std::chrono::hours{1});
  CHECK(outcome.elapsed < std::chrono::minutes{62});
  CHECK(count_of(outcome.lines, "RATE_LIMITED") == 1);
  CHECK(states(outcome.lines, "survey_details").size() >= 59); // one a minute
  CHECK(outcome.result.snapshot.requests.limiters.refused_us >= 3'590'000'000);
}

TEST_CASE("pages that lead in a circle fail their slice instead of being read for ever") {
  auto api = make_api(5, 3);
  api->set_fault([](const std::string& target) -> answer {
    if (target.find("/v3/surveys?") == std::string::npos)
      return std::nullopt;
    auto next = target.find("page=2") != std::string::npos ? "page=1" : "page=2";
    return json_response(200, std::string{R"({"data":[],"total":9,"links":{"next":"http://fake.test/v3/surveys?x=1&)"}
                                + next + R"("}})");
  });
  run_case c;
  c.streams = {"surveys"};
  c.slice_days = 10000;
  c.tuning.http.max_retries = 1;
  auto outcome = run(c, api);
  REQUIRE(outcome.finished);
  CHECK(outcome.result.exit_code == 1);
  CHECK(api->log().size() < 20);
}

TEST_CASE("memory above its limit slows a run down to one page at a time, and does not stop it") {
  auto api = make_api(6, 20);
  run_case c;
  c.streams = {"survey_details"};
  c.pool_size = 8;
  auto bytes = std::make_shared<std::uint64_t>(0);
  c.resident_bytes = [bytes] { return *bytes; };
  SECTION("below") {
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(outcome.result.snapshot.requests.peak_in_flight > 1);
  }
  SECTION("above") {
    *bytes = 1ULL << 40;
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 20);
    CHECK(outcome.result.snapshot.requests.peak_in_flight == 1);
  }
}
