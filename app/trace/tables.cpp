#include "app/trace/tables.hpp"

#include "app/text/tables.hpp"

#include <algorithm>
#include <utility>

namespace sluice::trace {

styled_line plain_row(std::vector<std::string> cells) {
  styled_line row;
  row.reserve(cells.size());
  for (auto& cell : cells)
    row.push_back({std::move(cell), look::plain});
  return row;
}

std::string shown(text_table table, const view_options& o, const std::vector<std::string>& brief) {
  table.utf8 = o.utf8;
  auto width = o.whole_lines ? std::string::npos : o.width;
  if (!o.whole_lines && !brief.empty()) {
    auto lines = table.lines(std::string::npos);
    if (std::any_of(lines.begin(), lines.end(), [width](const styled_line& l) { return columns_of(l) > width; }))
      for (std::size_t i = 0; i < brief.size(); ++i)
        table.rows[i].back().text = brief[i];
  }
  std::string result;
  for (const auto& line : table.lines(width))
    result += rendered(line, o.colour) + "\n";
  return result;
}

} // namespace sluice::trace
