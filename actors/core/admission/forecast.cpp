#include "actors/core/admission/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sluice {

using std::chrono::microseconds;

namespace {

/// Beyond this a forecast is only a word for "never": a thousand years.
constexpr std::uint64_t longest_us = std::uint64_t{1000} * 365 * 24 * 3600 * 1'000'000;

std::uint64_t at_least_one(std::int64_t us) {
  return us < 1 ? 1 : static_cast<std::uint64_t>(us);
}

microseconds bounded(std::uint64_t us) {
  return microseconds{static_cast<std::int64_t>(std::min(us, longest_us))};
}

} // namespace

std::uint64_t scaled(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  c = std::max<std::uint64_t>(c, 1);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  if (b == 0 || a <= most / b)
    return a * b / c;
  // Rare: numbers this large need no last digits.
  const auto result = static_cast<long double>(a) * static_cast<long double>(b) / static_cast<long double>(c);
  return result >= static_cast<long double>(most) ? most
                                                  : static_cast<std::uint64_t>(std::llroundl(std::floor(result)));
}

std::optional<microseconds> time_at_quota(std::uint64_t requests, const quota_gauge& quota, microseconds mean_answer) {
  if (requests == 0)
    return microseconds{0};
  if (quota.room_in_us < 0 || quota.limit == 0)
    return std::nullopt;
  // A place is held until one window after the answer.
  const auto answer = static_cast<std::uint64_t>(std::max<std::int64_t>(mean_answer.count(), 0));
  const auto period = std::min(at_least_one(quota.window_us) + answer, longest_us);
  const auto reset
    = std::min(quota.resets_in_us < 0 ? period : static_cast<std::uint64_t>(quota.resets_in_us), longest_us);
  const auto first = std::min(static_cast<std::uint64_t>(quota.room_in_us), reset);

  const auto free = quota.used < quota.limit ? quota.limit - quota.used : 0;
  const auto taken = quota.limit - free;
  // When the place at this position becomes free for the first time.
  auto opens = [&](std::uint64_t place) -> std::uint64_t {
    if (place < free)
      return 0;
    if (free > 0 || taken == 1) // when the first taken place frees is not known
      return reset;
    return first + scaled(reset - first, place, taken - 1);
  };
  const auto last = requests - 1;
  const auto rounds = last / quota.limit;
  auto us = std::min(scaled(rounds, period), longest_us) + opens(last % quota.limit);
  if (rounds > 0) // a reset that is far away holds up the round before
    us = std::max(us, std::min(scaled(rounds - 1, period), longest_us) + opens(quota.limit - 1));
  return bounded(us);
}

microseconds time_in_pool(std::uint64_t requests, std::uint32_t pool_size, microseconds mean_answer) {
  const auto answer = static_cast<std::uint64_t>(std::max<std::int64_t>(mean_answer.count(), 0));
  const auto pool = std::max<std::uint64_t>(pool_size, 1);
  const auto rounds = requests / pool + (requests % pool != 0 ? 1 : 0);
  return bounded(scaled(rounds, answer));
}

std::optional<microseconds> time_for(std::uint64_t requests, const std::vector<quota_gauge>& quotas,
                                     std::uint32_t pool_size, microseconds mean_answer) {
  auto longest = time_in_pool(requests, pool_size, mean_answer);
  if (requests == 0)
    return longest;
  for (const auto& q : quotas) {
    auto time = time_at_quota(requests, q, mean_answer);
    if (!time)
      return std::nullopt;
    longest = std::max(longest, *time + std::max(mean_answer, microseconds{0}));
  }
  return longest;
}

std::optional<std::uint64_t> requests_left(const std::vector<endpoint_progress>& endpoints,
                                           const std::vector<std::vector<std::size_t>>& parents) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  auto add = [](std::uint64_t a, std::uint64_t b) { return a > most - b ? most : a + b; };
  std::vector<std::uint64_t> left(endpoints.size(), 0);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto& e = endpoints[i];
    if (e.pages_left >= 0) {
      left[i] = static_cast<std::uint64_t>(e.pages_left);
    } else {
      auto slices = e.slices_known;
      if (!e.slices_final) {
        std::uint64_t pages = 0;
        std::uint64_t pages_left = 0;
        for (auto parent : i < parents.size() ? parents[i] : std::vector<std::size_t>{}) {
          if (parent >= i)
            return std::nullopt;
          pages = add(pages, endpoints[parent].pages);
          pages_left = add(pages_left, left[parent]);
        }
        if (pages == 0)
          return std::nullopt;
        slices = add(slices, scaled(e.slices_known, pages_left, pages));
      }
      const auto ended = add(e.slices_done, e.slices_failed);
      const auto open = slices > ended ? slices - ended : 0;
      if (open > 0 && e.slices_done == 0)
        return std::nullopt;
      left[i] = open == 0 ? 0 : std::max(open, scaled(open, e.pages, e.slices_done));
    }
    sum = add(sum, left[i]);
  }
  return sum;
}

} // namespace sluice
