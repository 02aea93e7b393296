#pragma once

#include "actors/core/admission/size_estimate.hpp"
#include "actors/core/state/completed_partitions.hpp"
#include "actors/core/state/cursor.hpp"
#include "actors/core/state/cursor_findings.hpp"
#include "actors/core/state/partition_cursors.hpp"
#include "config/manifest/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sluice {

/// The books that a slice ledger keeps.
struct ledger_books {
  /// A slice of a cursor, some of whose pages are written.
  struct open_slice {
    std::optional<instant> newest;
    /// All its pages came in ascending order so far.
    bool ordered = true;
  };
  /// The slices that the records of one slice of the parent's endpoint have become.
  struct family {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    bool expanded = false;
    std::string partition;
  };
  struct endpoint_book {
    std::uint64_t opened = 0;
    std::uint64_t closed = 0;
    std::uint64_t failed = 0;
    std::uint64_t pages = 0;
    bool generated = false;
    bool complete = true;
    bool announced = false;
    std::optional<cursor_state> cursor;
    std::optional<partition_cursors> partitions;
    /// By slice id.
    std::unordered_map<std::uint64_t, open_slice> open;
    /// By id of the parent's slice, until all of its slices are closed.
    std::unordered_map<std::uint64_t, family> families;
    cursor_findings findings;
    bool findings_told = false;
  };
  /// How far the parents of an edge with an `incremental_dependency` have been read for one printed stream somewhere
  /// below it. One of the cursors, as the parent has one or one in each partition.
  struct parent_read {
    std::uint32_t edge = 0;
    std::optional<cursor_state> cursor;
    std::optional<partition_cursors> partitions;
    /// What the child has read of some parents ends there: see `partition_cursors::hold_at`.
    instant held_at = instant::max();
    /// How far the parents' own parents have been, as positions in `reads`.
    std::vector<std::size_t> above;

    void close(const slice& s, const cursor_window& w, std::optional<instant> newest) {
      if (cursor)
        cursor->close(w, newest);
      if (partitions)
        partitions->close(s.partition, w, newest, s.id);
    }
  };
  /// An edge, as all who live from it see it.
  struct edge_book {
    /// What the child's own state says, if it says so.
    std::optional<std::size_t> own;
    /// That and what the states of streams further below say, as positions in `reads`.
    std::vector<std::size_t> reads;
    /// Somebody needs all of the edge's parents, whatever has been read before.
    bool needs_all = false;
  };
  struct stream_book {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t pages = 0;
    std::uint64_t states = 0;
    /// The beginning of the newest state.
    std::string state;
    bool finished = false;
    /// Some of its records were left out: from then on no slice counts as read to its end.
    bool cut = false;
    /// Of a child endpoint: the partitions that the sync has read to their ends, and the parent's partitions all of
    /// whose records it has read.
    std::optional<completed_partitions> completed;
    std::optional<completed_partitions> whole_parents;
  };

  explicit ledger_books(plan_ptr p)
    : plan(std::move(p)), endpoints(plan->endpoints.size()), edges(plan->edges.size()), streams(plan->streams.size()),
      sizes(plan) {}

  /// All slices were tried; none is left because the run was stopped.
  static bool has_ended(const endpoint_book& b) { return b.generated && b.closed + b.failed >= b.opened; }
  /// All there are were read to their ends.
  static bool complete(const endpoint_book& b) {
    return b.generated && b.complete && b.failed == 0 && b.closed == b.opened;
  }

  /// The same for one stream of it, whose records may have been left out.
  bool complete(const endpoint_book& b, stream_index s) const { return complete(b) && !streams[s].cut; }

  plan_ptr plan;
  std::vector<endpoint_book> endpoints;
  std::vector<edge_book> edges;
  std::vector<parent_read> reads;
  std::vector<stream_book> streams;
  /// What the user should know of the states that came in.
  std::vector<std::string> warnings;
  size_estimate sizes;
  /// States printed so far.
  std::uint64_t states = 0;
  bool overflow_told = false;
};

} // namespace sluice
