#include "actors/core/partition.hpp"

#include "config/language/value.hpp"
#include "messages/json_scan.hpp"

#include <algorithm>
#include <map>

namespace sluice {

namespace {

std::string canonical_string(std::string_view raw) {
  if (raw.find('\\') == std::string_view::npos)
    return "\"" + std::string{raw} + "\"";
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  auto decoded = json::unescape(raw);
  // Half of a surrogate pair cannot be decoded; two of them must not become the same text.
  if (decoded.find(replacement) != std::string::npos)
    return "\"" + std::string{raw} + "\"";
  return language::to_json(language::value{std::move(decoded)});
}

std::string canonical_object(const std::map<std::string, std::string>& members) {
  std::string out = "{";
  for (const auto& [key, value] : members)
    out += (out.size() > 1 ? "," : "") + key + ":" + value;
  return out + "}";
}

/// The members of an object in canonical form, sorted by key. Of equal keys the last one counts.
std::map<std::string, std::string> canonical_members(std::string_view object) {
  std::map<std::string, std::string> members;
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    members.insert_or_assign(canonical_string(key), canonical_json(json::view(at, behind)));
    return behind;
  });
  return members;
}

const std::string parent_slice_key = "\"parent_slice\"";

} // namespace

std::string canonical_json(std::string_view text) {
  const auto* end = text.data() + text.size();
  const auto* first = json::skip_space(text.data(), end);
  if (first == end)
    return {};
  if (*first == '{')
    return canonical_object(canonical_members(json::view(first, end)));
  if (*first == '[') {
    std::string out = "[";
    json::each_element(first, end, [&](const char* at) {
      const auto* behind = json::skip_value(at, end);
      out += (out.size() > 1 ? "," : "") + canonical_json(json::view(at, behind));
      return behind;
    });
    return out + "]";
  }
  const auto scalar = json::view(first, json::skip_value(first, end));
  return *first == '"' && scalar.size() >= 2 ? canonical_string(scalar.substr(1, scalar.size() - 2))
                                             : std::string{scalar};
}

std::string partition_key(const std::vector<partition_field>& partition) {
  std::map<std::string, std::string> members;
  for (const auto& f : partition)
    members.insert_or_assign(language::to_json(language::value{f.name}), canonical_json(f.json));
  members.erase(parent_slice_key);
  return canonical_object(members);
}

std::string partition_key(std::string_view partition_json) {
  const auto* end = partition_json.data() + partition_json.size();
  auto members = canonical_members(json::view(json::skip_space(partition_json.data(), end), end));
  members.erase(parent_slice_key);
  return canonical_object(members);
}

} // namespace sluice
