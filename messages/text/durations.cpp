#include "messages/text/durations.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sluice {

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

std::string human_duration(std::chrono::microseconds d) {
  auto s = std::chrono::duration_cast<std::chrono::seconds>(d).count();
  if (s < 120)
    return std::to_string(s) + " s";
  if (s < 7200)
    return std::to_string(s / 60) + " min";
  return std::to_string(s / 3600) + " h " + std::to_string(s % 3600 / 60) + " min";
}

std::string exact_duration_text(std::chrono::microseconds d) {
  struct unit {
    std::int64_t size;
    const char* name;
  };
  constexpr std::array units = {unit{86'400'000'000, "d"}, unit{3'600'000'000, "h"}, unit{60'000'000, "m"},
                                unit{1'000'000, "s"},      unit{1'000, "ms"},        unit{1, "us"}};
  const auto us = d.count();
  if (us == 0)
    return "0s";
  const auto* fit
    = std::find_if(units.begin(), units.end() - 1, [us](const unit& u) { return us >= u.size && us % u.size == 0; });
  return std::to_string(us / fit->size) + fit->name;
}

} // namespace sluice
