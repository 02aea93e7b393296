#include "actors/core/slices/partition.hpp"

#include "actors/core/state/cursor_text.hpp"
#include "config/language/value.hpp"
#include "messages/text/json_scan.hpp"
#include "messages/text/json_text.hpp"

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

/// What becomes of empty parent slices.
enum class empty_parents : std::uint8_t { written, left_out };

std::string partition_text(std::map<std::string, std::string> members, empty_parents how) {
  auto& parent = members[parent_slice_key];
  if (parent.empty() || parent == "null")
    parent = "{}";
  else if (parent.front() == '{' && parent != "{}")
    parent = partition_text(canonical_members(parent), how);
  if (parent == "{}" && how == empty_parents::left_out)
    members.erase(parent_slice_key);
  return canonical_object(members);
}

std::string partition_text(std::string_view json, empty_parents how) {
  const auto* end = json.data() + json.size();
  return partition_text(canonical_members(json::view(json::skip_space(json.data(), end), end)), how);
}

void add_labels(std::string& out, std::string_view object) {
  const auto* end = object.data() + object.size();
  json::each_field(object.data(), end, [&](std::string_view key, const char* at) {
    const auto* behind = json::skip_value(at, end);
    const auto value = json::view(at, behind);
    if (key == parent_slice_field && value.starts_with('{'))
      add_labels(out, value);
    else
      out += " " + json::unescape(key) + "=" + state_text::shown_json(value);
    return behind;
  });
}

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

std::string make_partition(std::string_view field, std::string_view key, std::string_view parent) {
  if (parent.empty())
    parent = "{}";
  std::string out = "{";
  out.reserve(field.size() + key.size() + parent.size() + 24);
  append_json_string(out, field);
  out += ':';
  out += key;
  out += ",\"";
  out += parent_slice_field;
  out += "\":";
  out += parent;
  return out += '}';
}

std::string make_partition(std::string_view field, std::string_view value) {
  std::string out = "{";
  out.reserve(field.size() + value.size() + 8);
  append_json_string(out, field);
  out += ':';
  out += value;
  return out += '}';
}

std::string combined_objects(const std::vector<std::string_view>& objects) {
  std::vector<std::pair<std::string_view, std::string_view>> members;
  for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
    const auto* end = object->data() + object->size();
    json::each_field(object->data(), end, [&](std::string_view key, const char* at) {
      const auto* behind = json::skip_value(at, end);
      const auto value = json::view(at, behind);
      const auto known = std::find_if(members.begin(), members.end(), [key](const auto& x) { return x.first == key; });
      if (known == members.end())
        members.emplace_back(key, value);
      else
        known->second = value;
      return behind;
    });
  }
  std::string out = "{";
  for (const auto& [key, value] : members) {
    out += out.size() > 1 ? ",\"" : "\"";
    out += key;
    out += "\":";
    out += value;
  }
  return out += '}';
}

namespace {

/// What a factor gives to any partition.
std::string sample_part(const plan& p, const slice_factor& factor) {
  const auto origins = origins_of(factor);
  if (origins.empty())
    return {};
  if (const auto* list = std::get_if<list_values>(&origins.front()))
    return make_partition(list->field, "\"0\"");
  const auto& edge = p.edges[std::get<parent_records>(origins.front()).edges.front()];
  return make_partition(edge.partition_field, "\"0\"", sample_partition(p, p.endpoints[edge.parent]));
}

} // namespace

std::string sample_partition(const plan& p, const endpoint& e) {
  std::vector<std::string> parts;
  for (const auto& factor : e.slices.factors)
    if (auto part = sample_part(p, factor); !part.empty())
      parts.push_back(std::move(part));
  return parts.empty() ? std::string{} : combined_objects({parts.begin(), parts.end()});
}

std::string partition_key(std::string_view partition) {
  return partition_text(partition, empty_parents::written);
}

std::string partition_name(std::string_view partition) {
  return partition_text(partition, empty_parents::left_out);
}

std::string partition_label(std::string_view partition) {
  std::string out;
  if (!partition.empty())
    add_labels(out, partition);
  return out;
}

} // namespace sluice
