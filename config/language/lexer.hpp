#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace sluice::language::detail {

/// What is wrong with a template's source, and where (byte position).
struct syntax_error {
  std::string message;
  std::size_t at = 0;
};

enum class token_kind : std::uint8_t { name, integer, floating, string, symbol, end };

struct token {
  token_kind kind = token_kind::end;
  /// A name, a symbol, the digits of a number, or the text that a string literal means.
  std::string text;
  std::size_t at = 0;
};

/// A template cut at its delimiters: text, or the tokens of one expression or statement, closed by a token `end`.
struct piece {
  std::string text;
  std::vector<token> tokens;
  bool is_statement = false;
};

/// Cuts a template as Jinja does: `{{ }}`, `{% %}`, `{# #}`, `{% raw %}`, white space control with `-`, one line break
/// at the end dropped.
tl::expected<std::vector<piece>, syntax_error> cut(std::string_view source);

} // namespace sluice::language::detail
