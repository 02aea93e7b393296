#pragma once

#include "app/text/lines.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

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

} // namespace sluice
