#include "config/config_keys.hpp"

#include "config/nearest.hpp"
#include "messages/text/json_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;

constexpr std::size_t most_warnings = 5;

constexpr std::string_view quota_key = "on_quota";
constexpr std::array<std::string_view, 3> quota_words{"stop", "wait", "finish"};

/// Keywords that hold schemas for the same object: one, or a list.
constexpr std::array<std::string_view, 6> in_place_schemas{"allOf", "anyOf", "oneOf", "if", "then", "else"};

/// The specification says what the key is, so it is a setting of the connector, too.
bool declares(const value& schema, std::string_view key) {
  const auto* properties = schema.find("properties");
  return properties != nullptr && properties->find(key) != nullptr;
}

bool is_quota_word(std::string_view word) {
  return std::find(quota_words.begin(), quota_words.end(), word) != quota_words.end();
}

/// The names of all properties that a specification declares, also in its alternatives; nothing if some need no
/// declaration.
std::optional<std::vector<std::string_view>> declared_keys(const value& schema) {
  std::vector<std::string_view> result;
  if (const auto* additional = schema.find("additionalProperties"); additional != nullptr && additional->as_dict())
    return std::nullopt;
  if (const auto* properties = schema.find("properties"); properties != nullptr && properties->as_dict())
    for (const auto& member : *properties->as_dict())
      result.push_back(member.first);
  for (auto keyword : in_place_schemas) {
    const auto* part = schema.find(keyword);
    if (part == nullptr)
      continue;
    const auto* several = part->as_list();
    const auto* end = several != nullptr ? several->data() + several->size() : part + 1;
    for (const auto* branch = several != nullptr ? several->data() : part; branch != end; ++branch) {
      auto more = declared_keys(*branch);
      if (!more)
        return std::nullopt;
      result.insert(result.end(), more->begin(), more->end());
    }
  }
  return result;
}

} // namespace

expected<std::string> take_quota_word(value_dict& dict, const value& schema) {
  const auto found
    = std::find_if(dict.begin(), dict.end(), [](const auto& member) { return member.first == quota_key; });
  if (found == dict.end())
    return std::string{};
  const auto* text = found->second.as_string();
  auto word = text != nullptr && is_quota_word(*text) ? *text : std::string{};
  if (declares(schema, quota_key))
    return word;
  if (word.empty())
    return fail(errc::bad_config, failure_type::config_error,
                "Config validation error: on_quota: expected stop, wait or finish.");
  dict.erase(found);
  return word;
}

std::vector<std::string> warnings_of_unknown_keys(const value_dict& dict, const value& schema) {
  std::vector<std::string> result;
  const auto known = declared_keys(schema);
  if (!known || known->empty())
    return result;
  std::size_t unknown = 0;
  for (const auto& member : dict) {
    const std::string_view key = member.first;
    // Those that begin so are a platform's own.
    if (key.starts_with("__") || std::find(known->begin(), known->end(), key) != known->end()
        || ++unknown > most_warnings)
      continue;
    auto text = "The config's key " + json_string(utf8_prefix(key, 100)) + " is not known to the connector";
    const auto near = nearest(key, *known);
    result.push_back(text + (near.empty() ? ", which passes it over." : "; did you mean " + std::string{near} + "?"));
  }
  if (unknown > most_warnings)
    result.push_back(std::to_string(unknown - most_warnings)
                     + " more keys of the config are not known to the connector.");
  return result;
}

} // namespace sluice
