#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

/// Tells records apart in a trace without their contents: FNV-1a (64 bits, the constants of its authors) of the
/// stream's name, a zero byte, and the primary key's JSON text as the record has it, e.g. `"123"` with its quotes;
/// several values joined by a comma.
constexpr std::uint64_t key_fingerprint(std::string_view stream, std::string_view key_json) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  auto take = [&hash](char c) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  for (char c : stream)
    take(c);
  take('\0');
  for (char c : key_json)
    take(c);
  return hash;
}

} // namespace sluice
