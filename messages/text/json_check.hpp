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
  /// Completes "the body ...": `ends before the JSON document is complete`. Never shows any of the text itself: it may
  /// hold secrets.
  std::string what;
  /// Byte at which it was noticed.
  std::size_t offset = 0;
  /// It is Unicode, but not UTF-8.
  bool other_encoding = false;
};

/// What is asked for beyond JSON's grammar.
struct json_bounds {
  /// At most `max_json_depth`.
  std::size_t depth = max_json_depth;
  /// The text is to be decoded: a double must hold each number, and an escaped surrogate needs its partner. RFC 8259
  /// leaves both to the reader (sections 6 and 8.2); what is only passed on is not read.
  bool is_decoded = false;
};

/// Checks that `text` is one JSON document in valid UTF-8, by the grammar alone: numbers may have any size and
/// precision.
std::optional<json_problem> check_json(std::string_view text, json_bounds bounds = {});

} // namespace sluice
