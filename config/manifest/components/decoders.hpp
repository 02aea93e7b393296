#pragma once

// How the body of an answer becomes JSON.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/plan/decoders.hpp"

namespace sluice::compiling {

struct SimpleRetriever;

struct JsonDecoder : component<JsonDecoder> {
  static constexpr std::string_view type = "JsonDecoder";
};

/// What a component's field for a decoder holds: one of all that there are.
using any_decoder = child_ref<JsonDecoder>;

std::vector<component_rule> decoders_rules();

decoder compile_decoder(const view<SimpleRetriever>& retriever);

} // namespace sluice::compiling
