#include "config/published_state.hpp"

#include "config/language/value.hpp"

#include <algorithm>
#include <string_view>

namespace sluice {

namespace {

constexpr std::string_view published_stream = "survey_responses";
constexpr std::string_view bulk_stream = "survey_responses_bulk";
constexpr std::string_view published_cursor = "date_modified";

/// A list of partitions, or the older `{"307785415": {"date_modified": ...}}`. A full refresh has neither.
bool has_cursors_of_surveys(const std::string& json) {
  const auto state = language::parse_json(json);
  const auto* dict = state ? state->as_dict() : nullptr;
  if (dict == nullptr || dict->empty())
    return false;
  if (state->find("states") != nullptr)
    return true;
  return std::all_of(dict->begin(), dict->end(),
                     [](const auto& member) { return member.second.find(published_cursor) != nullptr; });
}

} // namespace

std::vector<std::string> adopt_published_states(std::vector<stream_state>& states) {
  std::vector<std::string> said;
  for (auto& state : states) {
    if (state.name != published_stream || !has_cursors_of_surveys(state.json))
      continue;
    const bool is_known = std::any_of(states.begin(), states.end(), [&state](const stream_state& other) {
      return other.name == bulk_stream && other.name_space == state.name_space;
    });
    std::string text
      = "The state of survey_responses is that of Airbyte's published connector, whose stream of this name is "
        "survey_responses_bulk here. ";
    if (is_known) {
      state.json = "{}";
      text += "As survey_responses_bulk has a state of its own, it is passed over.";
    } else {
      state.name = bulk_stream;
      text += "survey_responses_bulk goes on from it; survey_responses, a full refresh, is read from the beginning.";
    }
    said.push_back(text);
  }
  return said;
}

} // namespace sluice
