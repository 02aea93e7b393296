#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice {

/// Length of the UTF-8 sequence at the start of `text` (1 to 4), or 0 if there is no valid one: overlong forms,
/// surrogates and code points beyond U+10FFFF are not valid.
std::size_t utf8_sequence_length(std::string_view text) noexcept;

/// Offset of the first byte that is not part of valid UTF-8, or `text.size()`.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

/// At most `max_bytes` of the start of `text`, never ending inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;

/// Number of characters (code points) of `text`; a byte that is not valid counts as one.
std::size_t utf8_length(std::string_view text) noexcept;

/// Appends `text` as a JSON string with its quotes. Control characters are escaped, everything else stays raw (also
/// U+2028); a byte that is not part of valid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// `text` as a JSON string with its quotes; see `append_json_string`.
std::string json_string(std::string_view text);

} // namespace sluice
