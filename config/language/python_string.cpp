#include "config/language/python_string.hpp"

#include "messages/text/utf8.hpp"

#include <charconv>

namespace sluice::language::detail {

namespace {

/// The code point that `count` hexadecimal digits at `body[at]` name.
std::optional<char32_t> hexadecimal(std::string_view body, std::size_t at, std::size_t count) {
  if (body.size() < at + count)
    return std::nullopt;
  unsigned x = 0;
  auto end = body.data() + at + count;
  auto [stop, code] = std::from_chars(body.data() + at, end, x, 16);
  if (code != std::errc{} || stop != end || x > 0x10FFFF)
    return std::nullopt;
  return x;
}

/// The length of the octal number, of at most three digits, at `body[at]`.
std::size_t octal_length(std::string_view body, std::size_t at) {
  std::size_t length = 0;
  while (length < 3 && at + length < body.size() && body[at + length] >= '0' && body[at + length] <= '7')
    ++length;
  return length;
}

/// Letters that stand for one character.
std::optional<char> simple_escape(char c) {
  constexpr std::string_view letters = "\\'\"abfnrtv";
  constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
  auto found = letters.find(c);
  return found == std::string_view::npos ? std::nullopt : std::optional{meanings[found]};
}

/// A pair of `\u` escapes for one code point beyond the basic plane, as JSON writes it.
std::optional<char32_t> low_surrogate(std::string_view body, std::size_t at) {
  if (body.substr(at, 2) != "\\u")
    return std::nullopt;
  auto unit = hexadecimal(body, at + 2, 4);
  return unit && *unit >= 0xDC00 && *unit <= 0xDFFF ? unit : std::nullopt;
}

} // namespace

std::optional<std::string> unescape(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] != '\\') {
      out.push_back(body[at++]);
      continue;
    }
    if (++at == body.size())
      return std::nullopt;
    char c = body[at];
    if (auto simple = simple_escape(c)) {
      out.push_back(*simple);
      ++at;
    } else if (c == '\n') { // a line that goes on
      ++at;
    } else if (auto octal = octal_length(body, at); octal > 0) {
      unsigned x = 0;
      std::from_chars(body.data() + at, body.data() + at + octal, x, 8);
      append_utf8(out, x);
      at += octal;
    } else if (c == 'x' || c == 'u' || c == 'U') {
      std::size_t count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      auto x = hexadecimal(body, at + 1, count);
      if (!x)
        return std::nullopt;
      at += 1 + count;
      if (auto low = c == 'u' && *x >= 0xD800 && *x < 0xDC00 ? low_surrogate(body, at) : std::nullopt) {
        x = 0x10000 + ((*x - 0xD800) << 10) + (*low - 0xDC00);
        at += 6;
      }
      append_utf8(out, *x);
    } else if (c == 'N') {
      return std::nullopt;
    } else {
      out.push_back('\\');
    }
  }
  return out;
}

} // namespace sluice::language::detail
