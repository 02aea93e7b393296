#include "app/simulator/api.hpp"
#include "app/simulator/mutations.hpp"
#include "tests/app/simulator/http_client.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::simulator;
using namespace sluice::simulator::testing;

namespace {

account_sizes few(std::uint64_t surveys = 9) {
  account_sizes sizes;
  sizes.surveys = surveys;
  sizes.responses = {3, 12};
  return sizes;
}

mutation change(mutation_kind kind, std::uint64_t dice = 0, std::int64_t time = 0) {
  return {kind, dice, time, {}};
}

mutation_rule rule(const std::string& text) {
  auto result = parse_mutation(text);
  INFO(text);
  REQUIRE(result);
  return *result;
}

std::set<std::string> lasting(const account& a, const std::string& stream, std::uint64_t since = 0,
                              bool untouched = false) {
  std::set<std::string> result;
  CHECK(a.for_each_lasting(stream, since, untouched, [&](const std::string& id) { result.insert(id); }));
  return result;
}

/// The ids of a list as the API gives it.
std::vector<std::string> listed(const account& a, const std::string& target) {
  std::vector<std::string> result;
  auto body = object(answer(a, {"GET", target, "http://x"}).body);
  for (const auto& item : *body->getArray("data"))
    result.push_back(item.extract<Poco::JSON::Object::Ptr>()->getValue<std::string>("id"));
  CHECK(body->getValue<std::size_t>("total") >= result.size());
  return result;
}

} // namespace

TEST_CASE("a mutation rule is read word by word") {
  auto r = rule("delete-response every=7 path=/responses seed=5 to=end");
  CHECK(r.kind == mutation_kind::delete_response);
  CHECK(r.every == 7);
  CHECK(r.path == "/responses");
  CHECK(r.seed == 5);
  CHECK(r.to_end);
  CHECK_FALSE(rule("add-survey to=now").to_end);
  for (auto [text, reason] : std::vector<std::pair<std::string, std::string>>{
         {"", "names no change"},
         {"delete-survey add-survey", "two changes"},
         {"delete-survey=1", "takes none"},
         {"rename-survey", "unknown word `rename-survey`"},
         {"add-survey to=yesterday", "to=now"},
         {"add-survey seed=x", "seed=7"},
         {"add-survey every=0", "count of at least 1"},
         {"add-survey regex=(", "regular expression"},
         {"add-survey seed=1 seed=2", "twice"},
       }) {
    INFO(text);
    auto result = parse_mutation(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == errc::bad_config);
    CHECK(result.error().message.find(reason) != std::string::npos);
  }
  for (const auto* name :
       {"modify-survey", "delete-survey", "add-survey", "modify-response", "delete-response", "add-response"})
    CHECK(mutation_names().find(name) != std::string::npos);
}

TEST_CASE("a row that is modified goes to the end of its list, one that is deleted leaves no gap") {
  account a{few()};
  const std::string list = "/v3/surveys?sort_by=date_modified";
  auto before = listed(a, list);
  REQUIRE(before.size() == 9);
  CHECK(a.mutate(change(mutation_kind::modify_survey, 3)));
  auto after = before;
  std::rotate(after.begin() + 3, after.begin() + 4, after.end());
  CHECK(listed(a, list) == after);
  CHECK(a.survey_modified(3) == a.sizes().last_modified + 1);
  CHECK(a.mutate(change(mutation_kind::delete_survey, 0)));
  after.erase(after.begin());
  CHECK(listed(a, list) == after);
  CHECK_FALSE(a.find_survey(before[0]));
  CHECK(a.mutate(change(mutation_kind::add_survey)));
  CHECK(listed(a, list).size() == 9);
  CHECK(a.find_survey(listed(a, list).back()) == 9U);
  CHECK(a.changes() == 3);
}

TEST_CASE("a changed row leaves a list that an earlier time bounds") {
  account a{few()};
  auto bounded = "/v3/surveys?end_modified_at=" + text_field(a.survey_item(8, all_survey_fields), "date_modified");
  auto before = listed(a, bounded);
  a.mutate(change(mutation_kind::modify_survey, 4));
  auto after = before;
  after.erase(std::find(after.begin(), after.end(), a.survey_id(4)));
  CHECK(listed(a, bounded) == after);
}

TEST_CASE("responses change likewise, and only in their survey") {
  account a{few()};
  auto m = change(mutation_kind::delete_response, 5);
  m.survey = 2;
  auto count = a.responses(2);
  auto list = "/v3/surveys/" + a.survey_id(2) + "/responses?per_page=100";
  auto before = listed(a, list);
  CHECK(a.mutate(m));
  CHECK(a.responses(2) == count - 1);
  CHECK(listed(a, list).size() == before.size() - 1);
  m.kind = mutation_kind::modify_response;
  CHECK(a.mutate(m));
  m.kind = mutation_kind::add_response;
  CHECK(a.mutate(m));
  auto after = listed(a, list);
  CHECK(after.size() == before.size());
  CHECK(after.back() == a.response_id(2, count));
  account same{few()};
  for (std::uint64_t survey : {0, 1, 3})
    CHECK(listed(a, "/v3/surveys/" + a.survey_id(survey) + "/responses")
          == listed(same, "/v3/surveys/" + a.survey_id(survey) + "/responses"));
}

TEST_CASE("an account that has nothing left to change says so") {
  account a{few(1)};
  CHECK(a.mutate(change(mutation_kind::delete_survey)));
  for (auto kind : {mutation_kind::modify_survey, mutation_kind::delete_survey, mutation_kind::modify_response,
                    mutation_kind::delete_response, mutation_kind::add_response})
    CHECK_FALSE(a.mutate(change(kind)));
  CHECK(a.changes() == 1);
  CHECK(a.expected_records("surveys").empty());
  CHECK(a.mutate(change(mutation_kind::add_survey)));
  CHECK(a.expected_records("surveys").size() == 1);
}

TEST_CASE("what lasted is what was there at the start and is still there") {
  account a{few()};
  auto all = lasting(a, "surveys");
  CHECK(all.size() == 9);
  a.mutate(change(mutation_kind::delete_survey, 1));
  a.mutate(change(mutation_kind::modify_survey, 2));
  a.mutate(change(mutation_kind::add_survey));
  auto expected = all;
  expected.erase(a.survey_id(1));
  CHECK(lasting(a, "surveys") == expected);
  CHECK(lasting(a, "survey_details") == expected);
  auto since_the_last = expected;
  since_the_last.insert(a.survey_id(9));
  CHECK(lasting(a, "surveys", 3) == since_the_last);
  expected.erase(a.survey_id(2));
  CHECK(lasting(a, "surveys", 0, true) == expected);
  for (auto stream : stream_names) {
    std::set<std::string> ids;
    for (const auto& record : account{few()}.expected_records(stream))
      ids.insert(object(record)->getValue<std::string>("id"));
    CHECK(lasting(account{few()}, std::string{stream}) == ids);
  }
  CHECK_FALSE(a.for_each_lasting("nonsense", 0, false, [](const std::string&) {}));
}

TEST_CASE("after any changes every list is what a plain list of rows would be") {
  CHECK(rc::check("random changes", [] {
    auto sizes = few(*rc::gen::inRange<std::uint64_t>(0, 12));
    account a{sizes};
    std::deque<std::uint64_t> surveys; // the obvious model, by date
    for (std::uint64_t i = 0; i < sizes.surveys; ++i)
      surveys.push_back(i);
    auto added = sizes.surveys;
    auto steps = *rc::gen::inRange(0, 25);
    for (int i = 0; i < steps; ++i) {
      auto kind = static_cast<mutation_kind>(*rc::gen::inRange(0, 3));
      auto dice = *rc::gen::inRange<std::uint64_t>(0, 1000);
      auto count = added;
      auto chosen = surveys.end();
      for (std::uint64_t k = 0; k < count && chosen == surveys.end(); ++k)
        chosen = std::find(surveys.begin(), surveys.end(), (dice + k) % count);
      bool possible = kind == mutation_kind::add_survey || chosen != surveys.end();
      RC_ASSERT(a.mutate(change(kind, dice, *rc::gen::inRange<std::int64_t>(0, 4'000'000'000))) == possible);
      if (!possible)
        continue;
      auto row = kind == mutation_kind::add_survey ? added++ : *chosen;
      if (kind != mutation_kind::add_survey)
        surveys.erase(chosen);
      if (kind != mutation_kind::delete_survey)
        surveys.push_back(row);
    }
    std::vector<std::string> model;
    for (auto row : surveys)
      model.push_back(a.survey_id(row));
    RC_ASSERT(listed(a, "/v3/surveys?sort_by=date_modified") == model);
    std::reverse(model.begin(), model.end());
    RC_ASSERT(listed(a, "/v3/surveys?sort_by=date_modified&sort_order=DESC") == model);
    std::sort(model.begin(), model.end());
    for (std::string sorting : {"", "?sort_by=title", "?sort_by=num_responses"}) {
      auto other = listed(a, "/v3/surveys" + sorting);
      std::sort(other.begin(), other.end());
      RC_ASSERT(other == model);
    }
    RC_ASSERT(a.expected_count("surveys") == model.size());
    for (std::uint64_t i = 1; i < surveys.size(); ++i)
      RC_ASSERT(a.survey_modified(surveys[i - 1]) <= a.survey_modified(surveys[i]));
  }));
}

TEST_CASE("in a list without an order the rows that stay keep their order") {
  account a{few(40)};
  auto before = listed(a, "/v3/surveys?per_page=1000");
  for (std::uint64_t i = 0; i < 10; ++i)
    a.mutate(change(i % 2 == 0 ? mutation_kind::delete_survey : mutation_kind::modify_survey, 7 * i));
  auto after = listed(a, "/v3/surveys?per_page=1000");
  std::set<std::string> changed;
  for (const auto& id : before)
    if (!lasting(a, "surveys", 0, true).count(id))
      changed.insert(id);
  auto without = [&](std::vector<std::string> ids) {
    ids.erase(std::remove_if(ids.begin(), ids.end(), [&](const auto& id) { return changed.count(id) > 0; }), ids.end());
    return ids;
  };
  CHECK(changed.size() == 10);
  CHECK(without(before) == without(after));
  CHECK(after.size() == 35);
}

TEST_CASE("a server changes its account after every k-th request, in the survey that is being read") {
  options o;
  o.account = few();
  o.mutations = {rule("delete-response every=2 path=/responses"), rule("modify-survey nth=3 path=/v3/surveys?")};
  auto s = start(o);
  client c{s->port()};
  auto survey = s->account().survey_id(2);
  auto before = s->account().responses(2);
  auto target = "/v3/surveys/" + survey + "/responses?per_page=100";
  auto rows = [&] { return object(c.get(target).body)->getValue<std::uint32_t>("total"); };
  CHECK(rows() == before);
  CHECK(rows() == before); // the change comes after the answer
  CHECK(rows() == before - 1);
  CHECK(s->changes() == 1);
  for (int i = 0; i < 3; ++i)
    c.get("/v3/surveys?per_page=5");
  CHECK(s->changes() == 2);
  auto all = s->lasting_ids("survey_responses");
  CHECK(all.size() == s->account().expected_count("survey_responses"));
  CHECK(s->lasting_ids("surveys", 0, true).size() == 8);
  auto told = get(*s, "/simulator/lasting/survey_responses").body;
  CHECK(std::count(told.begin(), told.end(), '\n') == static_cast<std::ptrdiff_t>(all.size()));
  CHECK(get(*s, "/simulator/lasting/surveys?since=2&untouched=1").body.size() == 9 * 10);
  auto numbers = object(get(*s, "/simulator/statistics").body);
  CHECK(numbers->getValue<int>("changes") == 2);
  CHECK(numbers->getValue<int>("requests") == 6);
  auto requests = get(*s, "/simulator/requests").body;
  CHECK(std::count(requests.begin(), requests.end(), '\n') == 6);
  std::istringstream first{requests};
  std::uint64_t arrived = 0;
  std::uint64_t answered = 0;
  int status = 0;
  REQUIRE(first >> arrived >> answered >> status);
  CHECK(arrived <= answered);
  CHECK(status == 200);
  CHECK(get(*s, "/simulator/nonsense").status == 404);
  CHECK(get(*s, "/simulator/lasting/nonsense").status == 404);
  REQUIRE(s->set_mutations({}));
  rows();
  rows();
  CHECK(s->changes() == 2);
}

TEST_CASE("a modified row takes the time of its change, or the second after the youngest row") {
  for (bool to_end : {false, true}) {
    options o;
    o.account = few();
    o.mutations = {rule(to_end ? "modify-survey nth=1 to=end" : "modify-survey nth=1")};
    auto s = start(o);
    auto begin = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    get(*s, "/v3/users/me");
    auto last = s->account().surveys_modified_within()[8];
    auto time = s->account().survey_modified(last);
    if (to_end)
      CHECK(time == s->account().sizes().last_modified + 1);
    else
      CHECK(time >= begin);
  }
}
