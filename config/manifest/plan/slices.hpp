#pragma once

#include "messages/slice.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Parent to child: which fields of the parent's records make the child's slices.
struct edge {
  endpoint_id parent = 0;
  endpoint_id child = 0;
  /// Index into the parent's outputs: whose records (after their changes) are the parents.
  std::uint32_t parent_output = 0;
  std::vector<std::string> parent_key;
  std::string partition_field;
  /// `incremental_dependency`: the child needs only the parents that changed since its `parent_state`.
  bool incremental = false;
};

} // namespace sluice
