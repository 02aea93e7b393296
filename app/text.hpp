#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

// -- numbers ---------------------------------------------------------------------

/// `12,345`
std::string count_text(std::uint64_t n);
/// `40 ms`, `4.2 s`, `12 s`, `3 min 05 s`, `2 h 10 min`
std::string duration_text(std::int64_t us);
/// For forecasts, rounded: `4 s`, `40 s`, `3 min`, `2 h 10 min`, `3 days`
std::string rough_duration_text(std::int64_t us);
/// `0.7`, `12`, `1,234`
std::string rate_text(double per_second);
/// `7 us`, `982 us`, `1.8 ms`, `24 ms`, `2.0 s`, ...: for times that may be far below a millisecond.
std::string fine_duration_text(std::int64_t ns);
/// `512 B`, `24 KiB`, `3.4 MiB`, `120 MiB`, `1.5 GiB`
std::string bytes_text(std::uint64_t bytes);
/// `81 %`
std::string percent_text(double share);

// -- text on a terminal ----------------------------------------------------------

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

// -- tables ----------------------------------------------------------------------

struct table_column {
  std::string title;
  bool right = true;
  /// Columns with higher numbers give way first when the table is too wide; 0: never dropped, only narrowed.
  int gives_way = 0;
  /// It may be narrowed to this many columns, and is narrowed before it is dropped; 0: never narrowed.
  std::size_t least = 0;
  /// Blanks between it and the one before.
  std::size_t gap = 2;
  /// It is narrowed to this many columns before any other column gives way; 0: it is not.
  std::size_t enough = 0;
};

/// Rows whose columns stand below each other, as wide as there is room.
struct text_table {
  std::vector<table_column> columns;
  /// Each has a piece for each column.
  std::vector<styled_line> rows;
  std::size_t indent = 2;
  /// Without it the titles get no line.
  bool titles = true;
  bool utf8 = false;

  /// Lines of at most `width` columns, without blanks at their ends.
  std::vector<styled_line> lines(std::size_t width) const;
};

/// Rows as a plain table, however wide; the first row holds the titles.
/// @param align `l` or `r` for each column, the last letter counts for those that follow; not empty.
std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view align,
                       std::size_t indent = 2);

} // namespace sluice
