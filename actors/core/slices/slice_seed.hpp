#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace sluice {

/// No edge: what a list gives.
inline constexpr std::uint32_t no_feed = std::numeric_limits<std::uint32_t>::max();

/// A partition that is to be cut into slices, or one factor's part of it.
struct slice_seed {
  /// See `slice`.
  std::string partition;
  std::string extra_fields{};
  std::uint64_t parent_id = 0;
  /// Which of the endpoint's feeding edges brought its parent record, which is done with when the seed is; `no_feed`:
  /// none.
  std::uint32_t feed = 0;
  /// Of the factors that make partitions, which one it comes from.
  std::uint32_t factor = 0;
  /// See `slice`.
  std::string first_page{};
};

} // namespace sluice
