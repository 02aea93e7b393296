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
#include <variant>

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

std::optional<double> number_of(std::string_view text) {
  text = trim(text);
  double number = 0;
  const auto* end = text.data() + text.size();
  auto [stop, problem] = std::from_chars(text.data(), end, number);
  bool usable = problem == std::errc{} && stop == end && std::isfinite(number) && number > 0;
  return usable ? std::optional{number} : std::nullopt;
}

std::optional<double> number_in(std::string_view text, const std::string& pattern) {
  if (pattern.empty())
    return number_of(text);
  RE2 regex{pattern, RE2::Quiet};
  if (!regex.ok())
    return std::nullopt;
  // The whole match, and the first group of a pattern that has groups.
  std::array<re2::StringPiece, 2> found;
  const auto find = [&](RE2::Anchor where) {
    const int groups = std::clamp(regex.NumberOfCapturingGroups(), 0, 1);
    return regex.Match(re2::StringPiece{text.data(), text.size()}, 0, text.size(), where, found.data(), groups + 1);
  };
  const auto text_of = [](const re2::StringPiece& x) {
    return x.empty() ? std::string_view{} : std::string_view{x.data(), x.size()};
  };
  if (auto number = number_of(find(RE2::ANCHOR_START) ? text_of(found[0]) : text))
    return number;
  if (!find(RE2::UNANCHORED))
    return std::nullopt;
  return number_of(text_of(regex.NumberOfCapturingGroups() > 0 ? found[1] : found[0]));
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

/// A wait that the server asks for. The bound is inclusive, as in the reference: 0 allows no wait at all.
retry_wait from_server(microseconds wait, const std::optional<microseconds>& most) {
  return {wait, true, true, most && wait >= *most};
}

/// `number` was rounded to whole seconds, so the wait that it tells may be too short.
void add_rounding(retry_wait& to, double number) {
  if (number == std::floor(number))
    to.wait += std::chrono::seconds{1};
}

/// On a refusal, what the answer says about this very wait goes before a header that tells when a window resets.
std::optional<microseconds> word_of_refusal(const header_number_source& source, const refused_answer& answer,
                                            language::instant wall) {
  const bool counts = answer.wants_less_haste && !equals_ignoring_case(source.header, "Retry-After");
  return counts ? retry_after(answer.headers, wall) : std::nullopt;
}

std::optional<double> number_in(const header_number_source& source, const refused_answer& answer) {
  if (answer.headers == nullptr)
    return std::nullopt;
  const auto text = find_header(*answer.headers, source.header).value_or("");
  return text.empty() ? std::nullopt : number_in(text, source.regex);
}

/// Always the same for the same try of the same request, and not for others: evenly between 0 and 1.
double spread(std::uint64_t seed, std::uint32_t attempt) {
  auto x = seed + (std::uint64_t{attempt} + 1) * 0x9E3779B97F4A7C15U; // splitmix64
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return static_cast<double>((x ^ (x >> 31U)) >> 11U) * 0x1p-53;
}

microseconds jittered(microseconds wait, microseconds range, std::uint64_t seed, std::uint32_t attempt) {
  return wait + microseconds{std::llround(2 * static_cast<double>(range.count()) * spread(seed, attempt))};
}

// How long each strategy waits; nothing: it has no value.

using maybe_wait = std::optional<retry_wait>;

maybe_wait wait_of(const constant_backoff& s, const refused_answer& answer, std::uint32_t attempt, language::instant) {
  return retry_wait{jittered(s.wait, s.jitter, answer.seed, attempt), true, false, false};
}

maybe_wait wait_of(const exponential_backoff& s, const refused_answer& answer, std::uint32_t attempt,
                   language::instant) {
  return retry_wait{jittered(doubled(s.factor, attempt + 1), s.jitter, answer.seed, attempt), true, false, false};
}

maybe_wait wait_of(const wait_time_from_header& s, const refused_answer& answer, std::uint32_t,
                   language::instant wall) {
  if (auto wait = word_of_refusal(s.source, answer, wall))
    return from_server(*wait, s.max_waiting_time);
  const auto number = number_in(s.source, answer);
  auto wait = number ? wait_of_number(*number, *answer.headers, wall) : std::nullopt;
  if (!wait || *wait <= microseconds{0})
    return std::nullopt;
  if (auto window = window_of(answer.policies, s.source.header))
    wait = std::min(*wait, *window);
  auto result = from_server(*wait, s.max_waiting_time);
  add_rounding(result, *number);
  return result;
}

maybe_wait wait_of(const wait_until_time_from_header& s, const refused_answer& answer, std::uint32_t,
                   language::instant wall) {
  auto wait = word_of_refusal(s.source, answer, wall);
  double told = 0.5; // what is no whole number was not rounded
  if (const auto number = wait ? std::nullopt : number_in(s.source, answer)) {
    wait = wait_until_epoch(*number, *answer.headers, wall);
    told = *number;
  }
  const bool by_server = wait && *wait > microseconds{0};
  const auto least = s.min_wait.value_or(microseconds{0});
  if (!by_server && least <= microseconds{0})
    return std::nullopt;
  auto result = from_server(std::max(wait.value_or(microseconds{0}), least), s.max_waiting_time);
  result.by_server = by_server;
  if (by_server && *wait >= least)
    add_rounding(result, told);
  return result;
}

maybe_wait wait_of(const wait_time_from_response& s, const refused_answer& answer, std::uint32_t, language::instant) {
  if (answer.variables == nullptr)
    return std::nullopt;
  // What cannot be evaluated on this body leaves the wait to the next strategy, as in the reference.
  const auto text = s.wait_time.render(*answer.variables);
  const auto number = text ? number_of(*text) : std::nullopt;
  if (!number)
    return std::nullopt;
  auto result = from_server(bounded_wait(*number), s.max_waiting_time);
  add_rounding(result, *number);
  return result;
}

} // namespace

retry_wait wait_before_retry(const std::vector<backoff_strategy>& strategies, const refused_answer& answer,
                             std::uint32_t attempt, language::instant wall) {
  for (const auto& strategy : strategies) {
    auto found = std::visit([&](const auto& s) { return wait_of(s, answer, attempt, wall); }, strategy);
    if (found && found->wait > microseconds{0}) {
      return *found;
    }
  }
  if (auto wait = retry_after(answer.headers, wall)) {
    return {*wait, true, true, false};
  }
  return {doubled(1, attempt), false, false, false};
}

} // namespace sluice
