#pragma once

namespace sluice {

/// What a stream's partitions are, as far as its states are concerned.
struct partition_kind {
  /// Only one cursor for all of them together is kept: they are groups of others, or the manifest wants it so.
  bool only_global = false;
  /// Each holds its parent's partition, be it an empty one.
  bool names_parents = true;
  /// States tell of the parents' states (`parent_state`), be it nothing.
  bool has_parent_state = true;
};

} // namespace sluice
