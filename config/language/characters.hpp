#pragma once

#include <string>
#include <string_view>

/// What Python knows about characters (of UTF-8 text).
namespace sluice::language::detail {

/// Python's `str.isspace` for one character.
bool is_space(char32_t c) noexcept;

/// What a word of a regular expression (`\w`) may hold: letters beyond ASCII count, punctuation there does not.
bool is_word(char32_t c) noexcept;

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
