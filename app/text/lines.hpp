#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Text on a terminal.
namespace sluice {

/// What a terminal can show.
struct screen {
  std::size_t columns = 80;
  std::size_t rows = 24;
  /// Characters beyond ASCII.
  bool utf8 = false;
  bool colour = false;
};

/// Columns that `text` takes: 2 for wide characters, 0 for combining ones.
std::size_t columns_of(std::string_view text);
/// `text` without what would move the cursor or break a line; without `utf8` everything beyond ASCII becomes `?`.
std::string printable(std::string_view text, bool utf8);
/// At most so many columns of `text`; what was cut off is marked by `…`, or `~` without `utf8`.
std::string clip(std::string_view text, std::size_t columns, bool utf8);
/// `text` in lines of at most so many columns, broken at blanks; a longer word gets a line of its own.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

enum class look : std::uint8_t { plain, dim, bold, good, bad, busy, warn };

/// A piece of a line, and how it looks on a terminal with colours.
struct piece {
  std::string text;
  look style = look::plain;
};
using styled_line = std::vector<piece>;

std::size_t columns_of(const styled_line& line);
/// At most so many columns of a line.
styled_line clip(styled_line line, std::size_t columns, bool utf8);
/// The line as it is written: with colour codes or without.
std::string rendered(const styled_line& line, bool colour);

} // namespace sluice
