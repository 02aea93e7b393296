#include "actors/core/pages/backoff.hpp"

#include "actors/core/admission/quota_headers.hpp"
#include "messages/text/ascii.hpp"

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

microseconds bounded_wait(double seconds) {
  auto longest = std::chrono::duration<double>(longest_wait).count();
  return microseconds{std::llround(std::clamp(seconds, 0.0, longest) * 1e6)};
}

/// seconds * 2^exponent
microseconds doubled(double seconds, std::uint32_t exponent) {
  return bounded_wait(std::ldexp(seconds, static_cast<int>(std::min(exponent, 60U))));
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
  auto digits = trim(matched);
  double number = 0;
  auto end = digits.data() + digits.size();
  auto [stop, problem] = std::from_chars(digits.data(), end, number);
  bool usable = problem == std::errc{} && stop == end && std::isfinite(number) && number > 0;
  return usable ? std::optional{number} : std::nullopt;
}

std::optional<microseconds> retry_after(const header_list* headers, language::instant wall) {
  if (headers == nullptr) {
    return std::nullopt;
  }
  auto wait = read_retry_after(*headers, wall);
  return wait && *wait > microseconds{0} ? wait : std::nullopt;
}

/// The window that ends when this header says; none: no policy reads it.
std::optional<microseconds> window_of(const api_budget* policies, const std::string& header) {
  std::optional<microseconds> longest;
  if (policies != nullptr) {
    for (const auto& p : policies->policies) {
      if (!p.rates.empty() && equals_ignoring_case(p.reset_header, header)) {
        longest = std::max(longest.value_or(microseconds{0}), p.rates.front().interval);
      }
    }
  }
  return longest;
}

retry_wait from_server(microseconds wait, const wait_time_from_header& strategy) {
  // Inclusive, as in the reference: 0 allows no wait at all.
  return {wait, true, true, strategy.max_waiting_time && wait >= *strategy.max_waiting_time};
}

std::optional<retry_wait> wait_of(const wait_time_from_header& strategy, const refused_answer& answer,
                                  language::instant wall) {
  if (answer.headers == nullptr) {
    return std::nullopt;
  }
  if (answer.wants_less_haste && !equals_ignoring_case(strategy.header, "Retry-After")) {
    if (auto wait = retry_after(answer.headers, wall)) {
      return from_server(*wait, strategy);
    }
  }
  auto text = find_header(*answer.headers, strategy.header).value_or("");
  auto number = text.empty() ? std::nullopt : number_in(text, strategy.regex);
  auto wait = number ? wait_of_number(*number, *answer.headers, wall) : std::nullopt;
  if (!wait || *wait <= microseconds{0}) {
    return std::nullopt;
  }
  if (auto window = window_of(answer.policies, strategy.header)) {
    wait = std::min(*wait, *window);
  }
  auto result = from_server(*wait, strategy);
  if (*number == std::floor(*number)) {
    result.wait += std::chrono::seconds{1};
  }
  return result;
}

std::optional<retry_wait> wait_of(const backoff_strategy& strategy, const refused_answer& answer, std::uint32_t attempt,
                                  language::instant wall) {
  if (auto constant = std::get_if<constant_backoff>(&strategy)) {
    return retry_wait{constant->wait, true, false, false};
  }
  if (auto exponential = std::get_if<exponential_backoff>(&strategy)) {
    return retry_wait{doubled(exponential->factor, attempt + 1), true, false, false};
  }
  return wait_of(std::get<wait_time_from_header>(strategy), answer, wall);
}

} // namespace

retry_wait wait_before_retry(const std::vector<backoff_strategy>& strategies, const refused_answer& answer,
                             std::uint32_t attempt, language::instant wall) {
  for (const auto& strategy : strategies) {
    if (auto found = wait_of(strategy, answer, attempt, wall); found && found->wait > microseconds{0}) {
      return *found;
    }
  }
  if (auto wait = retry_after(answer.headers, wall)) {
    return {*wait, true, true, false};
  }
  return {doubled(1, attempt), false, false, false};
}

} // namespace sluice
