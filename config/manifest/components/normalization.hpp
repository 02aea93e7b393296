#pragma once

// What a manifest does with a config before anybody reads it.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/records.hpp"
#include "config/manifest/components/support.hpp"
#include "config/manifest/plan/normalization.hpp"

namespace sluice::compiling {

struct DeclarativeSource;

struct ConfigAddFields : component<ConfigAddFields> {
  static constexpr std::string_view type = "ConfigAddFields";
  static constexpr std::string_view added = "next";
  children<AddedFieldDefinition> fields{this, "fields", required};
  text condition{this, "condition"};
};

struct ConfigRemapField : component<ConfigRemapField> {
  static constexpr std::string_view type = "ConfigRemapField";
  static constexpr std::string_view added = "next";
  text_or_dict map{this, "map", required};
  texts field_path{this, "field_path", required};
};

struct ConfigRemoveFields : component<ConfigRemoveFields> {
  static constexpr std::string_view type = "ConfigRemoveFields";
  static constexpr std::string_view added = "next";
  text_grid field_pointers{this, "field_pointers", required};
  text condition{this, "condition"};
};

/// What a list of changes of the config holds.
using any_config_changes = children_ref<ConfigRemapField, ConfigAddFields, ConfigRemoveFields>;

struct ConfigMigration : component<ConfigMigration> {
  static constexpr std::string_view type = "ConfigMigration";
  static constexpr std::string_view added = "next";
  field<ConfigMigration, any_config_changes> transformations{this, "transformations", required};
  ignored description{this, "description"};
};

struct ValidateAdheresToSchema : component<ValidateAdheresToSchema> {
  static constexpr std::string_view type = "ValidateAdheresToSchema";
  static constexpr std::string_view added = "next";
  text_or_dict base_schema{this, "base_schema", required};
};

struct DpathValidator : component<DpathValidator> {
  static constexpr std::string_view type = "DpathValidator";
  static constexpr std::string_view added = "next";
  texts field_path{this, "field_path", required};
  child<ValidateAdheresToSchema> validation_strategy{this, "validation_strategy", required};
};

struct PredicateValidator : component<PredicateValidator> {
  static constexpr std::string_view type = "PredicateValidator";
  static constexpr std::string_view added = "next";
  anything value{this, "value", required};
  child<ValidateAdheresToSchema> validation_strategy{this, "validation_strategy", required};
};

struct ConfigNormalizationRules : component<ConfigNormalizationRules> {
  static constexpr std::string_view type = "ConfigNormalizationRules";
  static constexpr std::string_view added = "next";
  static constexpr bool is_closed = true;
  children<ConfigMigration> config_migrations{this, "config_migrations"};
  field<ConfigNormalizationRules, any_config_changes> transformations{this, "transformations"};
  children<DpathValidator, PredicateValidator> validations{this, "validations"};
};

std::vector<component_rule> normalization_rules();

config_rules compile_normalization(context& x, const view<DeclarativeSource>& source);

} // namespace sluice::compiling
