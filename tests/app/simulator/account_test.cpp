#include "app/simulator/account.hpp"
#include "app/simulator/json_text.hpp"
#include "tests/app/simulator/http_client.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace sluice::simulator;

namespace {

account_sizes some_sizes(std::uint64_t seed = 1, std::uint64_t surveys = 60) {
  account_sizes sizes;
  sizes.seed = seed;
  sizes.surveys = surveys;
  return sizes;
}

std::set<std::string> names(const Poco::JSON::Object::Ptr& object) {
  auto list = object->getNames();
  return {list.begin(), list.end()};
}

/// The names that the API's bodies were seen to have.
using field_names = std::set<std::string>;

const field_names real_survey{"analyze_url",
                              "buttons_text",
                              "category",
                              "collect_url",
                              "custom_variables",
                              "date_created",
                              "date_modified",
                              "edit_url",
                              "folder_id",
                              "footer",
                              "href",
                              "id",
                              "is_owner",
                              "language",
                              "nickname",
                              "page_count",
                              "pages",
                              "preview",
                              "question_count",
                              "response_count",
                              "summary_url",
                              "theme_id",
                              "title"};
const field_names real_page{"description", "href", "id", "position", "question_count", "questions", "title"};
const field_names real_question{"answers",  "family",   "forced_ranking", "headings", "href",       "id",     "layout",
                                "position", "required", "sorting",        "subtype",  "validation", "visible"};
const field_names real_collector{"allow_multiple_responses",
                                 "anonymous_type",
                                 "close_date",
                                 "closed_page_message",
                                 "date_created",
                                 "date_modified",
                                 "display_survey_results",
                                 "disqualification_message",
                                 "disqualification_type",
                                 "disqualification_url",
                                 "edit_response_type",
                                 "href",
                                 "id",
                                 "name",
                                 "password_enabled",
                                 "redirect_type",
                                 "redirect_url",
                                 "respondent_authentication",
                                 "response_count",
                                 "response_limit",
                                 "sender_email",
                                 "status",
                                 "survey_id",
                                 "thank_you_message",
                                 "thank_you_page",
                                 "type",
                                 "url"};
const field_names real_response{"analyze_url",      "collection_mode", "collector_id",  "custom_value",
                                "custom_variables", "date_created",    "date_modified", "edit_url",
                                "email_address",    "first_name",      "href",          "id",
                                "ip_address",       "last_name",       "logic_path",    "metadata",
                                "page_path",        "pages",           "recipient_id",  "response_status",
                                "survey_id",        "total_time"};
const field_names real_survey_item{"href", "id", "nickname", "title"};
const field_names real_collector_item{"href", "id", "name"};

bool covers(const Poco::JSON::Object::Ptr& ours, const field_names& real) {
  auto mine = names(ours);
  return std::includes(mine.begin(), mine.end(), real.begin(), real.end());
}

} // namespace

TEST_CASE("ids have a fixed number of digits, are unique, and lead back to their index") {
  CHECK(rc::check("ids are a bijection", [](std::uint64_t seed) {
    id_space ids{100'000'000, 900'000'000, seed};
    auto index = *rc::gen::inRange<std::uint64_t>(0, 900'000'000);
    auto other = *rc::gen::inRange<std::uint64_t>(0, 900'000'000);
    auto id = ids.id(index);
    RC_ASSERT(id.size() == 9U);
    RC_ASSERT(ids.index(id) == index);
    RC_ASSERT((ids.id(other) == id) == (other == index));
  }));
  id_space ids{100'000'000, 900'000'000, 7};
  for (std::string text :
       {"", "0", "99999999", "1000000000", "12345678x", "-123456789", "0123456789", "99999999999999999999999"})
    CHECK_FALSE(ids.index(text));
}

TEST_CASE("the same seed gives the same account and another seed another one") {
  account a{some_sizes(5)};
  account same{some_sizes(5)};
  account other{some_sizes(6)};
  for (auto stream : stream_names) {
    CHECK(a.expected_records(stream) == same.expected_records(stream));
    CHECK(a.expected_records(stream) != other.expected_records(stream));
  }
}

TEST_CASE("a seed means the same account on every machine and in every version") {
  // Recorded runs and bug reports name a seed: the same seed must keep its meaning.
  account a{some_sizes(1)};
  CHECK(a.survey_id(0) == "632001766");
  CHECK(a.collector_id(1, 0) == "6391140435");
  CHECK(a.survey_modified(1) == 1'584'554'613);
  CHECK(a.expected_count("survey_responses") == 2345);
}

TEST_CASE("surveys are numbered by date, use the whole span, and their ids are in another order") {
  account a{some_sizes(3, 200)};
  CHECK(a.survey_modified(0) == a.sizes().first_modified);
  CHECK(a.survey_modified(199) == a.sizes().last_modified);
  int falling_ids = 0;
  int equal_dates = 0;
  for (std::uint64_t i = 1; i < a.surveys(); ++i) {
    CHECK(a.survey_modified(i - 1) <= a.survey_modified(i));
    CHECK(a.survey_created(i) <= a.survey_modified(i));
    equal_dates += a.survey_modified(i - 1) == a.survey_modified(i);
    falling_ids += a.survey_id(i) < a.survey_id(i - 1);
  }
  CHECK(falling_ids > 20);
  CHECK(falling_ids < 180);
  CHECK(equal_dates >= 19);
}

TEST_CASE("a time range selects exactly the surveys modified in it, bounds included") {
  account a{some_sizes(9, 97)};
  CHECK(rc::check("ranges", [&] {
    auto from = *rc::gen::inRange<std::int64_t>(a.sizes().first_modified - 10, a.sizes().last_modified + 10);
    auto to = *rc::gen::inRange<std::int64_t>(a.sizes().first_modified - 10, a.sizes().last_modified + 10);
    if (*rc::gen::arbitrary<bool>()) // hit bounds exactly
      from = a.survey_modified(*rc::gen::inRange<std::uint64_t>(0, 97));
    if (*rc::gen::arbitrary<bool>())
      to = a.survey_modified(*rc::gen::inRange<std::uint64_t>(0, 97));
    auto found = a.surveys_modified_within(from * 1'000'000, to * 1'000'000);
    RC_ASSERT(found.size() == found.last() - found.first());
    for (std::uint64_t i = 0; i < 97; ++i)
      RC_ASSERT((i >= found.first() && i < found.last())
                == (a.survey_modified(i) >= from && a.survey_modified(i) <= to));
  }));
  auto first = a.survey_modified(0) * 1'000'000;
  CHECK(a.surveys_modified_within(first, first).size() >= 1);
  CHECK(a.surveys_modified_within(first + 1, first + 1).size() == 0);
}

TEST_CASE("surveys differ in size, and some have no responses or collectors") {
  account a{some_sizes(1, 100)};
  std::set<std::uint32_t> responses;
  std::set<std::uint32_t> collectors;
  for (std::uint64_t i = 0; i < a.surveys(); ++i) {
    responses.insert(a.responses(i));
    collectors.insert(a.collectors(i));
    CHECK(a.pages(i) >= 1);
  }
  CHECK(responses.count(0) == 1);
  CHECK(responses.size() > 20);
  CHECK(*responses.rbegin() <= 80);
  CHECK(collectors == std::set<std::uint32_t>{0, 1, 2, 3});
}

TEST_CASE("sizes that cannot be are capped") {
  account_sizes sizes;
  sizes.surveys = UINT64_MAX;
  sizes.responses = {UINT32_MAX, 0};
  sizes.pages = {5, 2};
  sizes.first_modified = -5;
  sizes.last_modified = INT64_MIN;
  account a{sizes};
  CHECK(a.surveys() == largest_account);
  CHECK(a.responses(0) == 100'000);
  CHECK(a.pages(0) == 5);
  CHECK(a.survey_modified(largest_account - 1) == 0);
  account none{some_sizes(1, 0)};
  CHECK(none.expected_records("surveys").empty());
  CHECK(none.surveys_modified_within().size() == 0);
}

TEST_CASE("the last survey of the largest account still has ids of its own") {
  auto sizes = some_sizes(1, largest_account);
  sizes.collectors = {1000, 1000};
  account a{sizes};
  auto last = largest_account - 1;
  CHECK(a.find_survey(a.survey_id(last)) == last);
  CHECK(a.find_collector(a.collector_id(last, 999)) == std::pair<std::uint64_t, std::uint32_t>{last, 999});
  CHECK_FALSE(account{some_sizes(1, last)}.find_survey(a.survey_id(last)));
}

TEST_CASE("an id of a collector that a survey does not have is not found") {
  account a{some_sizes()};
  CHECK(a.find_collector(a.collector_id(1, 0)) == std::pair<std::uint64_t, std::uint32_t>{1, 0});
  CHECK_FALSE(a.find_collector(a.collector_id(1, a.collectors(1))));
  CHECK_FALSE(a.find_collector(a.collector_id(a.surveys(), 0)));
}

TEST_CASE("all records are valid compact JSON, unique by id, and as many as announced") {
  account a{some_sizes(2)};
  for (auto stream : stream_names) {
    auto records = a.expected_records(stream);
    CHECK(records.size() == a.expected_count(stream));
    CHECK(records.size() > 20);
    std::set<std::string> ids;
    for (const auto& record : records) {
      REQUIRE(restyle(record, body_style::compact) == record);
      ids.insert(testing::object(record)->getValue<std::string>("id"));
    }
    CHECK(ids.size() == records.size());
  }
  CHECK_FALSE(a.for_each_expected("nonsense", [](const std::string&) {}));
  CHECK(a.expected_count("nonsense") == 0);
}

TEST_CASE("responses can be filled up to a size, and stay what they are") {
  auto sizes = some_sizes(2, 5);
  account small{sizes};
  sizes.response_bytes = 200'000;
  account large{sizes};
  for (auto stream : {"survey_responses", "survey_responses_bulk"}) {
    auto before = small.expected_records(stream);
    auto after = large.expected_records(stream);
    REQUIRE(after.size() == before.size());
    for (std::size_t i = 0; i < after.size(); ++i) {
      CHECK(after[i].size() == 200'000);
      CHECK(after[i].substr(0, before[i].size() - 1) + "}" == before[i]);
      REQUIRE(restyle(after[i], body_style::compact) == after[i]);
    }
    CHECK(after[0].substr(2000) != after[1].substr(2000));
  }
}

TEST_CASE("records hold what readers of JSON trip over") {
  account a{some_sizes()};
  std::string all;
  for (auto stream : stream_names)
    for (const auto& record : a.expected_records(stream))
      all += record;
  for (std::string text : {"-0.0", "1e2", "1.0", "12345678901234567890", "0.10", "\\u", "\\/", "\\\"", "\\\\", "\\n",
                           "😀", ":null", "日本語", "\xE2\x80\xA8", "{{ config }}"})
    CHECK(all.find(text) != std::string::npos);
}

TEST_CASE("a survey's details are its fields and its pages, and pages hold their questions") {
  account a{some_sizes()};
  for (std::uint64_t survey = 0; survey < 12; ++survey) {
    auto details = testing::object(a.survey_details(survey));
    auto plain = testing::object(a.survey_body(survey));
    CHECK(details->has("pages"));
    CHECK_FALSE(plain->has("pages"));
    auto pages = details->getArray("pages");
    REQUIRE(pages->size() == a.pages(survey));
    CHECK(details->getValue<std::uint32_t>("page_count") == a.pages(survey));
    std::uint64_t questions = 0;
    for (std::uint32_t page = 0; page < a.pages(survey); ++page) {
      auto list = pages->getObject(page)->getArray("questions");
      CHECK(list->size() == a.questions(survey, page));
      questions += list->size();
    }
    CHECK(details->getValue<std::uint64_t>("question_count") == questions);
    // Without its pages the text is that of the plain survey, whatever the place of `pages`.
    auto text = a.survey_details(survey);
    auto from = text.find(",\"pages\":[{\"");
    CHECK(a.survey_body(survey).substr(0, from) == text.substr(0, from));
  }
}

TEST_CASE("the fields that a connector adds stand at the end of the record") {
  account a{some_sizes()};
  for (const auto& record : a.expected_records("survey_collectors"))
    CHECK(record.size() - record.rfind(",\"survey_id\":\"") == std::string{",\"survey_id\":\"123456789\"}"}.size());
  for (const auto& record : a.expected_records("survey_questions"))
    CHECK(record.size() - record.rfind(",\"page_id\":\"") == std::string{",\"page_id\":\"123456789\"}"}.size());
}

TEST_CASE("optional fields of a survey are there only when asked for") {
  account a{some_sizes()};
  CHECK(names(testing::object(a.survey_item(3, 0))) == std::set<std::string>{"id", "title", "nickname", "href"});
  CHECK(names(testing::object(a.survey_item(3, survey_field_bit("preview") | survey_field_bit("language"))))
        == std::set<std::string>{"id", "title", "nickname", "href", "preview", "language"});
  CHECK(names(testing::object(a.survey_item(3, all_survey_fields))).size() == 12);
  CHECK(survey_field_bit("nonsense") == 0);
}

TEST_CASE("bodies have every field of the real API's bodies") {
  account a{some_sizes()};
  auto ours = testing::object(a.survey_details(1));
  CHECK(covers(ours, real_survey));
  CHECK(covers(ours->getArray("pages")->getObject(0), real_page));
  for (std::uint64_t survey = 0; survey < 20; ++survey)
    for (std::uint32_t page = 0; page < a.pages(survey); ++page)
      for (std::uint32_t i = 0; i < a.questions(survey, page); ++i) {
        auto question = testing::object(a.question_body(survey, page, i));
        auto real = real_question;
        if (question->getValue<std::string>("family") == "open_ended")
          real.erase("answers");
        CHECK(covers(question, real));
      }
  CHECK(covers(testing::object(a.collector_body(1, 0)), real_collector));
  CHECK(covers(testing::object(a.response_body(0, 0)), real_response));
  CHECK(covers(testing::object(a.survey_item(0, 0)), real_survey_item));
  CHECK(covers(testing::object(a.collector_item(1, 0)), real_collector_item));
}
