#pragma once

#include "messages/slice.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
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
  /// Paths of what else of the parent's record goes into `slice::extra_fields`.
  std::vector<std::vector<std::string>> extra_fields{};
  /// `lazy_read_pointer`: the parent's record holds the first page of each child slice, at this path. None: all pages
  /// are asked for.
  std::optional<std::vector<std::string>> first_page{};
  /// What a state says of how far these parents have been read does not count: they begin anew.
  bool parents_begin_anew = false;
};

// -- the factors of a slice space ---------------------------------------------------
// Another kind of slice is another alternative here; the compiler then names each place that must know of it.

/// A partition for each record of one or more parents, all of them one after the other.
struct parent_records {
  /// Indices into `plan::edges`, in the manifest's order; never empty.
  std::vector<std::uint32_t> edges;
};

/// A partition for each value of a list.
struct list_values {
  /// What the partition calls the value.
  std::string field;
  /// JSON texts.
  std::vector<std::string> values;
  /// They are the keys of parents that need not be read to be known (extension `x-sluice.known_keys`): the partitions
  /// are those that the parents would make.
  bool are_parents = false;
};

/// Where partitions come from.
using partition_origin = std::variant<parent_records, list_values>;

/// The partitions of several origins, one origin after the other, of which each has the same one field: each of its
/// values once. Whatever else a partition of an origin holds goes to its extra fields.
struct united_partitions {
  std::string field;
  std::vector<partition_origin> of;
};

/// The partitions of something else, several at once: each field is the list of their values.
struct partition_groups {
  std::variant<parent_records, list_values, united_partitions> of;
  /// Partitions of a group; the last group has fewer. At least 1.
  std::size_t size = 1;
  /// A value that came before is left out.
  bool once = true;
};

/// The windows into which the endpoint's cursor (`endpoint::cursor`) cuts time, anew in each partition.
struct time_windows {};

using slice_factor = std::variant<parent_records, list_values, united_partitions, partition_groups, time_windows>;

/// Where a factor's partitions come from, in order; windows come from nowhere.
std::vector<partition_origin> origins_of(const slice_factor& factor);

/// What an endpoint's slices are: the product of its factors, the first one outermost. Without factors the whole
/// endpoint is one slice.
struct slice_space {
  std::vector<slice_factor> factors;
  /// The manifest gives a list of routers. States say nothing of the parents then, whatever the list's length.
  bool is_product = false;

  /// Indices into `plan::edges` of all edges that feed the endpoint; empty: its slices are known from the start.
  std::vector<std::uint32_t> feeding_edges() const;
  /// Some slices are known only when parents have been read.
  bool has_parents() const;
  /// Slices have a partition, and the endpoint's streams a state of each.
  bool has_partitions() const;
  /// A partition (or the endpoint, if there are none) is cut into windows of time.
  bool has_windows() const;
  /// Partitions are groups of others: a cursor can only be kept for all of them together.
  bool has_groups() const;
  /// A state of the endpoint's cursor tells of its parents (`parent_state`), be it nothing.
  bool has_parent_state() const;
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

/// The names of all fields that the endpoint's partitions may have, each once.
std::vector<std::string> partition_fields(const plan& p, const slice_space& space);

/// The parent of the endpoint whose slices have partitions themselves, if one of their records makes nothing but
/// partitions of the endpoint, and no other parent has partitions: only then a whole partition of the parent can be
/// complete for the endpoint.
const endpoint* partitioned_parent_of(const plan& p, const endpoint& e);

/// For people, what besides parents and windows makes the slices: `value of region, 3 of them`, `group of 10`.
std::vector<std::string> other_factors(const slice_space& space);

/// Partitions of the endpoint hold their parent's (`parent_slice`), be it an empty one.
bool names_parents(const slice_space& space);

} // namespace sluice
