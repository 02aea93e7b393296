#include "config/manifest/components/decoders.hpp"

namespace sluice::compiling {

std::vector<component_rule> decoders_rules() {
  return rules_of<JsonDecoder>();
}

decoder compile_decoder(const view<SimpleRetriever>&) {
  return json_decoder{}; // the only one that the table knows
}

} // namespace sluice::compiling
