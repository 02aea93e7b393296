#include "app/text.hpp"

#include <cmath>
#include <cstdio>

namespace sluice {

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

std::string rate_text(double per_second) {
  if (per_second >= 10)
    return count_text(static_cast<std::uint64_t>(std::llround(per_second)));
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", per_second);
  return text;
}

} // namespace sluice
