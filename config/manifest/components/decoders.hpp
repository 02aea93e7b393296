#pragma once

// How the body of an answer becomes JSON.

#include "config/manifest/components/fields.hpp"

namespace sluice::compiling {

struct JsonDecoder : component<JsonDecoder> {
  static constexpr std::string_view type = "JsonDecoder";
};

std::vector<component_rule> decoders_rules();

} // namespace sluice::compiling
