#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// What a byte that is not UTF-8 decodes to.
inline constexpr char32_t replacement_character = 0xFFFD;

/// The code point that starts at `text[at]`; moves `at` behind it. A byte that is not UTF-8 yields U+FFFD and counts
/// alone.
char32_t next_code_point(std::string_view text, std::size_t& at) noexcept;

/// Appends `c` as UTF-8; a surrogate or an impossible code point becomes U+FFFD.
void append_utf8(std::string& out, char32_t c);

bool is_valid_utf8(std::string_view text) noexcept;

/// Number of code points, which is Python's `len`.
std::size_t count_code_points(std::string_view text) noexcept;

/// Byte position of code point `index`, at most `text.size()`.
std::size_t byte_offset(std::string_view text, std::size_t index) noexcept;

/// Python's `str.isspace` for one character.
bool is_space(char32_t c) noexcept;

/// Python's `str.isprintable` for one character, except that unassigned code points count as printable.
bool is_printable(char32_t c) noexcept;

/// Simple case mapping of ASCII, Latin-1, Latin Extended-A, Greek and Cyrillic letters; others stay.
char32_t to_lower(char32_t c) noexcept;
char32_t to_upper(char32_t c) noexcept;

std::string lower(std::string_view text);
std::string upper(std::string_view text);

/// `text` without the white space at its start and end.
std::string_view strip(std::string_view text) noexcept;
std::string_view strip_left(std::string_view text) noexcept;
std::string_view strip_right(std::string_view text) noexcept;

} // namespace sluice::language::detail
