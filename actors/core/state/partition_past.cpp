#include "actors/core/state/partition_past.hpp"

#include "actors/core/slices/partition.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

partition_past::partition_past(std::optional<partition_cursors> cursors, std::vector<completed_partitions> completed,
                               std::vector<completed_partitions> below, bool printed, bool has_children,
                               std::vector<partition_cursors> read_below)
  : cursors_(std::move(cursors)), completed_(std::move(completed)), below_(std::move(below)), printed_(printed),
    has_children_(has_children), read_below_(std::move(read_below)) {}

bool partition_past::nothing_left(std::string_view partition) const {
  if (printed_ && !completed(partition))
    return false;
  if (!has_children_)
    return printed_;
  return !below_.empty() && std::all_of(below_.begin(), below_.end(), [&partition](const auto& known) {
    return known.contains(partition);
  });
}

std::optional<cursor_windows> partition_past::windows(std::string_view partition) const {
  if (!cursors_)
    return std::nullopt;
  if (read_below_.empty()) {
    auto result = cursors_->windows(partition, has_children_);
    if (!printed_)
      result.leave_to_children();
    return result;
  }
  // What the endpoint below that has had the least still needs.
  cursor_windows needed;
  for (const auto& below : read_below_)
    if (auto left = below.windows(partition);
        needed.empty() || (!left.empty() && left.front().lower < needed.front().lower))
      needed = std::move(left);
  // Another one may need what lies in a gap.
  if (!printed_ && needed.gapless()) {
    needed.leave_to_children();
    return needed;
  }
  auto result = cursors_->windows(partition, true);
  if (!printed_)
    result.leave_to_children();
  result.leave_children_from(needed.empty() ? instant::max() : needed.front().lower);
  return result;
}

bool partition_past::completed(std::string_view partition) const {
  return !completed_.empty() && std::all_of(completed_.begin(), completed_.end(), [&partition](const auto& known) {
    return known.contains(partition);
  });
}

} // namespace sluice
