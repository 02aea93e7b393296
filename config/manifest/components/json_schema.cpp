#include "config/manifest/components/json_schema.hpp"

#include "config/language/value.hpp"
#include "config/manifest/components/table.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

value text(std::string_view x) {
  return value{std::string{x}};
}

value definition(std::string_view name) {
  return value{value_dict{{"$ref", text("#/definitions/" + std::string{name})}}};
}

value types(std::initializer_list<std::string_view> names) {
  value_list list;
  for (auto name : names)
    list.push_back(text(name));
  return value{value_dict{{"type", value{std::move(list)}}}};
}

value any_of(value_list alternatives) {
  return value{value_dict{{"anyOf", value{std::move(alternatives)}}}};
}

value list_of(value element) {
  return value{value_dict{{"type", text("array")}, {"items", std::move(element)}}};
}

/// Numbers and booleans become text.
value scalar() {
  return types({"string", "number", "boolean", "null"});
}

std::vector<std::string_view> schema_words_of(std::string_view detail) {
  std::vector<std::string_view> result;
  if (detail.starts_with("="))
    detail.remove_prefix(1);
  while (!detail.empty()) {
    const auto bar = detail.find('|');
    result.push_back(detail.substr(0, bar));
    detail = bar == std::string_view::npos ? std::string_view{} : detail.substr(bar + 1);
  }
  return result;
}

/// One of the components, or a reference to something that is one.
value component(const field_rule& x) {
  value_list alternatives;
  for (auto word : schema_words_of(x.detail))
    alternatives.push_back(definition(word));
  alternatives.push_back(definition("reference"));
  return any_of(std::move(alternatives));
}

/// What may stand in a field, references to it aside.
value field_content(const field_rule& x) {
  switch (x.kind) {
    case field_kind::text:
      return scalar();
    case field_kind::texts:
      return list_of(scalar());
    case field_kind::text_grid:
      return list_of(list_of(scalar()));
    case field_kind::text_or_texts:
      return any_of({scalar(), list_of(scalar())});
    case field_kind::text_map:
      return types({"object", "null"});
    case field_kind::text_or_map:
    case field_kind::text_or_dict:
      return types({"string", "object", "null"});
    case field_kind::boolean:
      return types({"boolean", "null"});
    case field_kind::codes:
      return list_of(types({"integer", "string"}));
    case field_kind::dict:
      return types({"object", "null"});
    case field_kind::anything:
      return value{value_dict{}};
    case field_kind::key:
      return any_of({scalar(), list_of(any_of({scalar(), list_of(scalar())}))});
    case field_kind::choice: {
      value_list words;
      for (auto word : schema_words_of(x.detail))
        words.push_back(text(word));
      return value{value_dict{{"enum", value{std::move(words)}}}};
    }
    case field_kind::component:
      return component(x);
    case field_kind::components:
      return list_of(component(x));
    case field_kind::component_or_components:
      return any_of({component(x), list_of(component(x))});
    case field_kind::text_or_component:
      return any_of({scalar(), component(x)});
    case field_kind::component_map:
      return value{value_dict{{"type", text("object")}, {"additionalProperties", component(x)}}};
    case field_kind::ignored:
      return value{value_dict{{"description", text("Passed over.")}}};
    case field_kind::unsupported:
      break;
  }
  return value{value_dict{{"description", text("Not supported: an error unless it is empty.")}}};
}

value schema_of(const field_rule& x) {
  auto content = field_content(x);
  const bool plain = x.kind == field_kind::ignored || x.kind == field_kind::unsupported;
  // Lists and scalars may be references, too.
  return plain ? content : any_of({std::move(content), definition("reference")});
}

value schema_of(const component_rule& rule) {
  value_dict properties;
  value_dict result{{"type", text("object")}};
  if (!rule.extension) {
    properties.emplace_back("type", value{value_dict{{"const", text(rule.type)}}});
    properties.emplace_back("$parameters", types({"object"}));
  }
  std::string needed;
  for (const auto& x : rule.fields) {
    properties.emplace_back(x.name, schema_of(x));
    if (x.required)
      needed += (needed.empty() ? "" : ", ") + x.name;
  }
  result.emplace_back("description", text("Needs " + (needed.empty() ? std::string{"nothing"} : needed) + "."));
  result.emplace_back("properties", value{std::move(properties)});
  if (rule.closed)
    result.emplace_back("additionalProperties", value{false});
  return value{std::move(result)};
}

value reference() {
  value_dict with_key{{"type", text("object")},
                      {"required", value{value_list{text("$ref")}}},
                      {"properties", value{value_dict{{"$ref", types({"string"})}}}}};
  value_dict as_text{{"type", text("string")}, {"pattern", text("^#/")}};
  return any_of({value{std::move(with_key)}, value{std::move(as_text)}});
}

} // namespace

std::string manifest_json_schema() {
  value_dict definitions{{"reference", reference()}};
  for (const auto& family : component_families())
    for (const auto& rule : family.rules)
      definitions.emplace_back(std::string{rule.type}, schema_of(rule));
  return language::to_json(
           value{value_dict{{"$schema", text("http://json-schema.org/draft-07/schema#")},
                            {"title", text("A manifest in Airbyte's low-code language, as Sluice reads it")},
                            {"allOf", value{value_list{definition("DeclarativeSource")}}},
                            {"definitions", value{std::move(definitions)}}}})
         + "\n";
}

} // namespace sluice
