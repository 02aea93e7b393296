#include "app/simulator/statistics.hpp"

#include <algorithm>

namespace sluice::simulator {

std::uint64_t requests_for(const std::vector<request_record>& log, std::string_view path) noexcept {
  return static_cast<std::uint64_t>(
    std::count_if(log.begin(), log.end(), [&](const request_record& r) { return r.path() == path; }));
}

std::uint64_t requests_to(const std::vector<request_record>& log, std::string_view endpoint) noexcept {
  return static_cast<std::uint64_t>(
    std::count_if(log.begin(), log.end(), [&](const request_record& r) { return r.endpoint == endpoint; }));
}

std::size_t first_request_to(const std::vector<request_record>& log, std::string_view endpoint) noexcept {
  auto found = std::find_if(log.begin(), log.end(), [&](const request_record& r) { return r.endpoint == endpoint; });
  return static_cast<std::size_t>(found - log.begin());
}

std::size_t last_request_to(const std::vector<request_record>& log, std::string_view endpoint) noexcept {
  for (std::size_t i = log.size(); i > 0; --i)
    if (log[i - 1].endpoint == endpoint)
      return i - 1;
  return log.size();
}

double average_in_flight(const std::vector<request_record>& log, std::chrono::microseconds from,
                         std::chrono::microseconds to) noexcept {
  if (to <= from)
    return 0;
  double area = 0;
  for (const auto& r : log) {
    auto begin = std::max(r.arrived, from);
    auto end = std::min(r.in_flight ? to : r.finished, to);
    if (begin < end)
      area += static_cast<double>((end - begin).count());
  }
  return area / static_cast<double>((to - from).count());
}

} // namespace sluice::simulator
