#pragma once

#include "messages/slice.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// Parent to child: which field of the parent's records makes the child's partitions.
struct edge {
  endpoint_id parent = 0;
  endpoint_id child = 0;
  /// Index into the parent's outputs: whose records (after their changes) are the parents.
  std::uint32_t parent_output = 0;
  /// Path of the field in the parent's record, and what the partition calls it.
  std::vector<std::string> parent_key;
  std::string partition_field;
  /// `incremental_dependency`: the child needs only the parents that changed since its `parent_state`.
  bool incremental = false;
};

// -- the factors of a slice space ---------------------------------------------------
// Another kind of slice is another alternative here; the compiler then names each place that must know of it.

/// A partition for each record of one or more parents, all of them one after the other.
struct parent_records {
  /// Indices into `plan::edges`, in the manifest's order; never empty.
  std::vector<std::uint32_t> edges;
};

/// The windows into which the endpoint's cursor (`endpoint::cursor`) cuts time, anew in each partition.
struct time_windows {};

using slice_factor = std::variant<parent_records, time_windows>;

/// What an endpoint's slices are: the product of its factors, the first one outermost. Without factors the whole
/// endpoint is one slice.
struct slice_space {
  std::vector<slice_factor> factors;

  /// Indices into `plan::edges` of all edges that feed the endpoint; empty: its slices are known from the start.
  std::vector<std::uint32_t> feeding_edges() const;
  /// Some slices are known only when parents have been read.
  bool has_parents() const;
  /// Slices have a partition, and the endpoint's streams a state of each.
  bool has_partitions() const;
  /// A partition (or the endpoint, if there are none) is cut into windows of time.
  bool has_windows() const;
};

// -- what a plan says of them --------------------------------------------------------

struct endpoint;
struct output;
struct plan;

/// The output whose records an edge takes.
const output& parent_output_of(const plan& p, const edge& x);

/// The field that names the endpoint's partitions in lists of states: the first factor's, and of several parents the
/// first one's. Empty: there are no partitions.
std::string leading_field(const plan& p, const endpoint& e);

/// The first of the endpoint's parents whose slices have partitions themselves; none: partitions have no
/// `parent_slice`.
const endpoint* partitioned_parent_of(const plan& p, const endpoint& e);

} // namespace sluice
