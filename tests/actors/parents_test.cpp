// Parents without a key, parents that come twice, and parents that appear later: the whole cast in virtual time.

#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::int64_t old_s = 1'600'000'000;
constexpr std::int64_t now_s = 1'700'000'000;

fake_api::survey survey(const std::string& id, std::vector<std::int64_t> responses) {
  fake_api::survey s{id, old_s, {}};
  for (auto at : responses)
    s.responses.push_back({id + "-" + std::to_string(s.responses.size()), at});
  return s;
}

/// Answers lists of surveys with pages of these rows, whatever is asked of them.
void answer_lists(const std::shared_ptr<fake_api>& api, std::vector<std::string> pages) {
  api->set_fault(
    [pages](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
      if (target.find("/v3/surveys?") != 0)
        return std::nullopt;
      const auto at = target.find("&page=");
      const auto page = at == std::string::npos ? 0 : std::stoul(target.substr(at + 6)) - 1;
      const auto links = page + 1 < pages.size()
                           ? R"({"next":"http://fake.test/v3/surveys?x=1&page=)" + std::to_string(page + 2) + "\"}"
                           : std::string{"{}"};
      return json_response(200, R"({"data":[)" + pages.at(page) + R"(],"links":)" + links + "}");
    });
}

std::size_t asked(const fake_api& api, const std::string& what) {
  const auto log = api.log();
  return static_cast<std::size_t>(
    std::count_if(log.begin(), log.end(), [&](const std::string& t) { return t.find(what) != std::string::npos; }));
}

std::size_t requests(const fake_api& api) {
  return api.log().size();
}

void take_state(run_case& c, const run_outcome& outcome, const std::string& stream) {
  auto seen = states(outcome.lines, stream);
  REQUIRE(!seen.empty());
  c.states[stream] = seen.back();
}

} // namespace

TEST_CASE("parents without a key cost nobody anything, on whatever page they are") {
  const std::string one = R"({"id":"1","date_modified":"2020-10-01T00:00:00"})";
  const std::string two = R"({"id":"2","date_modified":"2020-10-02T00:00:00"})";
  const std::string none = R"({"title":"x","date_modified":"2020-10-03T00:00:00"})";
  const std::string null = R"({"id":null,"date_modified":"2020-10-04T00:00:00"})";
  const std::vector<std::vector<std::string>> lists{{one + "," + none + "," + two},
                                                    {none, one + "," + two},
                                                    {one, null + "," + none, two},
                                                    {one + "," + two, none + "," + null}};
  for (const auto& pages : lists)
    for (const bool printed : {true, false}) {
      auto api
        = std::make_shared<fake_api>(std::vector<fake_api::survey>{survey("1", {old_s}), survey("2", {old_s + 1})});
      answer_lists(api, pages);
      run_case c;
      c.slice_days = 10000;
      c.streams = {"survey_details", "survey_responses_bulk", "survey_collectors", "collectors"};
      if (printed)
        c.streams.insert(c.streams.begin(), "surveys");
      auto outcome = run(c, api);
      REQUIRE(outcome.finished);
      CHECK(outcome.result.exit_code == 0);
      for (const auto& s : c.streams)
        CHECK(statuses(outcome.lines, s).back() == "COMPLETE");
      CHECK(record_ids(outcome.lines, "survey_details").size() == 2);
      CHECK(record_ids(outcome.lines, "survey_responses_bulk").size() == 2);
      CHECK(asked(*api, "/v3/surveys?") == pages.size());
      const auto lines = std::count_if(outcome.lines.begin(), outcome.lines.end(), [](const std::string& line) {
        return line.find(R"("record":{"stream":"surveys")") != std::string::npos;
      });
      std::string all;
      for (const auto& page : pages)
        all += page;
      CHECK(lines == (printed ? std::count(all.begin(), all.end(), '{') : 0));
    }
}

TEST_CASE("a parent that its list holds twice: read twice without a cursor, once with one") {
  const std::string row = R"({"id":"1","date_modified":"2020-10-01T00:00:00"})";
  for (const auto& pages : {std::vector<std::string>{row + "," + row}, std::vector<std::string>{row, row}}) {
    auto api = std::make_shared<fake_api>(std::vector<fake_api::survey>{survey("1", {old_s})});
    answer_lists(api, pages);
    run_case c;
    c.slice_days = 10000;
    c.streams = {"survey_details", "survey_responses_bulk"};
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(asked(*api, "/details") == 2);
    CHECK(record_ids(outcome.lines, "survey_details").size() == 2);
    CHECK(asked(*api, "/bulk") == 1);
    CHECK(record_ids(outcome.lines, "survey_responses_bulk").size() == 1);
  }
}

TEST_CASE("a survey that is shared later is read from the start date, whatever lies between the runs") {
  for (const bool fails_between : {false, true}) {
    auto surveys = std::make_shared<std::vector<fake_api::survey>>();
    surveys->push_back(survey("1", {now_s - 100}));
    surveys->push_back(survey("empty", {}));
    auto api = std::make_shared<fake_api>(*surveys);
    run_case c;
    c.slice_days = 10000;
    c.now_s = now_s;
    c.streams = {"survey_responses_bulk"};
    auto first = run(c, api);
    REQUIRE(first.result.exit_code == 0);
    take_state(c, first, "survey_responses_bulk");
    CHECK(c.states["survey_responses_bulk"].find(R"({"parent_slice":{},"survey_id":"empty"})") != std::string::npos);
    c.now_s += 1000;
    if (fails_between) {
      api->set_fault(
        [](const std::string& target) -> std::optional<tl::expected<net::response, net::transport_failure>> {
          if (target.find("/empty/") == std::string::npos)
            return std::nullopt;
          return json_response(404, "{}");
        });
      auto failed = run(c, api);
      REQUIRE(failed.result.exit_code == 1);
      take_state(c, failed, "survey_responses_bulk");
      api->set_fault({});
    }
    auto added = std::make_shared<bool>(false);
    api->set_change([added](std::vector<fake_api::survey>& all, std::size_t) {
      if (!std::exchange(*added, true))
        all.push_back(survey("late", {old_s, old_s + 5}));
    });
    const auto before = requests(*api);
    auto second = run(c, api);
    REQUIRE(second.result.exit_code == 0);
    auto ids = record_ids(second.lines, "survey_responses_bulk");
    CHECK(std::count(ids.begin(), ids.end(), "late-0") == 1);
    CHECK(std::count(ids.begin(), ids.end(), "late-1") == 1);
    CHECK(requests(*api) == before + 4); // one list, one page of each survey
    take_state(c, second, "survey_responses_bulk");
    auto third = run(c, api);
    ids = record_ids(third.lines, "survey_responses_bulk");
    CHECK(std::count(ids.begin(), ids.end(), "late-0") == 0);
  }
}

TEST_CASE("a start date in the future leaves no state behind that hides what is older") {
  auto api = std::make_shared<fake_api>(std::vector<fake_api::survey>{survey("1", {old_s})});
  run_case c;
  c.now_s = now_s;
  c.streams = {"surveys", "survey_responses_bulk"};
  c.start_date = "2030-01-01T00:00:00Z";
  auto early = run(c, api);
  REQUIRE(early.result.exit_code == 0);
  CHECK(states(early.lines, "surveys").back() == "{}");
  CHECK(record_ids(early.lines, "surveys").empty());
  take_state(c, early, "surveys");
  take_state(c, early, "survey_responses_bulk");
  c.start_date = "2020-01-01T00:00:00Z";
  auto corrected = run(c, api);
  CHECK(record_ids(corrected.lines, "surveys").size() == 1);
  CHECK(record_ids(corrected.lines, "survey_responses_bulk").size() == 1);
  // A state that came in goes out as it was.
  take_state(c, corrected, "surveys");
  take_state(c, corrected, "survey_responses_bulk");
  const auto before = c.states;
  c.start_date = "2030-01-01T00:00:00Z";
  auto again = run(c, api);
  CHECK(states(again.lines, "surveys").back() == before.at("surveys"));
  CHECK(states(again.lines, "survey_responses_bulk").back() == before.at("survey_responses_bulk"));
}
