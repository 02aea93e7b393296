#include "app/text.hpp"

#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
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

// -- numbers ---------------------------------------------------------------------

std::string count_text(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string duration_text(std::int64_t us) {
  char text[48];
  auto s = us / 1'000'000;
  if (us < 1'000'000)
    std::snprintf(text, sizeof text, "%lld ms", static_cast<long long>(us / 1000));
  else if (us < 10'000'000)
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(us) / 1e6);
  else if (s < 120)
    std::snprintf(text, sizeof text, "%lld s", static_cast<long long>(s));
  else if (s < 7200)
    std::snprintf(text, sizeof text, "%lld min %02lld s", static_cast<long long>(s / 60),
                  static_cast<long long>(s % 60));
  else
    std::snprintf(text, sizeof text, "%lld h %02lld min", static_cast<long long>(s / 3600),
                  static_cast<long long>(s % 3600 / 60));
  return text;
}

std::string rough_duration_text(std::int64_t us) {
  auto s = (us + 999'999) / 1'000'000;
  if (s < 10)
    return std::to_string(std::max<std::int64_t>(s, 1)) + " s";
  if (s < 90)
    return std::to_string((s + 4) / 5 * 5) + " s";
  if (s < 7200)
    return std::to_string((s + 30) / 60) + " min";
  if (s < 48 * 3600)
    return std::to_string(s / 3600) + " h " + std::to_string(s % 3600 / 600 * 10) + " min";
  return std::to_string((s + 43200) / 86400) + " days";
}

std::string rate_text(double per_second) {
  if (per_second >= 10)
    return count_text(static_cast<std::uint64_t>(std::llround(per_second)));
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", per_second);
  return text;
}

std::string fine_duration_text(std::int64_t ns) {
  char text[32];
  if (ns < 1'000'000)
    std::snprintf(text, sizeof text, "%lld us", static_cast<long long>(ns / 1000));
  else if (ns < 10'000'000)
    std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(ns) / 1e6);
  else
    return duration_text(ns / 1000);
  return text;
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 4> units{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024)
    return std::to_string(bytes) + " B";
  auto n = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; n >= 1024 && unit + 1 < units.size(); ++unit)
    n /= 1024;
  char text[48];
  std::snprintf(text, sizeof text, n < 10 ? "%.1f %s" : "%.0f %s", n, units[unit]);
  return text;
}

std::string percent_text(double share) {
  return std::to_string(std::llround(share * 100)) + " %";
}

// -- text on a terminal ----------------------------------------------------------

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

// -- tables ----------------------------------------------------------------------

std::vector<styled_line> text_table::lines(std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    auto widest = titles ? columns_of(columns[c].title) : 0;
    for (const auto& row : rows)
      widest = std::max(widest, columns_of(row[c].text));
    widths.push_back(widest);
  }
  // Columns give way in this order; of equals, the rightmost first.
  std::vector<std::size_t> order;
  for (auto c = columns.size(); c-- > 0;)
    order.push_back(c);
  std::stable_sort(order.begin(), order.end(),
                   [this](std::size_t a, std::size_t b) { return columns[a].gives_way > columns[b].gives_way; });
  auto total = [&] {
    std::size_t sum = indent;
    bool first = true;
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (widths[c] > 0)
        sum += widths[c] + (std::exchange(first, false) ? 0 : columns[c].gap);
    return sum;
  };
  auto excess = [&] { return total() > width ? total() - width : 0; };
  const auto wanted = widths;
  for (auto c = columns.size(); c-- > 0;)
    if (auto enough = columns[c].enough; enough > 0 && widths[c] > enough)
      widths[c] -= std::min(excess(), widths[c] - enough);
  for (auto c : order) {
    auto over = excess();
    if (over == 0)
      break;
    auto least = columns[c].least;
    if (least > 0 && widths[c] > least && (widths[c] - least >= over || columns[c].gives_way == 0))
      widths[c] -= std::min(over, widths[c] - least);
    else if (columns[c].gives_way > 0)
      widths[c] = 0;
  }
  // What was dropped may have left more room than the narrowed ones had to give.
  for (std::size_t c = 0; c < columns.size(); ++c)
    while (columns[c].enough > 0 && widths[c] > 0 && widths[c] < wanted[c] && total() < width)
      ++widths[c];

  std::vector<styled_line> result;
  auto add = [&](auto&& cell) {
    styled_line line{{std::string(indent, ' '), look::plain}};
    std::size_t blanks = 0;
    bool first = true;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (widths[c] == 0)
        continue;
      piece p = cell(c);
      p.text = clip(p.text, widths[c], utf8);
      auto fill = widths[c] - columns_of(p.text);
      blanks += (std::exchange(first, false) ? 0 : columns[c].gap) + (columns[c].right ? fill : 0);
      if (!p.text.empty()) {
        if (blanks > 0)
          line.push_back({std::string(blanks, ' '), look::plain});
        line.push_back(std::move(p));
        blanks = 0;
      }
      blanks += columns[c].right ? 0 : fill;
    }
    result.push_back(clip(std::move(line), width, utf8));
  };
  if (titles)
    add([this](std::size_t c) { return piece{columns[c].title, look::dim}; });
  for (const auto& row : rows)
    add([&row](std::size_t c) { return row[c]; });
  return result;
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view align, std::size_t indent) {
  text_table table;
  table.indent = indent;
  std::size_t most = 0;
  for (const auto& row : rows)
    most = std::max(most, row.size());
  for (std::size_t c = 0; c < most; ++c)
    table.columns.push_back(
      {c < rows.front().size() ? rows.front()[c] : "", align[std::min(c, align.size() - 1)] == 'r'});
  for (std::size_t r = 1; r < rows.size(); ++r) {
    styled_line row(most);
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      row[c].text = rows[r][c];
    table.rows.push_back(std::move(row));
  }
  std::string result;
  for (const auto& line : table.lines(std::string::npos))
    result += rendered(line, false) + "\n";
  return result;
}

} // namespace sluice
