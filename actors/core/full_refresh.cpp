#include "actors/core/full_refresh.hpp"

#include "config/language/value.hpp"

#include <algorithm>

namespace sluice {

bool is_end_marker(std::string_view state_json) {
  auto state = language::parse_json(state_json);
  const auto* marker = state ? state->find("__ab_no_cursor_state_message") : nullptr;
  return marker != nullptr && marker->as_bool() != nullptr && *marker->as_bool();
}

bool is_under_way(std::string_view state_json) {
  auto state = language::parse_json(state_json);
  return state && state->find("completed_partitions") != nullptr && state->find("ended") == nullptr;
}

void skip_complete_streams(std::vector<selected_stream>& streams) {
  bool continues
    = std::any_of(streams.begin(), streams.end(), [](const auto& s) { return is_under_way(s.initial_state); });
  for (auto& s : streams)
    s.already_complete = continues && !s.incremental && is_end_marker(s.initial_state);
}

} // namespace sluice
