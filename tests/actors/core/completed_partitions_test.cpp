#include "actors/core/completed_partitions.hpp"

#include "actors/core/json_check.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

std::vector<partition_field> survey(std::string json) {
  return {{"survey_id", std::move(json)}};
}

completed_partitions open(std::string_view state, std::size_t limit = completed_partitions::max_remembered) {
  return {"survey_id", state, limit};
}

} // namespace

TEST_CASE("completed partitions are found again in the next run", "[completed_partitions]") {
  auto done = open("");
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":[]}})");
  done.add(survey(R"("307785415")"));
  done.add(survey("12345678901234567890"));
  done.add(survey(R"("307785415")"));
  const std::string state = R"({"completed_partitions":{"survey_id":["307785415",12345678901234567890]}})";
  CHECK(done.state_json() == state);
  const auto next = open(state);
  CHECK(next.ignored().empty());
  CHECK(next.size() == 2);
  CHECK(next.contains(survey(R"("307785415")")));
  CHECK(next.contains(survey(R"("\u0033\u00307785415")")));
  CHECK(next.contains(survey("12345678901234567890")));
  CHECK_FALSE(next.contains(survey("307785415"))); // a number is not a string
  CHECK_FALSE(next.contains(survey("12345678901234567891")));
  CHECK(next.state_json() == state);
}

TEST_CASE("a partition of several fields is remembered as a whole", "[completed_partitions]") {
  auto done = open("");
  done.add({{"survey_id", "1"}, {"page", "2"}});
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":[{"page":2,"survey_id":1}]}})");
  const auto next = open(done.state_json());
  CHECK(next.contains({{"page", "2"}, {"survey_id", "1"}}));
  CHECK_FALSE(next.contains(survey("1")));
}

TEST_CASE("the reference's list of complete partitions is understood", "[completed_partitions]") {
  const auto done = open(
    R"({"states":[{"partition":{"survey_id":"1","parent_slice":{}},"cursor":{"__ab_full_refresh_sync_complete":true}},
               {"partition":{"survey_id":"2"},"cursor":{"next_page_token":2}}, 7, {"partition":[],"cursor":[]}]})");
  CHECK(done.ignored().empty());
  CHECK(done.contains(survey(R"("1")")));
  CHECK_FALSE(done.contains(survey(R"("2")")));
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":["1"]}})");
}

TEST_CASE("no state and the end marks of a complete refresh start anew in silence", "[completed_partitions]") {
  for (const std::string state :
       {"", " ", "{}", R"({"__ab_no_cursor_state_message":true})", R"({"__ab_full_refresh_sync_complete":true})"}) {
    CHECK(open(state).size() == 0);
    CHECK(open(state).ignored().empty());
  }
}

TEST_CASE("a state of another kind starts anew and says so", "[completed_partitions]") {
  for (const std::string state :
       {"{", "[]", R"({"date_modified":1})", R"({"completed_partitions":[]})",
        R"({"completed_partitions":{"other":[1]}})", R"({"completed_partitions":{"survey_id":{}}})", R"({"states":{}})",
        R"({"completed_partitions":{"survey_id":["1"]},"date_modified":1})"}) {
    INFO(state);
    CHECK(open(state).size() == 0);
    CHECK(open(state).state_json() == R"({"completed_partitions":{"survey_id":[]}})");
    CHECK(open(state).ignored().find("read from the beginning") != std::string::npos);
  }
}

TEST_CASE("the state of 10,000 surveys is small", "[completed_partitions]") {
  auto done = open("");
  for (int i = 0; i < 10000; ++i)
    done.add(survey("\"" + std::to_string(307785415 + i) + "\""));
  const auto state = done.state_json();
  CHECK(state.size() < 200'000);
  CHECK_FALSE(check_json(state).has_value());
  CHECK(open(state).size() == 10000);
}

TEST_CASE("what is beyond the limit is not remembered, and that is said", "[completed_partitions]") {
  auto done = open("", 2);
  done.add(survey("1"));
  done.add(survey("2"));
  done.add(survey("2"));
  CHECK_FALSE(done.overflowed());
  done.add(survey("3"));
  CHECK(done.overflowed());
  CHECK_FALSE(done.contains(survey("3")));
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":[1,2]}})");
  CHECK(open(R"({"completed_partitions":{"survey_id":[1,2,3]}})", 2).overflowed());
}
