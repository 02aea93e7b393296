#pragma once

#include "messages/slice.hpp"

#include <cstdint>

namespace sluice {

/// The id of an endpoint's n-th slice: unique in a run, never 0, without a shared counter.
inline std::uint64_t slice_id(endpoint_id endpoint, std::uint64_t n) {
  return (static_cast<std::uint64_t>(endpoint + 1) << 40) | n;
}

} // namespace sluice
