#include "config/manifest/components/schemas.hpp"

#include <algorithm>
#include <utility>

namespace sluice::compiling {

namespace {

using target = cast_rule::target;

constexpr std::pair<std::string_view, target> casts[] = {{"string", target::string},
                                                         {"number", target::number},
                                                         {"integer", target::integer},
                                                         {"boolean", target::boolean},
                                                         {"array", target::array}};

/// The names in a schema's `type`, which may be one of them.
std::vector<std::string_view> types_in(const value& schema) {
  std::vector<std::string_view> result;
  auto add = [&](const value& x) {
    if (x.as_string() != nullptr)
      result.emplace_back(*x.as_string());
  };
  if (const auto* type = schema.find("type")) {
    add(*type);
    if (type->as_list() != nullptr)
      std::for_each(type->as_list()->begin(), type->as_list()->end(), add);
  }
  return result;
}

/// A value is put into a list if its elements may be anything, or one of several types that are none of list or object.
/// A single type does not count: the reference takes its name apart.
bool wraps_values(const value& schema) {
  const auto* items = schema.find("items");
  if (items == nullptr)
    return true;
  const auto* type = items->find("type");
  if (type == nullptr || type->as_list() == nullptr)
    return items->is_dict() && type == nullptr;
  const auto types = types_in(*items);
  return std::all_of(types.begin(), types.end(), [](auto x) { return x != "array" && x != "object"; });
}

target cast_for(const value& schema, std::vector<std::string_view> types) {
  types.erase(std::remove(types.begin(), types.end(), "null"), types.end());
  if (types.size() != 1)
    return target::none;
  const auto* cast
    = std::find_if(std::begin(casts), std::end(casts), [&](const auto& x) { return x.first == types[0]; });
  if (cast == std::end(casts) || (cast->second == target::array && !wraps_values(schema)))
    return target::none;
  return cast->second;
}

} // namespace

std::vector<component_rule> schemas_rules() {
  return rules_of<InlineSchemaLoader, JsonFileSchemaLoader>();
}

std::shared_ptr<const cast_rule> compile_casts(context& x, const field_ref& asked_by, const value& schema) {
  if (!schema.is_dict())
    return nullptr;
  if (schema.find("$ref") != nullptr)
    x.refuse(asked_by, "the stream's schema has a $ref that leads nowhere, so its types are not known");
  cast_rule rule;
  const auto types = types_in(schema);
  rule.to = cast_for(schema, types);
  rule.keeps_null = std::find(types.begin(), types.end(), "null") != types.end();
  if (const auto* properties = schema.find("properties"); properties != nullptr && properties->as_dict() != nullptr)
    for (const auto& [name, property] : *properties->as_dict())
      if (auto below = compile_casts(x, asked_by, property))
        rule.fields.emplace_back(name, std::move(below));
  std::sort(rule.fields.begin(), rule.fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (const auto* items = schema.find("items"))
    rule.items = compile_casts(x, asked_by, *items);
  if (rule.to == target::none && rule.fields.empty() && !rule.items)
    return nullptr;
  return std::make_shared<const cast_rule>(std::move(rule));
}

} // namespace sluice::compiling
