#include "config/manifest/components/normalization.hpp"

#include "config/manifest/components/all.hpp"

#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

/// The config is not known yet when rules are compiled: it is what they change.
const std::vector<std::string> config_alone{"config"};

value_or_template made_of(context& x, const field_ref& field, const value& source, const std::string& path) {
  if (const auto* text = source.as_string())
    return x.dynamic(field, *text, path, config_alone);
  return source;
}

value_or_template made_of(context& x, const field_ref& field) {
  return made_of(x, field, *field.raw(), field.path());
}

change_rule change_of(context& x, const view<ConfigAddFields>& c) {
  using fields = AddedFieldDefinition;
  add_config_fields result;
  result.when = x.dynamic_condition(c[&ConfigAddFields::condition], {"config", "value", "path"});
  for (const auto& added : c[&ConfigAddFields::fields].list()) {
    const auto path = added[&fields::path];
    result.fields.push_back({path.list(), x.dynamic(added[&fields::value], config_alone),
                             added[&fields::value_type].chosen.value_or(value_kind::any)});
    if (path.list().empty())
      x.refuse(path, "must not be empty");
    for (const auto& segment : path.list())
      if (is_far_position(segment))
        x.refuse(path, "the position " + segment + " in a list is not supported; at most 1000 is");
  }
  return {c.path(), std::move(result)};
}

change_rule change_of(context& x, const view<ConfigRemapField>& c) {
  remap_config_field result;
  const auto path = c[&ConfigRemapField::field_path];
  for (const auto& segment : path.list())
    result.path.push_back(x.dynamic(path, segment, config_alone));
  if (result.path.empty())
    x.refuse(path, "must not be empty");
  const auto map = c[&ConfigRemapField::map];
  if (const auto* entries = map.raw()->as_dict()) {
    std::vector<remap_config_field::entry> all;
    for (const auto& [key, becomes] : *entries)
      all.push_back(
        {x.dynamic(map, key, map.path() + "." + key, config_alone), made_of(x, map, becomes, map.path() + "." + key)});
    result.map = std::move(all);
  } else {
    result.map = x.dynamic(map, *map.raw()->as_string(), config_alone);
  }
  return {c.path(), std::move(result)};
}

change_rule change_of(context& x, const view<ConfigRemoveFields>& c) {
  remove_config_fields result;
  const auto pointers = c[&ConfigRemoveFields::field_pointers];
  for (const auto& pointer : pointers.rows())
    result.paths.push_back(checked_path(x, pointers, pointer, true));
  result.when = x.dynamic_condition(c[&ConfigRemoveFields::condition], config_alone);
  return {c.path(), std::move(result)};
}

void add_changes(context& x, const any_config_changes& from, std::vector<change_rule>& to) {
  for (const auto& one : from.list())
    to.push_back(std::visit([&x](const auto& c) { return change_of(x, c); }, one));
}

value_or_template schema_of(context& x, const std::optional<view<ValidateAdheresToSchema>>& strategy) {
  return made_of(x, (*strategy)[&ValidateAdheresToSchema::base_schema]);
}

check_rule check_of(context& x, const view<DpathValidator>& c) {
  const auto field = c[&DpathValidator::field_path];
  std::vector<std::string> path;
  for (const auto& segment : field.list())
    path.push_back(x.fixed_text(field, segment)); // without the config, as in the reference
  if (path.empty())
    x.refuse(field, "must not be empty");
  return {c.path(), values_at_path{checked_path(x, field, std::move(path), true)},
          schema_of(x, c[&DpathValidator::validation_strategy].get())};
}

check_rule check_of(context& x, const view<PredicateValidator>& c) {
  return {c.path(), made_of(x, c[&PredicateValidator::value]),
          schema_of(x, c[&PredicateValidator::validation_strategy].get())};
}

} // namespace

std::vector<component_rule> normalization_rules() {
  return rules_of<ConfigNormalizationRules, ConfigMigration, ConfigAddFields, ConfigRemapField, ConfigRemoveFields,
                  DpathValidator, PredicateValidator, ValidateAdheresToSchema>();
}

config_rules compile_normalization(context& x, const view<DeclarativeSource>& source) {
  using fields = ConfigNormalizationRules;
  config_rules result;
  const auto spec = source[&DeclarativeSource::spec].get();
  const auto rules = spec ? (*spec)[&Spec::config_normalization_rules].get() : std::nullopt;
  if (!rules)
    return result;
  for (const auto& migration : (*rules)[&fields::config_migrations].list())
    add_changes(x, migration[&ConfigMigration::transformations], result.migrations);
  add_changes(x, (*rules)[&fields::transformations], result.transformations);
  for (const auto& one : (*rules)[&fields::validations].list())
    result.validations.push_back(std::visit([&x](const auto& c) { return check_of(x, c); }, one));
  return result;
}

} // namespace sluice::compiling
