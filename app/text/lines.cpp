#include "app/text/lines.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice {

namespace {

using range = std::pair<char32_t, char32_t>;

/// Blocks of combining characters and of joiners, which take no column of their own.
constexpr std::array<range, 9> narrow{{{0x0300, 0x036F},
                                       {0x0483, 0x0489},
                                       {0x0591, 0x05BD},
                                       {0x0610, 0x061A},
                                       {0x064B, 0x065F},
                                       {0x1AB0, 0x1AFF},
                                       {0x200B, 0x200F},
                                       {0x20D0, 0x20FF},
                                       {0xFE00, 0xFE0F}}};
/// Blocks of East Asian wide characters and emoji (Unicode's EastAsianWidth, W and F), in whole blocks.
constexpr std::array<range, 9> wide{{{0x1100, 0x115F},
                                     {0x2E80, 0xA4CF},
                                     {0xA960, 0xA97C},
                                     {0xAC00, 0xD7A3},
                                     {0xF900, 0xFAFF},
                                     {0xFE30, 0xFE6F},
                                     {0xFF00, 0xFF60},
                                     {0x1F300, 0x1FAFF},
                                     {0x20000, 0x3FFFD}}};

template <std::size_t N>
bool in(const std::array<range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](const range& r) { return c >= r.first && c <= r.second; });
}

/// The character at the start of `text`, and its length in bytes.
std::pair<char32_t, std::size_t> first_character(std::string_view text) {
  std::size_t bytes = 0;
  auto c = next_code_point(text, bytes);
  return {c, bytes};
}

std::size_t columns_of(char32_t c) {
  return in(narrow, c) ? 0 : in(wide, c) ? 2 : 1;
}

/// Control characters, line and paragraph separators, and what turns the direction of writing.
bool moves_the_cursor(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E)
         || (c >= 0x2066 && c <= 0x2069);
}

const char* code_of(look style) {
  switch (style) {
    case look::dim:
      return "\033[2m";
    case look::bold:
      return "\033[1m";
    case look::good:
      return "\033[32m";
    case look::bad:
      return "\033[31m";
    case look::busy:
      return "\033[36m";
    case look::warn:
      return "\033[33m";
    case look::plain:
      break;
  }
  return "";
}

} // namespace

std::size_t columns_of(std::string_view text) {
  std::size_t n = 0;
  while (!text.empty()) {
    auto [c, bytes] = first_character(text);
    n += columns_of(c);
    text.remove_prefix(bytes);
  }
  return n;
}

std::string printable(std::string_view text, bool utf8) {
  std::string result;
  while (!text.empty()) {
    auto [c, bytes] = first_character(text);
    if (moves_the_cursor(c) || c == replacement_character || (c > 0x7E && !utf8))
      result += '?';
    else
      result += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return result;
}

std::string clip(std::string_view text, std::size_t columns, bool utf8) {
  if (columns_of(text) <= columns)
    return std::string{text};
  if (columns == 0)
    return "";
  std::string result;
  for (std::size_t left = columns - 1; !text.empty();) {
    auto [c, bytes] = first_character(text);
    if (columns_of(c) > left)
      break;
    left -= columns_of(c);
    result += text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return result + (utf8 ? "…" : "~");
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    auto end = std::min(text.find(' '), text.size());
    auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && columns_of(line) + 1 + columns_of(word) > columns)
      lines.push_back(std::exchange(line, {}));
    line += (line.empty() ? "" : " ") + std::string{word};
  }
  if (!line.empty())
    lines.push_back(std::move(line));
  return lines;
}

std::size_t columns_of(const styled_line& line) {
  std::size_t n = 0;
  for (const auto& p : line)
    n += columns_of(p.text);
  return n;
}

styled_line clip(styled_line line, std::size_t columns, bool utf8) {
  if (columns_of(line) <= columns)
    return line;
  for (std::size_t i = 0; i < line.size(); ++i) {
    auto wanted = columns_of(line[i].text);
    // The rest does not fit, so this piece must carry the mark even if it would just fit itself.
    if (wanted >= columns) {
      line[i].text = clip(wanted == columns ? line[i].text + " " : line[i].text, columns, utf8);
      line.resize(i + 1);
      break;
    }
    columns -= wanted;
  }
  return line;
}

std::string rendered(const styled_line& line, bool colour) {
  std::string result;
  for (const auto& p : line)
    if (colour && p.style != look::plain && p.text.find_first_not_of(' ') != std::string::npos)
      result += code_of(p.style) + p.text + "\033[0m";
    else
      result += p.text;
  return result;
}

} // namespace sluice
