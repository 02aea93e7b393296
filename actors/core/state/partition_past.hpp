#pragma once

#include "actors/core/state/completed_partitions.hpp"
#include "actors/core/state/cursor.hpp"
#include "actors/core/state/partition_cursors.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

/// What of an endpoint's partitions earlier runs have read. A copy for the endpoint's fan-out; never changes.
class partition_past {
public:
  partition_past() = default;
  /// @param cursors of an endpoint with a cursor in each partition.
  /// @param completed one for each printed stream of the endpoint; empty if one of them knows nothing.
  /// @param below for each stream of the endpoints below, the partitions of this endpoint that it has completely; empty
  /// if one of them knows nothing.
  /// @param printed the endpoint has printed streams.
  /// @param has_children there are endpoints below.
  /// @param read_below of an endpoint with a cursor in each partition, what the endpoints below have read of it; empty
  /// if one of them needs everything.
  partition_past(std::optional<partition_cursors> cursors, std::vector<completed_partitions> completed,
                 std::vector<completed_partitions> below, bool printed, bool has_children,
                 std::vector<partition_cursors> read_below = {});

  /// The windows that a partition still has to be read for, with those that only endpoints below need; none if the
  /// endpoint has no cursor.
  std::optional<cursor_windows> windows(std::string_view partition) const;
  /// Every printed stream of the endpoint has the partition already.
  bool completed(std::string_view partition) const;
  /// Neither the endpoint's streams nor those below need the partition any more.
  bool nothing_left(std::string_view partition) const;

private:
  std::optional<partition_cursors> cursors_;
  std::vector<completed_partitions> completed_;
  std::vector<completed_partitions> below_;
  bool printed_ = true;
  bool has_children_ = false;
  std::vector<partition_cursors> read_below_;
};

} // namespace sluice
