#pragma once

#include <cstdint>
#include <initializer_list>

namespace sluice::simulator {

/// Mixes the bits of a number (the finaliser of splitmix64): equal on all machines, unlike the standard's
/// distributions.
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

/// A random number that depends on all parts and on their order.
constexpr std::uint64_t mix(std::initializer_list<std::uint64_t> parts) noexcept {
  std::uint64_t result = 0;
  for (auto part : parts)
    result = mix(result ^ mix(part));
  return result;
}

} // namespace sluice::simulator
