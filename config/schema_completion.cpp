#include "config/schema_completion.hpp"

#include "config/language/value.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

/// Keywords that hold one schema, or a list of them.
constexpr std::array<std::string_view, 10> schema_keywords{
  "items", "additionalProperties", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "contains"};
/// Keywords that hold schemas by name.
constexpr std::array<std::string_view, 4> named_schema_keywords{"properties", "patternProperties", "definitions",
                                                                "$defs"};

template <std::size_t N>
bool holds_word(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool schema_allows(const value& schema, std::string_view type) {
  const auto* types = schema.find("type");
  if (types == nullptr)
    return false;
  const auto matches = [type](const value& x) { return x.as_string() != nullptr && *x.as_string() == type; };
  const auto* list = types->as_list();
  return list != nullptr ? std::any_of(list->begin(), list->end(), matches) : matches(*types);
}

value completed_schema(const value& schema, bool is_root);

value completed_schema_part(const value& x) {
  const auto* list = x.as_list();
  if (list == nullptr)
    return completed_schema(x, false);
  value_list result;
  for (const auto& element : *list)
    result.push_back(completed_schema(element, false));
  return value{std::move(result)};
}

value completed_schema_names(const value& x) {
  const auto* dict = x.as_dict();
  if (dict == nullptr)
    return x;
  value_dict result;
  for (const auto& [name, schema] : *dict)
    result.emplace_back(name, completed_schema(schema, false));
  return value{std::move(result)};
}

value completed_schema(const value& schema, bool is_root) {
  const auto* dict = schema.as_dict();
  if (dict == nullptr)
    return schema;
  value_dict result;
  for (const auto& [key, x] : *dict)
    result.emplace_back(key, holds_word(schema_keywords, key)         ? completed_schema_part(x)
                             : holds_word(named_schema_keywords, key) ? completed_schema_names(x)
                                                                      : x);
  const auto add = [&](const char* key, value x) {
    if (schema.find(key) == nullptr)
      result.emplace_back(key, std::move(x));
  };
  if (is_root)
    add("type", value{std::string{"object"}});
  if (is_root || schema_allows(schema, "object")) {
    add("properties", value{value_dict{}});
    add("additionalProperties", value{true});
  }
  if (schema_allows(schema, "array"))
    add("items", value{value_dict{}});
  return value{std::move(result)};
}

} // namespace

std::string complete_schema(std::string_view schema) {
  const auto parsed = language::parse_json(schema);
  return parsed && parsed->as_dict() ? language::to_json(completed_schema(*parsed, true)) : std::string{schema};
}

} // namespace sluice
