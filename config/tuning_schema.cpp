#include "config/language/value.hpp"
#include "config/tuning.hpp"

#include <string>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

value text(std::string_view x) {
  return value{std::string{x}};
}

value key_schema(const tuning_key& k) {
  value_dict result{{"description", text(std::string{k.effect} + " " + k.range + ".")},
                    {"default", text(k.default_text)}};
  if (k.unit == "count") {
    result.emplace_back("type", text("integer"));
    result.emplace_back("minimum", value{static_cast<std::int64_t>(k.lowest)});
    result.emplace_back("maximum", value{static_cast<std::int64_t>(k.highest)});
    result[1].second = value{static_cast<std::int64_t>(std::stoll(k.default_text))};
  } else if (k.unit == "choice") {
    value_list words;
    for (auto word : k.words)
      words.push_back(text(word));
    result.emplace_back("enum", value{std::move(words)});
  } else if (k.unit == "size") {
    result.emplace_back("type", text("string"));
    result.emplace_back("pattern", text("^[0-9.]+(k|[KMG]i?)?B$"));
  } else {
    result.emplace_back("type", text("string"));
  }
  return value{std::move(result)};
}

value object(value_dict properties) {
  return value{value_dict{
    {"type", text("object")}, {"additionalProperties", value{false}}, {"properties", value{std::move(properties)}}}};
}

} // namespace

std::string tuning_json_schema() {
  value_dict properties;
  value_dict sections;
  for (const auto& k : tuning_keys()) {
    const auto dot = k.name.find('.');
    const auto section = std::string{k.name.substr(0, dot)};
    if (sections.empty() || sections.back().first != section)
      sections.emplace_back(section, value{value_dict{}});
    auto members = *sections.back().second.as_dict();
    members.emplace_back(std::string{k.name.substr(dot + 1)}, key_schema(k));
    sections.back().second = value{std::move(members)};
    properties.emplace_back(std::string{k.name}, key_schema(k));
  }
  // A section whose keys are all commented out is nothing.
  for (auto& [name, members] : sections)
    properties.emplace_back(
      name, value{value_dict{
              {"anyOf", value{value_list{object(*members.as_dict()), value{value_dict{{"type", text("null")}}}}}}}});
  return language::to_json(value{value_dict{{"$schema", text("http://json-schema.org/draft-07/schema#")},
                                            {"title", text("The tuning file of Sluice")},
                                            {"type", text("object")},
                                            {"additionalProperties", value{false}},
                                            {"properties", value{std::move(properties)}}}})
         + "\n";
}

} // namespace sluice
