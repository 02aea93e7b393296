#include "config/published_state.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

std::string adopted(std::vector<stream_state> states, std::size_t sentences) {
  CHECK(adopt_published_states(states).size() == sentences);
  std::string result;
  for (const auto& x : states)
    result += x.name + " " + x.json + "\n";
  return result;
}

} // namespace

TEST_CASE("the published connector's states of surveys become those of survey_responses_bulk") {
  for (const std::string json :
       {R"({"states":[{"partition":{"survey_id":"1"},"cursor":{"date_modified":"2024-01-01T00:00:00"}}]})",
        R"({"307785415":{"date_modified":"2024-01-01T00:00:00+00:00"},"2":{"date_modified":"2024-01-01T00:00:00"}})"})
    CHECK(adopted({{"survey_responses", "", json}}, 1) == "survey_responses_bulk " + json + "\n");
}

TEST_CASE("a state of survey_responses_bulk is not replaced") {
  CHECK(
    adopted({{"survey_responses", "", R"({"1":{"date_modified":"2024"}})"}, {"survey_responses_bulk", "", "{\"x\":1}"}},
            1)
    == "survey_responses {}\nsurvey_responses_bulk {\"x\":1}\n");
}

TEST_CASE("states of a full refresh and of other streams stay as they are") {
  for (const std::string json : {R"({})", R"({"__ab_no_cursor_state_message":true})",
                                 R"({"completed_partitions":{"survey_id":["1"]}})", R"([])", R"(no JSON)"})
    CHECK(adopted({{"survey_responses", "", json}}, 0) == "survey_responses " + json + "\n");
  const std::string json = R"({"1":{"date_modified":"2024"}})";
  CHECK(adopted({{"surveys", "", json}}, 0) == "surveys " + json + "\n");
}
