#pragma once

// Where a stream's schema comes from.

#include "config/manifest/components/fields.hpp"

namespace sluice::compiling {

struct InlineSchemaLoader : component<InlineSchemaLoader> {
  static constexpr std::string_view type = "InlineSchemaLoader";
  dict schema{this, "schema"};
};

std::vector<component_rule> schemas_rules();

} // namespace sluice::compiling
