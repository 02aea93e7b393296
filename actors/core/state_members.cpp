#include "actors/core/state_members.hpp"

#include "actors/core/json_check.hpp"
#include "actors/core/partition.hpp"
#include "messages/json_scan.hpp"

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

} // namespace sluice
