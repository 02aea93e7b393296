#include "app/simulator/api.hpp"
#include "tests/app/simulator/http_client.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace sluice::simulator;

namespace {

const std::string origin = "http://127.0.0.1:1";

account small_account(std::uint64_t surveys = 137) {
  account_sizes sizes;
  sizes.surveys = surveys;
  sizes.responses = {0, 230};
  sizes.collectors = {0, 120};
  return account{sizes};
}

api_answer ask(const account& a, const std::string& target) {
  return answer(a, {"GET", target, origin});
}

std::string link(const api_answer& a, const std::string& name) {
  return testing::object(a.body)->getObject("links")->optValue<std::string>(name, "");
}

/// All items of a list, by following links.next.
std::vector<std::string> all_items(const account& a, std::string target) {
  std::vector<std::string> result;
  for (int page = 0; !target.empty() && page < 1000; ++page) {
    auto answered = ask(a, target);
    REQUIRE(answered.status == 200);
    for (auto& item : testing::items(answered.body))
      result.push_back(item);
    target = link(answered, "next");
    if (!target.empty()) {
      REQUIRE(target.rfind(origin, 0) == 0);
      target.erase(0, origin.size());
    }
  }
  return result;
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

const std::string include
  = "include=response_count,date_created,date_modified,language,question_count,analyze_url,preview,collect_stats";

} // namespace

TEST_CASE("the pages of all lists together hold every expected record once") {
  auto a = small_account();
  for (int per_page : {1, 7, 50, 136, 137, 1000}) {
    auto size = "per_page=" + std::to_string(per_page);
    CHECK(sorted(all_items(a, "/v3/surveys?" + include + "&" + size)) == sorted(a.expected_records("surveys")));
  }
  std::vector<std::string> responses;
  std::vector<std::string> collectors;
  std::vector<std::string> details;
  for (std::uint64_t survey = 0; survey < a.surveys(); ++survey) {
    auto base = "/v3/surveys/" + a.survey_id(survey);
    for (auto& item : all_items(a, base + "/responses/?per_page=100"))
      responses.push_back(item);
    for (auto& item : all_items(a, base + "/collectors?per_page=100")) {
      item.back() = ',';
      collectors.push_back(item + "\"survey_id\":\"" + a.survey_id(survey) + "\"}");
    }
    details.push_back(ask(a, base).body);
  }
  CHECK(responses == a.expected_records("survey_responses"));
  CHECK(collectors == a.expected_records("survey_collectors"));
  CHECK(details == a.expected_records("survey_details"));
}

TEST_CASE("details and collectors are served as expected") {
  auto a = small_account(10);
  for (std::uint64_t survey = 0; survey < a.surveys(); ++survey) {
    CHECK(ask(a, "/v3/surveys/" + a.survey_id(survey) + "/details").body == a.survey_details(survey));
    auto body = a.survey_details(survey);
    // Every page and question of the expected records stands in the details, byte for byte.
    for (std::uint32_t page = 0; page < a.pages(survey); ++page)
      for (std::uint32_t i = 0; i < a.questions(survey, page); ++i)
        CHECK(body.find(a.question_body(survey, page, i)) != std::string::npos);
    for (std::uint32_t i = 0; i < a.collectors(survey); ++i) {
      CHECK(ask(a, "/v3/collectors/" + a.collector_id(survey, i)).body == a.collector_body(survey, i));
      CHECK(ask(a, "/v3/collectors//" + a.collector_id(survey, i) + "/").status == 200);
    }
  }
  CHECK(ask(a, "/v3/users/me").status == 200);
  CHECK(testing::object(ask(a, "/v3/users/me").body)->getObject("scopes")->getArray("granted")->size() > 0);
}

TEST_CASE("links lead to the neighbours of a page and keep the other parameters as sent") {
  auto a = small_account(10);
  auto url = [&](int page) {
    return origin
           + "/v3/surveys?include=date_modified%2Clanguage&sort_by=title&per_page=4&page=" + std::to_string(page);
  };
  auto first = ask(a, "/v3/surveys?include=date_modified%2Clanguage&per_page=4&sort_by=title");
  CHECK(link(first, "self") == url(1));
  CHECK(link(first, "next") == url(2));
  CHECK(link(first, "last") == url(3));
  CHECK(link(first, "prev").empty());
  auto middle = ask(a, url(2).substr(origin.size()));
  CHECK(link(middle, "prev") == url(1));
  CHECK(link(middle, "first") == url(1));
  CHECK(link(middle, "next") == url(3));
  auto last = ask(a, url(3).substr(origin.size()));
  CHECK(link(last, "next").empty());
  CHECK(link(last, "last").empty());
  CHECK(testing::items(last.body).size() == 2);
  auto beyond = ask(a, url(9).substr(origin.size()));
  CHECK(beyond.status == 200);
  CHECK(testing::items(beyond.body).empty());
  CHECK(link(beyond, "next").empty());
  auto body = testing::object(middle.body);
  CHECK(body->getValue<int>("total") == 10);
  CHECK(body->getValue<int>("page") == 2);
  CHECK(body->getValue<int>("per_page") == 4);
}

TEST_CASE("per_page is 50 by default and at most what the endpoint allows") {
  account_sizes sizes;
  sizes.surveys = 1100;
  sizes.responses = {150, 150};
  account a{sizes};
  auto survey = "/v3/surveys/" + a.survey_id(0);
  auto count = [&](const std::string& target) { return testing::items(ask(a, target).body).size(); };
  CHECK(count("/v3/surveys") == 50);
  CHECK(count("/v3/surveys?per_page=1000") == 1000);
  CHECK(count("/v3/surveys?per_page=5000") == 1000);
  CHECK(count(survey + "/responses") == 50);
  CHECK(count(survey + "/responses?per_page=1000") == 100);
  CHECK(count(survey + "/responses/bulk?per_page=101") == 100);
  CHECK(testing::object(ask(a, survey + "/responses?per_page=1000").body)->getValue<int>("per_page") == 100);
}

TEST_CASE("an empty list is a page without items and without a next link") {
  account_sizes sizes;
  sizes.surveys = 0;
  account a{sizes};
  auto answered = ask(a, "/v3/surveys");
  CHECK(answered.body.find("\"data\":[]") != std::string::npos);
  CHECK(link(answered, "next").empty());
}

TEST_CASE("time filters keep what lies within them, bounds included") {
  auto a = small_account();
  CHECK(rc::check("surveys modified within", [&] {
    auto x = *rc::gen::inRange<std::uint64_t>(0, 137);
    auto y = *rc::gen::inRange<std::uint64_t>(0, 137);
    auto from = testing::text_field(a.survey_item(x, all_survey_fields), "date_modified");
    auto to = testing::text_field(a.survey_item(y, all_survey_fields), "date_modified");
    auto found = all_items(a, "/v3/surveys?per_page=1000&" + include + "&start_modified_at=" + from
                                + "Z&end_modified_at=" + to + "Z");
    std::vector<std::string> wanted;
    for (const auto& record : a.expected_records("surveys"))
      if (auto t = testing::text_field(record, "date_modified"); t >= from && t <= to)
        wanted.push_back(record);
    RC_ASSERT(sorted(found) == sorted(wanted));
  }));
  std::uint64_t survey = 0;
  while (a.responses(survey) < 10)
    ++survey;
  auto responses = all_items(a, "/v3/surveys/" + a.survey_id(survey) + "/responses/bulk");
  auto from = testing::text_field(responses[3], "date_modified");
  from.resize(19); // its zone is UTC
  auto later = all_items(a, "/v3/surveys/" + a.survey_id(survey) + "/responses/bulk?start_modified_at=" + from);
  CHECK(later.size() <= responses.size() - 3);
  CHECK(std::find(later.begin(), later.end(), responses[3]) != later.end());
}

TEST_CASE("lists are sorted as asked, and unsorted surveys are in no order of dates") {
  auto a = small_account();
  auto dates = [&](const std::string& more) {
    std::vector<std::string> result;
    for (const auto& item : all_items(a, "/v3/surveys?include=date_modified" + more))
      result.push_back(testing::text_field(item, "date_modified"));
    return result;
  };
  auto rising = dates("&sort_by=date_modified");
  CHECK(std::is_sorted(rising.begin(), rising.end()));
  auto falling = dates("&sort_by=date_modified&sort_order=DESC");
  CHECK(std::is_sorted(falling.rbegin(), falling.rend()));
  auto unsorted = dates("");
  CHECK_FALSE(std::is_sorted(unsorted.begin(), unsorted.end()));
  CHECK_FALSE(std::is_sorted(unsorted.rbegin(), unsorted.rend()));
  std::vector<int> counts;
  for (const auto& item : all_items(a, "/v3/surveys?include=response_count&sort_by=num_responses"))
    counts.push_back(testing::object(item)->getValue<int>("response_count"));
  CHECK(std::is_sorted(counts.begin(), counts.end()));
  std::vector<std::string> titles;
  for (const auto& item : all_items(a, "/v3/surveys?sort_by=title"))
    titles.push_back(testing::object(item)->getValue<std::string>("title"));
  CHECK(std::is_sorted(titles.begin(), titles.end()));
}

TEST_CASE("unknown ids and paths are not found") {
  auto a = small_account(10);
  auto other = small_account(11).survey_id(10);
  for (const auto& target :
       std::vector<std::string>{"/", "", "/v3", "/v3/nonsense", "/v3/surveys/1", "/v3/surveys/" + other,
                                "/v3/surveys/" + other + "/details", "/v3/collectors/1", "/v4/surveys",
                                "/v3/surveys/" + a.survey_id(0) + "/nonsense", "/v3/collectors", "/v3/users/you"}) {
    INFO(target);
    auto answered = ask(a, target);
    CHECK(answered.status == 404);
    CHECK(testing::error_id(answered.body) == "1020");
  }
}

TEST_CASE("parameters that make no sense are refused by name") {
  auto a = small_account(10);
  auto survey = "/v3/surveys/" + a.survey_id(0);
  for (auto [target, name] : std::vector<std::pair<std::string, std::string>>{
         {"/v3/surveys?per_page=0", "per_page"},
         {"/v3/surveys?per_page=x", "per_page"},
         {"/v3/surveys?per_page=-1", "per_page"},
         {"/v3/surveys?per_page=", "per_page"},
         {"/v3/surveys?page=0", "page"},
         {"/v3/surveys?page=99999999999999999999", "page"},
         {"/v3/surveys?nonsense=1", "nonsense"},
         {"/v3/surveys?page=1&page=2", "page"},
         {"/v3/surveys?include=date_modified,nonsense", "include"},
         {"/v3/surveys?sort_by=id", "sort_by"},
         {"/v3/surveys?sort_order=UP", "sort_order"},
         {"/v3/surveys?start_modified_at=yesterday", "start_modified_at"},
         {"/v3/surveys?end_modified_at=2024-02-30T00:00:00", "end_modified_at"},
         {survey + "/details?page=1", "page"},
         {survey + "/collectors?include=type", "include"},
         {survey + "/responses?sort_by=title", "sort_by"},
       }) {
    INFO(target);
    auto answered = ask(a, target);
    CHECK(answered.status == 400);
    CHECK(testing::error_id(answered.body) == "1003");
    CHECK(answered.body.find("`" + name + "`") != std::string::npos);
  }
}

TEST_CASE("only GET is supported") {
  auto a = small_account(10);
  auto answered = answer(a, {"POST", "/v3/surveys", origin});
  CHECK(answered.status == 405);
}

TEST_CASE("an error body has the API's shape") {
  CHECK(
    error_answer(1010).body
    == R"({"error":{"id":"1010","name":"Authorization Error","docs":"https://developer.surveymonkey.com/api/v3/#error-codes",)"
       R"("message":"The authorization token was not provided.","http_status_code":401}})");
  CHECK(error_answer(1010).status == 401);
  CHECK(error_answer(4711).status == 400);
  CHECK(error_answer(1050, 599).status == 599);
  CHECK(error_id_for(429) == 1040);
  CHECK(error_id_for(401) == 1011);
  CHECK(error_id_for(404) == 1020);
  CHECK(error_id_for(503) == 1051);
  CHECK(error_id_for(418) == 1000);
  CHECK(error_id_for(599) == 1050);
}

TEST_CASE("a list can be distorted") {
  auto a = small_account(10);
  list_distortion distortion;
  distortion.next_origin = "http://foreign.example:99";
  auto foreign = answer(a, {"GET", "/v3/surveys?per_page=3", origin}, distortion);
  CHECK(link(foreign, "next") == "http://foreign.example:99/v3/surveys?per_page=3&page=2");
  CHECK(link(foreign, "self").rfind(origin, 0) == 0);
  distortion = {};
  distortion.next_is_self = true;
  auto loop = answer(a, {"GET", "/v3/surveys?per_page=3&page=2", origin}, distortion);
  CHECK(link(loop, "next") == link(loop, "self"));
  distortion = {};
  distortion.without_data = true;
  CHECK_FALSE(testing::object(answer(a, {"GET", "/v3/surveys", origin}, distortion).body)->has("data"));
}

TEST_CASE("any target gets some answer") {
  auto a = small_account(5);
  CHECK(rc::check("random targets", [&](const std::string& text) {
    for (const std::string& prefix :
         {std::string{"/v3/surveys?"}, std::string{"/v3/"}, "/v3/surveys/" + a.survey_id(0) + "/"})
      RC_ASSERT(!ask(a, prefix + text).body.empty());
  }));
}

TEST_CASE("times are read with and without zone") {
  struct row {
    std::string text;
    std::optional<std::int64_t> expected;
  };
  constexpr std::int64_t t = 1'623'348'420'000'000;
  for (const auto& [text, expected] : std::vector<row>{
         {"2021-06-10T18:07:00", t},
         {"2021-06-10T18:07:00Z", t},
         {"2021-06-10T18:07:00+00:00", t},
         {"2021-06-10T20:07:00+02:00", t},
         {"2021-06-10T13:37:00-0430", t},
         {"2021-06-10T18:07:00.5", t + 500'000},
         {"2021-06-10T18:07:00.123456789Z", t + 123'456},
         {"1970-01-01T00:00:00", 0},
         {"1969-12-31T23:59:59Z", -1'000'000},
         {"", std::nullopt},
         {"2021-06-10", std::nullopt},
         {"2021-06-10 18:07:00", std::nullopt},
         {"2021-06-10T18:07", std::nullopt},
         {"2021-13-10T18:07:00", std::nullopt},
         {"2021-02-29T18:07:00", std::nullopt},
         {"2021-06-10T24:07:00", std::nullopt},
         {"2021-06-10T18:07:60", std::nullopt},
         {"2021-06-10T18:07:00.", std::nullopt},
         {"2021-06-10T18:07:00 00:00", std::nullopt},
         {"2021-06-10T18:07:00+0", std::nullopt},
         {"2021-06-10T18:07:00+25:00", std::nullopt},
         {"2021-06-10T18:07:00Zx", std::nullopt},
       }) {
    INFO(text);
    CHECK(parse_time(text) == expected);
  }
}

TEST_CASE("a target is taken apart and decoded") {
  auto t = parse_target("/v3//surveys/1%202/?a=1%2C2+3&b&&c==x#fragment");
  CHECK(t.path == "/v3//surveys/1%202/");
  CHECK(t.segments == std::vector<std::string>{"v3", "surveys", "1 2"});
  REQUIRE(t.parameters.size() == 3);
  CHECK(t.parameters[0].raw == "a=1%2C2+3");
  CHECK(t.parameter("a") == "1,2 3");
  CHECK(t.parameter("b") == "");
  CHECK(t.parameter("c") == "=x");
  CHECK_FALSE(t.parameter("d"));
  CHECK(parse_target("/a?x=%zz%4").parameter("x") == "%zz%4");
}

TEST_CASE("gzip is used only where the client accepts it") {
  CHECK(accepts_gzip("gzip"));
  CHECK(accepts_gzip("deflate, GZIP;q=0.5"));
  CHECK(accepts_gzip("*"));
  CHECK(accepts_gzip("gzip; q=1"));
  CHECK_FALSE(accepts_gzip(""));
  CHECK_FALSE(accepts_gzip("identity, br"));
  CHECK_FALSE(accepts_gzip("gzip;q=0"));
  CHECK_FALSE(accepts_gzip("gzip; q=0.000"));
}
