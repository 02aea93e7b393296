// Where a stream's schema comes from.

#include "config/manifest/components/table.hpp"

namespace sluice::compiling {

std::vector<component_rule> schemas_rows() {
  using k = field_kind;
  return {
    {"InlineSchemaLoader", {{"schema", k::dict}}},
  };
}

} // namespace sluice::compiling
