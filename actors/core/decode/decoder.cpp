#include "actors/core/decode/decoder.hpp"

#include <string_view>

namespace sluice {

namespace {

// One for each alternative.

expected<void> decode(const json_decoder&, std::string& body, std::size_t) {
  // Many servers send a byte order mark, and every decoder skips it.
  if (constexpr std::string_view mark = "\xEF\xBB\xBF"; body.starts_with(mark))
    body.erase(0, mark.size());
  return {};
}

} // namespace

expected<void> decode_body(const decoder& how, std::string& body, std::size_t most_bytes) {
  return std::visit([&](const auto& alternative) { return decode(alternative, body, most_bytes); }, how);
}

} // namespace sluice
