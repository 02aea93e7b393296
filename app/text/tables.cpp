#include "app/text/tables.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

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

} // namespace sluice
