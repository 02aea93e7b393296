#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

/// Goes on with a fingerprint.
constexpr std::uint64_t add_to_fingerprint(std::uint64_t hash, std::string_view text) noexcept {
  for (char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// The part of a `key_fingerprint` that all records of a stream share.
constexpr std::uint64_t key_fingerprint_of_stream(std::string_view stream) noexcept {
  return add_to_fingerprint(add_to_fingerprint(0xcbf29ce484222325, stream), std::string_view{"\0", 1});
}

/// Tells records apart in a trace without their contents: FNV-1a (64 bits, the constants of its authors) of the
/// stream's name, a zero byte, and the primary key's JSON text as the record has it, e.g. `"123"` with its quotes;
/// several values joined by a comma.
constexpr std::uint64_t key_fingerprint(std::string_view stream, std::string_view key_json) noexcept {
  return add_to_fingerprint(key_fingerprint_of_stream(stream), key_json);
}

} // namespace sluice
