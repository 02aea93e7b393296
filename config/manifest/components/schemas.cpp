#include "config/manifest/components/schemas.hpp"

namespace sluice::compiling {

std::vector<component_rule> schemas_rules() {
  return rules_of<InlineSchemaLoader>();
}

} // namespace sluice::compiling
