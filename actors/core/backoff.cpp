#include "actors/core/backoff.hpp"

#include "actors/core/headers.hpp"
#include "actors/core/quota_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include <re2/re2.h>

namespace sluice {

namespace {

using std::chrono::microseconds;

microseconds from_seconds(double seconds) {
  auto longest = std::chrono::duration<double>(longest_wait).count();
  return microseconds{std::llround(std::clamp(seconds, 0.0, longest) * 1e6)};
}

/// seconds * 2^exponent
microseconds doubled(double seconds, std::uint32_t exponent) {
  return from_seconds(std::ldexp(seconds, static_cast<int>(std::min(exponent, 60U))));
}

std::optional<double> number_in(std::string_view text, const std::string& pattern) {
  std::string matched{text};
  if (!pattern.empty()) {
    RE2 regex{pattern, RE2::Quiet};
    // The first group, or the whole match of a pattern without groups.
    std::array<re2::StringPiece, 2> groups;
    int wanted = std::clamp(regex.NumberOfCapturingGroups(), 0, 1);
    if (!regex.ok()
        || !regex.Match(re2::StringPiece{text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, groups.data(),
                        wanted + 1)) {
      return std::nullopt;
    }
    const auto& group = groups[static_cast<std::size_t>(wanted)];
    matched = group.empty() ? std::string{} : std::string{group.data(), group.size()};
  }
  auto first = std::min(matched.find_first_not_of(" \t"), matched.size());
  auto last = matched.find_last_not_of(" \t") + 1;
  double number = 0;
  auto end = matched.data() + last;
  auto [stop, problem] = std::from_chars(matched.data() + std::min(first, last), end, number);
  bool usable = problem == std::errc{} && stop == end && std::isfinite(number) && number > 0;
  return usable ? std::optional{number} : std::nullopt;
}

std::optional<retry_wait> wait_of(const backoff_strategy& strategy, const header_pairs* headers,
                                  std::uint32_t attempt) {
  if (auto constant = std::get_if<constant_backoff>(&strategy)) {
    return retry_wait{constant->wait, true, false};
  }
  if (auto exponential = std::get_if<exponential_backoff>(&strategy)) {
    return retry_wait{doubled(exponential->factor, attempt + 1), true, false};
  }
  const auto& from_header = std::get<wait_time_from_header>(strategy);
  auto text = headers == nullptr ? std::string_view{} : find_header(*headers, from_header.header);
  auto seconds = text.empty() ? std::nullopt : number_in(text, from_header.regex);
  if (!seconds) {
    return std::nullopt;
  }
  bool too_long = from_header.max_waiting_time && from_seconds(*seconds) > *from_header.max_waiting_time;
  auto rounding = *seconds == std::floor(*seconds) ? 1.0 : 0.0;
  return retry_wait{from_seconds(*seconds + rounding), true, too_long};
}

} // namespace

retry_wait wait_before_retry(const std::vector<backoff_strategy>& strategies, const header_pairs* headers,
                             std::uint32_t attempt, language::instant wall) {
  for (const auto& strategy : strategies) {
    if (auto found = wait_of(strategy, headers, attempt); found && found->wait > microseconds{0}) {
      return *found;
    }
  }
  if (headers != nullptr) {
    std::vector<response_header> wanted;
    for (const auto& [name, value] : *headers) {
      if (same_header(name, "Retry-After") || same_header(name, "Date")) {
        wanted.push_back({name, value});
      }
    }
    if (auto wait = read_retry_after(wanted, wall); wait && *wait > microseconds{0}) {
      return {*wait, true, false};
    }
  }
  return {doubled(1, attempt), false, false};
}

} // namespace sluice
