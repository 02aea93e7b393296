#include "actors/core/state/state_members.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/cursor_text.hpp"
#include "messages/text/json_check.hpp"
#include "messages/text/json_scan.hpp"

#include <algorithm>

namespace sluice {

std::string without_field(std::string_view text, std::string_view name) {
  if (text.empty() || check_json(text))
    return std::string{text};
  const auto json = canonical_json(text);
  if (json.front() != '{' || json::find_field(json, name).empty())
    return std::string{text};
  std::string result;
  const auto* end = json.data() + json.size();
  json::each_field(json.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    if (key != name)
      result += (result.empty() ? "\"" : ",\"") + std::string{key} + "\":" + std::string{json::view(at, behind)};
    return behind;
  });
  return "{" + result + "}";
}

std::string only_field(std::string_view text, std::string_view name) {
  if (text.empty() || check_json(text))
    return {};
  const auto json = canonical_json(text);
  const auto value = json.front() == '{' ? json::find_field(json, name) : std::string_view{};
  return value.empty() ? std::string{} : "{\"" + std::string{name} + "\":" + std::string{value} + "}";
}

std::string with_members(std::string object, const std::string& members) {
  if (members.empty())
    return object;
  object.pop_back();
  return object + (object.size() > 1 ? "," : "") + members + "}";
}

std::vector<state_member> members_of(std::string_view object) {
  std::vector<state_member> out;
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    auto name = json::unescape(key);
    if (!state_text::is_marker(name))
      out.push_back({std::move(name), key, json::view(at, behind)});
    return behind;
  });
  return out;
}

std::string_view value_of(const std::vector<state_member>& members, std::string_view key) {
  const auto found
    = std::find_if(members.rbegin(), members.rend(), [key](const state_member& m) { return m.key == key; });
  return found == members.rend() ? std::string_view{} : found->value;
}

std::optional<error> misused_marker(std::string_view object, const std::string& where) {
  for (const std::string_view name : {"__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete"})
    if (const auto value = json::find_field(object, name); !value.empty() && value != "true")
      return state_text::bad_state("The state's " + where + (where.empty() ? "\"" : ".\"") + std::string{name}
                                   + "\" is " + state_text::shown_json(value) + ", expected true.")
        .value();
  return std::nullopt;
}

} // namespace sluice
