#pragma once

#include "config/manifest/plan/records.hpp"
#include "config/manifest/plan/templates.hpp"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

/// A text of the manifest is a template that sees `config`; everything else is as it stands.
using value_or_template = std::variant<language::value, text_template>;

/// ConfigAddFields: sets fields, one after the other. Templates see `config` as the fields before have left it.
struct add_config_fields {
  struct field {
    std::vector<std::string> path;
    text_template value;
    value_kind kind = value_kind::any;
  };
  std::vector<field> fields;
  /// Sees `value` and `path` as well, and is asked for each field.
  std::optional<condition> when;
};

/// ConfigRemapField: a text that is a key of the map becomes what the map has for it.
struct remap_config_field {
  struct entry {
    text_template key;
    value_or_template becomes;
  };
  std::vector<text_template> path;
  /// Or a template that makes the map.
  std::variant<std::vector<entry>, text_template> map;
};

/// ConfigRemoveFields: segments are patterns of `glob_matches`, and one may be `**` for any number of keys.
struct remove_config_fields {
  std::vector<std::vector<std::string>> paths;
  std::optional<condition> when;
};

struct change_rule {
  /// Where it is in the manifest, for messages.
  std::string place;
  std::variant<add_config_fields, remap_config_field, remove_config_fields> what;
};

/// DpathValidator: each value that the path leads to; none if it leads nowhere. Segments as in `remove_config_fields`.
struct values_at_path {
  std::vector<std::string> path;
};

/// Values must keep to a JSON schema (ValidateAdheresToSchema). A text is read as JSON first, as in the reference.
struct check_rule {
  std::string place;
  /// PredicateValidator: a value of the manifest.
  std::variant<values_at_path, value_or_template> what;
  value_or_template schema;
};

/// What a manifest does with a config before anybody reads it (`config_normalization_rules`).
struct config_rules {
  /// What they change is for good: the config is to be kept as they leave it.
  std::vector<change_rule> migrations;
  /// For this run alone.
  std::vector<change_rule> transformations;
  std::vector<check_rule> validations;
};

} // namespace sluice
