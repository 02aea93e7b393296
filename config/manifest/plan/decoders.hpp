#pragma once

#include <variant>

namespace sluice {

/// JsonDecoder: the body is JSON text as it came.
struct json_decoder {
  bool operator==(const json_decoder&) const = default;
};

/// How the body of an answer becomes JSON text. Everything behind that is the same for all.
using decoder = std::variant<json_decoder>;

} // namespace sluice
