#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text as UTF-8. A byte that is not part of valid UTF-8 stands alone, and for U+FFFD.
namespace sluice {

inline constexpr char32_t replacement_character = 0xFFFD;

/// Length of the UTF-8 sequence at the start of `text` (1 to 4), or 0 if there is no valid one: overlong forms,
/// surrogates and code points beyond U+10FFFF are not valid.
std::size_t utf8_sequence_length(std::string_view text) noexcept;

/// Offset of the first byte that is not part of valid UTF-8, or `text.size()`.
std::size_t valid_utf8_prefix(std::string_view text) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;

/// `text` with U+FFFD for each byte that is not part of valid UTF-8.
std::string as_valid_utf8(std::string_view text);

/// At most `max_bytes` of the start of `text`, never ending inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept;

/// Number of characters (code points) of `text`.
std::size_t utf8_length(std::string_view text) noexcept;

/// Byte position of character `index`, at most `text.size()`.
std::size_t utf8_offset(std::string_view text, std::size_t index) noexcept;

/// The code point that starts at `text[at]`, which must exist; moves `at` behind it.
char32_t next_code_point(std::string_view text, std::size_t& at) noexcept;

/// Appends `c` as UTF-8; a surrogate or an impossible code point becomes U+FFFD.
void append_utf8(std::string& out, char32_t c);

} // namespace sluice
