#include "tests/fuzz/mutator.hpp"

namespace sluice::fuzz {

namespace {

/// What is special to one of the readers.
constexpr std::string_view words[] = {
  "\"",
  "\\",
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "\n",
  "\r\n",
  " ",
  "\t",
  "null",
  "true",
  "-1",
  "0",
  "1e400",
  "99999999999999999999",
  "\\u0000",
  "\\ud800",
  "\xC3",
  "\xFF",
  "\xEF\xBB\xBF",
  "{{",
  "}}",
  "(",
  ")",
  "|",
  "..",
  "//",
  "http://",
  "@",
  "#",
  "%",
  "%%",
  "?",
  "&a",
  "*a",
  "- ",
  "<<: ",
  "$ref: '#/'",
  "''",
  "config",
  "response",
  "range(9)",
  " * 99999",
  " ~ ",
  ".get(",
  "P9999999Y",
  "0001-01-01",
  "9999-12-31",
  "Z",
  "+23:59",
  "\n%%\n",
};

} // namespace

std::string_view mutator::piece(std::string_view text, std::size_t longest) {
  auto from = below(text.size() + 1);
  return text.substr(from, 1 + below(longest));
}

void mutator::change(std::string& text) {
  auto at = below(text.size() + 1);
  switch (below(7)) {
    case 0:
      if (at < text.size())
        text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
      break;
    case 1:
      if (at < text.size())
        text[at] = static_cast<char>(below(256));
      break;
    case 2:
      text.insert(at, words[below(std::size(words))]);
      break;
    case 3:
      text.erase(at, 1 + below(16));
      break;
    case 4:
      text.insert(at, std::string{piece(text, 64)});
      break;
    case 5:
      text.insert(at, piece(any_entry(), 64));
      break;
    default:
      text.resize(at); // cut off
  }
}

std::string mutator::next() {
  auto result = any_entry();
  // Mostly few changes: what is broken all over is refused at once.
  auto changes = below(4) == 0 ? 1 + below(8) : 1 + below(2);
  for (std::size_t i = 0; i < changes; ++i)
    change(result);
  return result;
}

} // namespace sluice::fuzz
