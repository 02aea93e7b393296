#pragma once

#include "app/simulator/statistics.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// What the simulator's log tells.
namespace sluice::test {

using simulator::request_record;

/// How many requests were made for exactly this path, without query. A log that ran full misses later ones.
inline std::uint64_t requests_for(const std::vector<request_record>& log, std::string_view path) noexcept {
  return static_cast<std::uint64_t>(
    std::count_if(log.begin(), log.end(), [&](const request_record& r) { return r.path() == path; }));
}

/// How many requests went to an endpoint.
inline std::uint64_t requests_to(const std::vector<request_record>& log, std::string_view endpoint) noexcept {
  return static_cast<std::uint64_t>(
    std::count_if(log.begin(), log.end(), [&](const request_record& r) { return r.endpoint == endpoint; }));
}

/// The position of the first or last request to an endpoint in the order of arrival, or `log.size()` if there is none.
inline std::size_t first_request_to(const std::vector<request_record>& log, std::string_view endpoint) noexcept {
  auto found = std::find_if(log.begin(), log.end(), [&](const request_record& r) { return r.endpoint == endpoint; });
  return static_cast<std::size_t>(found - log.begin());
}

inline std::size_t last_request_to(const std::vector<request_record>& log, std::string_view endpoint) noexcept {
  for (std::size_t i = log.size(); i > 0; --i)
    if (log[i - 1].endpoint == endpoint)
      return i - 1;
  return log.size();
}

} // namespace sluice::test
