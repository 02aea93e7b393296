#include "messages/text/glob.hpp"

#include "messages/text/utf8.hpp"

#include <cstddef>

namespace sluice {

namespace {

/// What stands at `at` of a pattern, for one character: whether `c` is it, and where the pattern goes on.
struct one_character {
  bool fits = false;
  std::size_t behind = 0;
};

/// `at` is behind the `[`. Nothing in `behind` if it is never closed.
one_character class_at(std::string_view pattern, std::size_t at, char32_t c) noexcept {
  const bool negated = at < pattern.size() && pattern[at] == '!';
  if (negated)
    ++at;
  // A bracket that closes at once is a member.
  const auto close = pattern.find(']', at + 1);
  if (close == std::string_view::npos)
    return {};
  bool found = false;
  while (at < close) {
    const auto low = next_code_point(pattern, at);
    auto high = low;
    if (at + 1 < close && pattern[at] == '-') {
      ++at;
      high = next_code_point(pattern, at);
    }
    found = found || (low <= c && c <= high);
  }
  return {found != negated, close + 1};
}

one_character fits(std::string_view pattern, std::size_t at, char32_t c) noexcept {
  if (pattern[at] == '?')
    return {true, at + 1};
  if (pattern[at] == '[')
    if (auto of_class = class_at(pattern, at + 1, c); of_class.behind > 0)
      return of_class;
  const bool same = next_code_point(pattern, at) == c;
  return {same, at};
}

} // namespace

bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  // The star met last, and the text that it does not stand for yet: it takes one character more when the rest fails.
  auto star = std::string_view::npos;
  std::size_t rest = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      rest = t;
      continue;
    }
    auto behind = t;
    const auto c = next_code_point(text, behind);
    if (const auto one = p < pattern.size() ? fits(pattern, p, c) : one_character{}; one.fits) {
      p = one.behind;
      t = behind;
      continue;
    }
    if (star == std::string_view::npos)
      return false;
    next_code_point(text, rest);
    t = rest;
    p = star;
  }
  while (p < pattern.size() && pattern[p] == '*')
    ++p;
  return p == pattern.size();
}

} // namespace sluice
