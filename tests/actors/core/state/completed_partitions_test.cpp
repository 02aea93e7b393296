#include "actors/core/state/completed_partitions.hpp"

#include "actors/core/slices/partition.hpp"
#include "messages/text/json_check.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

using namespace sluice;

namespace {

std::string survey(std::string_view json) {
  return make_partition("survey_id", json, {});
}

completed_partitions open(std::string_view state, std::size_t limit = completed_partitions::max_remembered) {
  auto opened = completed_partitions::open("survey_id", state, limit);
  INFO(state << ": " << (opened ? "" : opened.error().message));
  REQUIRE(opened.has_value());
  return *opened;
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
  done.add(R"({"survey_id":1,"page":2})");
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":[{"page":2,"survey_id":1}]}})");
  const auto next = open(done.state_json());
  CHECK(next.contains(R"({"page":2,"survey_id":1})"));
  CHECK_FALSE(next.contains(survey("1")));
}

TEST_CASE("the reference's list of complete partitions is understood", "[completed_partitions]") {
  const auto done = open(
    R"({"states":[{"partition":{"survey_id":"1","parent_slice":{}},"cursor":{"__ab_full_refresh_sync_complete":true}},
               {"partition":{"survey_id":"2"},"cursor":{"next_page_token":2}},{"partition":{"survey_id":"3"},"cursor":{}}],
      "parent_state":{}})");
  CHECK(done.contains(survey(R"("1")")));
  CHECK_FALSE(done.contains(survey(R"("2")")));
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":["1"]}})");
}

TEST_CASE("no state and the end marks of a complete refresh start anew in silence", "[completed_partitions]") {
  for (const std::string state :
       {"", " ", "{}", R"({"__ab_no_cursor_state_message":true})", R"({"__ab_full_refresh_sync_complete":true})"}) {
    CHECK(open(state).size() == 0);
  }
}

TEST_CASE("a state that cannot be understood is refused", "[completed_partitions]") {
  std::vector<std::string> bad{"{",
                               "[]",
                               "7",
                               R"("x")",
                               R"({"date_modified":1})",
                               R"({"survey_id":[1,null]})",
                               R"({"completed_partitions":{"survey_id":["1"]},"date_modified":1})",
                               R"({"completed_partitions":{"other":[1]}})",
                               R"({"completed_partitions":{"survey_id":[1],"other":[1]}})",
                               R"({"completed_partitions":{}})",
                               R"({"completed_parents":{"survey_id":[1]}})",
                               R"({"states":[{"partition":{"survey_id":1}}]})",
                               R"({"states":[{"cursor":{}}]})"};
  const std::vector<std::string> wrong{"null", "true", "false", "0", "1.5", R"("x")", "[]", "[1]", "{}", R"({"x":1})"};
  auto add = [&](const std::string& before, const std::string& after, std::initializer_list<std::string_view> right) {
    for (const auto& value : wrong)
      if (std::find(right.begin(), right.end(), value) == right.end())
        bad.push_back(before + value + after);
  };
  add(R"({"completed_partitions":)", "}", {});
  add(R"({"completed_partitions":{"survey_id":)", "}}", {"[]", "[1]"});
  bad.emplace_back(R"({"completed_partitions":{"survey_id":[1,null]}})");
  add(R"({"completed_partitions":{"survey_id":[1]},"ended":)", "}", {});
  add(R"({"__ab_no_cursor_state_message":)", "}", {"true"});
  add(R"({"__ab_full_refresh_sync_complete":)", "}", {"true"});
  add(R"({"completed_partitions":{"survey_id":[1]},"__ab_no_cursor_state_message":)", "}", {"true"});
  add(R"({"states":)", "}", {"[]"});
  add(R"({"states":[)", "]}", {});
  add(R"({"states":[{"partition":)", R"(,"cursor":{}}]})", {"{}", R"({"x":1})"});
  add(R"({"states":[{"partition":{"survey_id":1},"cursor":)", "}]}", {"{}", R"({"x":1})"});
  add(R"({"states":[{"partition":{"survey_id":1},"cursor":{"__ab_full_refresh_sync_complete":)", "}}]}", {"true"});
  add(R"({"states":[],"parent_state":)", "}", {"{}", R"({"x":1})"});
  for (const auto& state : bad) {
    const auto opened = completed_partitions::open("survey_id", state);
    INFO(state);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == errc::bad_state);
    CHECK(opened.error().failure == failure_type::config_error);
    CHECK(opened.error().message.find("Nothing was read with it.") != std::string::npos);
  }
}

TEST_CASE("children of different parents are told apart, whatever their own key", "[completed_partitions]") {
  const auto child
    = [](const std::string& parent) { return make_partition("survey_id", "1", make_partition("folder", parent, {})); };
  auto done = open("");
  done.add(child("7"));
  CHECK(done.state_json() == R"({"completed_partitions":{"survey_id":[{"parent_slice":{"folder":7},"survey_id":1}]}})");
  const auto next = open(done.state_json());
  CHECK(next.contains(child("7")));
  CHECK_FALSE(next.contains(child("8")));
  // Lists of older states held their own keys alone.
  CHECK(open(R"({"completed_partitions":{"survey_id":[1]}})").contains(child("8")));
}

TEST_CASE("keys that are lists or objects are remembered", "[completed_partitions]") {
  auto done = open("");
  done.add(survey(R"([1, "a"])"));
  done.add(survey(R"({"b": {}, "a": null})"));
  done.add(survey(R"("")"));
  const auto state = done.state_json();
  CHECK(state == R"({"completed_partitions":{"survey_id":[[1,"a"],{"a":null,"b":{}},""]}})");
  const auto next = open(state);
  CHECK(next.contains(survey(R"([1,"a"])")));
  CHECK(next.contains(survey(R"({"a":null,"b":{}})")));
  CHECK(next.contains(survey(R"("")")));
  CHECK_FALSE(next.contains(survey("{}")));
  CHECK(next.state_json() == state);
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

TEST_CASE("where others have such names, a child of a partition is not meant by its own value alone") {
  auto list = completed_partitions::open("id", R"({"completed_partitions":{"id":[5]}})");
  REQUIRE(list);
  const std::string child = R"({"id":5,"parent_slice":{"p":1,"parent_slice":{}}})";
  CHECK(list->contains(child));
  list->pass_over_older_names();
  CHECK_FALSE(list->contains(child));
  CHECK(list->contains(R"({"id":5,"parent_slice":{}})"));
}
