#include "config/manifest/components/document.hpp"

#include "config/manifest/components/conformance.hpp"
#include "config/manifest/components/table.hpp"

#include <algorithm>
#include <vector>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

std::string_view name_of(field_kind kind) {
  switch (kind) {
    case field_kind::text:
      return "text";
    case field_kind::texts:
      return "texts";
    case field_kind::text_grid:
      return "lists of texts";
    case field_kind::text_or_texts:
      return "text or texts";
    case field_kind::text_map:
      return "dict of texts";
    case field_kind::text_or_map:
      return "text or dict of texts";
    case field_kind::boolean:
      return "boolean";
    case field_kind::codes:
      return "whole numbers";
    case field_kind::dict:
      return "dict";
    case field_kind::text_or_dict:
      return "text or dict";
    case field_kind::anything:
      return "any value";
    case field_kind::key:
      return "key";
    case field_kind::choice:
      return "choice";
    case field_kind::component:
      return "component";
    case field_kind::components:
      return "components";
    case field_kind::component_or_components:
      return "component or components";
    case field_kind::text_or_component:
      return "text or component";
    case field_kind::component_map:
      return "dict of components";
    case field_kind::ignored:
      return "ignored";
    case field_kind::unsupported:
      return "unsupported";
  }
  return {};
}

/// `A` and `B` of `=A|B`.
std::vector<std::string> words_of(std::string_view detail) {
  std::vector<std::string> result;
  if (!detail.empty() && detail.front() == '=')
    detail.remove_prefix(1);
  while (!detail.empty()) {
    auto bar = detail.find('|');
    result.emplace_back(detail.substr(0, bar));
    detail = bar == std::string_view::npos ? std::string_view{} : detail.substr(bar + 1);
  }
  return result;
}

std::string since_of(std::string_view since, std::string_view version) {
  return std::string{since == "next" ? version : since};
}

bool is_read(const field_rule& x) {
  return x.kind != field_kind::ignored && x.kind != field_kind::unsupported;
}

/// What may stand in a field, in brackets; nothing for text.
std::string content_of(const field_rule& x) {
  if (x.kind == field_kind::text)
    return {};
  std::string result;
  for (const auto& word : words_of(x.detail))
    result += (result.empty() ? "" : ", ") + ("`" + word + "`");
  if (result.empty())
    result = name_of(x.kind);
  else if (x.kind == field_kind::components)
    result = "list of " + result;
  else if (x.kind == field_kind::component_or_components)
    result = "one or a list of " + result;
  else if (x.kind == field_kind::text_or_component)
    result = "text or " + result;
  else if (x.kind == field_kind::component_map)
    result = "dict of " + result;
  return " (" + result + ")";
}

template <class Predicate>
std::string names_where(const component_rule& rule, Predicate holds) {
  std::string result;
  for (const auto& x : rule.fields)
    if (holds(x))
      result += (result.empty() ? "" : ", ") + x.name;
  return result;
}

/// The names of the conformance cases about a component. Our own keys have no reference to conform to.
std::string cases_of(const component_rule& rule) {
  if (rule.type.find("x-sluice") != std::string_view::npos)
    return "-";
  std::string result;
  for (const auto& x : conformance_cases())
    if (x.component == rule.type)
      result += (result.empty() ? "" : ", ") + std::string{x.name};
  return result.empty() ? "none" : result;
}

std::string row_of(const component_rule& rule, std::string_view version) {
  std::string fields;
  for (const auto& x : rule.fields) {
    if (!is_read(x))
      continue;
    fields += (fields.empty() ? "" : ", ") + (x.required ? "**" + x.name + "**" : x.name) + content_of(x);
    if (!x.since.empty())
      fields += " since " + since_of(x.since, version);
  }
  auto passed_over = names_where(rule, [](const auto& x) { return x.kind == field_kind::ignored; });
  auto refused = names_where(rule, [](const auto& x) { return x.kind == field_kind::unsupported; });
  std::string result = "| `" + std::string{rule.type} + "` |";
  for (const auto& cell : {fields, passed_over, refused, since_of(rule.since, version), cases_of(rule)})
    result += (cell.empty() ? "" : " " + cell) + " |";
  return result + "\n";
}

std::string table_of(const component_family& family, std::string_view version) {
  std::string result
    = "| component | fields | passed over | refused | since | conformance cases |\n|---|---|---|---|---|---|\n";
  for (const auto& rule : family.rules)
    result += row_of(rule, version);
  return result;
}

value json_of(const field_rule& x, std::string_view version) {
  value_dict result{{"name", value{x.name}}, {"kind", value{std::string{name_of(x.kind)}}}};
  value_list words;
  for (auto& word : words_of(x.detail))
    words.emplace_back(std::move(word));
  if (!words.empty())
    result.emplace_back(x.kind == field_kind::choice ? "words" : "types", value{std::move(words)});
  result.emplace_back("required", value{x.required});
  if (!x.since.empty())
    result.emplace_back("since", value{since_of(x.since, version)});
  return value{std::move(result)};
}

} // namespace

std::string components_markdown(std::string_view family, std::string_view version) {
  for (const auto& x : component_families())
    if (x.name == family)
      return table_of(x, version);
  return {};
}

std::string components_markdown(std::string_view version) {
  std::string result;
  for (const auto& family : component_families())
    result += "### " + std::string{family.name} + "\n\n" + table_of(family, version) + "\n";
  result += "### not supported\n\n";
  for (auto type : unsupported_components())
    result += "- `" + std::string{type} + "`\n";
  return result;
}

std::string components_json(std::string_view version) {
  value_list components;
  for (const auto& family : component_families())
    for (const auto& rule : family.rules) {
      value_list fields;
      for (const auto& x : rule.fields)
        fields.push_back(json_of(x, version));
      value_list cases;
      for (const auto& x : conformance_cases())
        if (x.component == rule.type)
          cases.emplace_back(std::string{x.name});
      components.emplace_back(value_dict{{"type", value{std::string{rule.type}}},
                                         {"family", value{std::string{family.name}}},
                                         {"extension", value{rule.extension}},
                                         {"since", value{since_of(rule.since, version)}},
                                         {"fields", value{std::move(fields)}},
                                         {"conformance", value{std::move(cases)}}});
    }
  value_list unsupported;
  for (auto type : unsupported_components())
    unsupported.emplace_back(std::string{type});
  return language::to_json(value{value_dict{{"version", value{std::string{version}}},
                                            {"components", value{std::move(components)}},
                                            {"unsupported", value{std::move(unsupported)}}}})
         + "\n";
}

} // namespace sluice
