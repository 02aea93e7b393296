#pragma once

// Where a stream's schema comes from.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"
#include "config/manifest/plan/casts.hpp"

#include <memory>

namespace sluice::compiling {

struct InlineSchemaLoader : component<InlineSchemaLoader> {
  static constexpr std::string_view type = "InlineSchemaLoader";
  dict schema{this, "schema"};
};

struct JsonFileSchemaLoader : component<JsonFileSchemaLoader> {
  static constexpr std::string_view type = "JsonFileSchemaLoader";
  static constexpr std::string_view added = "next";
  text file_path{this, "file_path"};
};

/// What a stream's field for a schema loader holds.
using any_schema_loader = child_or_children_ref<InlineSchemaLoader, JsonFileSchemaLoader>;

std::vector<component_rule> schemas_rules();

/// What `schema_normalization` makes of records with this schema; null: nothing. Faults are those of `asked_by`.
std::shared_ptr<const cast_rule> compile_casts(context& x, const field_ref& asked_by, const value& schema);

} // namespace sluice::compiling
