#include "config/nearest.hpp"

#include "messages/text/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace sluice {

namespace {

/// No key is as long; the work for a name grows with its length.
constexpr std::size_t longest_name = 200;

/// Damerau-Levenshtein distance (optimal string alignment), three rows at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto same = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2])
          && ascii_lower(a[i - 2]) == ascii_lower(b[j - 1]))
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

} // namespace

std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  auto best_distance = longest_name;
  if (name.size() > longest_name)
    return best;
  for (auto candidate : candidates) {
    auto d = distance(name, candidate);
    if (d < best_distance && d <= std::max<std::size_t>(2, candidate.size() / 3)) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

} // namespace sluice
