#include "config/manifest/parent_state.hpp"

#include "config/language/value.hpp"

#include <algorithm>

namespace sluice {

namespace {

using language::value;
using language::value_dict;

/// Of a stream that was a full refresh once, and the lists that we add to states.
bool says_nothing(const std::string& key) {
  return key.starts_with("__ab_") || key == "completed_partitions" || key == "completed_parents";
}

} // namespace

std::string parent_state_in(std::string_view child_state_json, std::string_view parent,
                            const std::string& cursor_field) {
  const auto state = language::parse_json(child_state_json);
  if (!state || state->as_dict() == nullptr)
    return {};
  const auto* own = state->find("parent_state");
  if (const auto* named = own != nullptr ? own->find(parent) : nullptr)
    return named->is_none() ? std::string{} : language::to_json(*named);
  if (const auto* global = state->find("state"))
    return global->as_dict() != nullptr ? language::to_json(*global) : std::string{};
  const auto& members = *state->as_dict();
  const auto is_telling = [](const auto& member) { return !says_nothing(member.first); };
  if (cursor_field.empty() || std::count_if(members.begin(), members.end(), is_telling) != 1)
    return {};
  const auto& x = std::find_if(members.begin(), members.end(), is_telling)->second;
  if (x.as_string() == nullptr && !x.number())
    return {};
  return language::to_json(value{value_dict{{cursor_field, x}}});
}

} // namespace sluice
