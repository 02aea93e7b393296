// How the body of an answer becomes JSON.

#include "config/manifest/components/table.hpp"

namespace sluice::compiling {

std::vector<component_rule> decoders_rows() {
  return {
    {"JsonDecoder", {}},
  };
}

} // namespace sluice::compiling
