#include "actors/core/state/full_refresh.hpp"

#include "actors/core/state/cursor_text.hpp"
#include "actors/core/state/state_members.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_check.hpp"

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

expected<void> check_plain_state(std::string_view state_json) {
  if (state_text::is_blank(state_json))
    return {};
  const auto text = state_json.substr(state_json.find_first_not_of(" \t\r\n"));
  if (check_json(text) || text.front() != '{')
    return state_text::bad_state("The state is " + state_text::shown_json(text) + ", expected an object.");
  if (auto problem = misused_marker(text))
    return tl::unexpected(std::move(*problem));
  for (const auto& m : members_of(text))
    if (m.key != "next_page_token")
      return state_text::bad_state("The state's \"" + m.key
                                   + "\" does not belong to a stream without cursor and partitions; the state is "
                                   + state_text::shown_json(text) + ".");
  return {};
}

void skip_complete_streams(std::vector<selected_stream>& streams) {
  bool continues
    = std::any_of(streams.begin(), streams.end(), [](const auto& s) { return is_under_way(s.initial_state); });
  for (auto& s : streams)
    s.already_complete = continues && !s.incremental && is_end_marker(s.initial_state);
}

} // namespace sluice
