#pragma once

#include <cstdint>
#include <string_view>

namespace sluice {

enum class token_check : std::uint8_t {
  refused,
  one_line,
  /// Line breaks stand between tokens.
  many_lines,
};

/// Checks a text of which simdjson's first stage has found the tokens: brackets, commas, colons, and the beginnings of
/// whatever else stands outside of strings. That stage has also checked the encoding, and that strings end and have no
/// raw control characters; this checks all else that `check_json` does, and agrees with it on every list and object.
/// Anything else is refused, also a document that is a scalar.
///
/// `tokens[count]` must be the text's size, and the text must go on with a zero byte and seven more that can be read.
/// For each bracket that opens at token `t`, `behind[t]` becomes the token behind the one that closes it; the other
/// elements are left alone.
token_check check_tokens(std::string_view text, const std::uint32_t* tokens, std::uint32_t count,
                         std::uint32_t* behind);

/// Copies a valid text without the blanks between its tokens and lets `tokens` point into the copy; `tokens[count]`
/// becomes its size, and a zero byte follows it. `to` needs room for the text and `copy_slack` more bytes, and the text
/// must go on with so many bytes that can be read.
void copy_without_blanks(std::string_view text, std::uint32_t* tokens, std::uint32_t count, char* to);
inline constexpr std::uint32_t copy_slack = 32;

} // namespace sluice
