#include "app/text.hpp"

#include "messages/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

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

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000)
    return std::to_string(bytes) + " B";
  static constexpr const char* units[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
  auto size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.5 && unit + 1 < std::size(units); ++unit)
    size /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, size < 9.95 ? "%.1f %s" : "%.0f %s", size, units[unit]);
  return text;
}

std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view align,
                       std::string_view indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths.resize(std::max(widths.size(), i + 1));
      widths[i] = std::max(widths[i], utf8_length(row[i]));
    }
  std::string result;
  for (const auto& row : rows) {
    std::string line{indent};
    for (std::size_t i = 0; i < row.size(); ++i) {
      bool right = !align.empty() && align[std::min(i, align.size() - 1)] == 'r';
      std::string blanks(widths[i] - utf8_length(row[i]), ' ');
      line += right ? blanks + row[i] : row[i] + blanks;
      line += i + 1 < row.size() ? "  " : "";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    result += line + "\n";
  }
  return result;
}

} // namespace sluice
