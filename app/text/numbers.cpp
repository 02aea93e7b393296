#include "app/text/numbers.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace sluice {

std::string count_text(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

std::string rate_text(double per_second) {
  if (per_second >= 10)
    return count_text(static_cast<std::uint64_t>(std::llround(per_second)));
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", per_second);
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

} // namespace sluice
