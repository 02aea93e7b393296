#include "actors/net/transport.hpp"

#include "actors/net/ascii.hpp"

namespace sluice::net {

std::optional<std::string_view> response::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers)
    if (equals_ignoring_case(key, name))
      return std::string_view{value};
  return std::nullopt;
}

} // namespace sluice::net
