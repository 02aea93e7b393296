#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Levels of nesting that a page may have.
inline constexpr std::size_t max_json_depth = 1024;

/// Why a text is not JSON.
struct json_problem {
  /// Completes "the body ...": `ends in the middle of a string`.
  std::string what;
  /// Byte at which it was noticed.
  std::size_t offset = 0;
};

/// Checks that `text` is one JSON document in valid UTF-8, by the grammar alone: numbers may have any size and
/// precision, escaped surrogates need no partner (RFC 8259 section 8.2 leaves both to the reader, and records are not
/// read here).
std::optional<json_problem> check_json(std::string_view text);

} // namespace sluice
