#include "config/manifest/components/decoders.hpp"

namespace sluice::compiling {

std::vector<component_rule> decoders_rules() {
  return rules_of<JsonDecoder>();
}

} // namespace sluice::compiling
