#include "app/simulator/statistics.hpp"

#include <algorithm>

namespace sluice::simulator {

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
