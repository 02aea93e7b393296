#include "config/manifest/identity.hpp"

#include "config/language/template.hpp"
#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice {

namespace {

using language::value;
using language::value_dict;
using language::value_list;

struct field_name {
  std::string_view type;
  std::string_view field;
};

/// What has to do with outputs alone: which records a stream takes from a page, and what they look like.
constexpr field_name output_fields[] = {
  {"DpathExtractor", "field_path"},
  {"DpathExtractor", "record_expander"},
  {"RecordSelector", "record_filter"},
  {"RecordSelector", "schema_normalization"},
  {"RecordSelector", "transform_before_filtering"},
  {"RecordSelector", "x-sluice"},
  {"ParentStreamConfig", "stream"}, // compared as a part of the plan
};

/// These say the same as a field that is missing.
constexpr std::string_view absences[] = {"NoAuth", "NoPagination", "JsonDecoder"};

/// Where it makes no difference, a path begins without a slash.
constexpr field_name path_field = {"HttpRequester", "path"};

std::string_view type_of(const value& x) {
  const auto* type = x.as_dict() != nullptr ? x.find("type") : nullptr;
  return type != nullptr && type->as_string() != nullptr ? std::string_view{*type->as_string()} : std::string_view{};
}

bool is_output_field(std::string_view type, std::string_view field) {
  return std::any_of(std::begin(output_fields), std::end(output_fields),
                     [&](const field_name& x) { return x.type == type && x.field == field; });
}

bool is_absence(const value& x) {
  return std::find(std::begin(absences), std::end(absences), type_of(x)) != std::end(absences);
}

/// A text with the parameters that it reads: as what it renders to if it reads nothing else, or beside it.
value with_parameters(const std::string& text, const value* parameters) {
  if (text.find("parameters") == std::string::npos || text.find("{{") == std::string::npos)
    return value{text};
  value_list both{value{text}, parameters != nullptr ? *parameters : value{value_dict{}}};
  // A condition is an expression without braces, and other templates read more than parameters.
  auto parsed = language::text_template::parse(text, {"parameters"});
  if (!parsed)
    return value{std::move(both)};
  language::scope s;
  s.set("parameters", both[1]);
  s.set_now({}); // the same text gives the same text
  auto rendered = parsed->render(s);
  if (!rendered || rendered->find("{{") != std::string::npos)
    return value{std::move(both)};
  return value{std::move(*rendered)};
}

/// `x`, which stands somewhere in a component with these parameters, without what makes no difference.
value reduced(const value& x, const value* parameters) {
  if (const auto* text = x.as_string())
    return with_parameters(*text, parameters);
  if (const auto* list = x.as_list()) {
    value_list result;
    for (const auto& element : *list)
      result.push_back(reduced(element, parameters));
    return value{std::move(result)};
  }
  const auto* dict = x.as_dict();
  if (dict == nullptr)
    return x;
  const auto type = type_of(x);
  if (!type.empty())
    parameters = x.find("$parameters");
  value_dict result;
  for (const auto& [key, member] : *dict) {
    if (key == "$parameters" || is_output_field(type, key) || is_absence(member))
      continue;
    auto y = reduced(member, parameters);
    if (const auto* text = y.as_string();
        text != nullptr && type == path_field.type && key == path_field.field && text->rfind('/', 0) == 0)
      y = value{text->substr(1)};
    result.emplace_back(key, std::move(y));
  }
  return value{std::move(result)};
}

} // namespace

std::string identity_of(const value& stream) {
  using compiling::DeclarativeStream;
  const compiling::view<DeclarativeStream> fields{compiling::component_view{stream, {}}};
  value_list parts;
  for (const auto& part :
       {fields[&DeclarativeStream::retriever].raw(), fields[&DeclarativeStream::incremental_sync].raw()})
    parts.push_back(part != nullptr ? reduced(*part, nullptr) : value{});
  return language::to_json(value{std::move(parts)});
}

std::string identity_of_part(const value& component) {
  return language::to_json(reduced(component, nullptr));
}

} // namespace sluice
