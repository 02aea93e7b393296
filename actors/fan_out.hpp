#pragma once

#include "actors/core/state/slice_ledger.hpp"
#include "actors/support/actor_base.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace sluice {

/// The FAN-OUT turns each parent record into a child slice at once: the first child request leaves while the parent
/// still pages. Its mailbox is bounded by the governor, which admits a parent's page only if its records have room
/// here.
struct fan_out_state {
  explicit fan_out_state(fan_out_actor::pointer owner) : self(owner) {}

  /// A parent record on its way to become slices, or the end of its partition.
  struct queued_parent {
    parent_record record;
    std::uint64_t slice_id = 0;
    /// There is no record: all those of the slice with this partition stand before this.
    bool is_end = false;
    std::vector<partition_field> partition;
  };

  void take(parent_batch batch);
  /// Offers as many slices as are demanded and there are parents for.
  void offer();
  bool is_new(const parent_record& parent);
  /// Puts the slices of a parent that are still to be read into `pending`.
  void expand(queued_parent& parent);
  void end_parents(bool all_came);
  std::string describe() const;

  fan_out_actor::pointer self;
  plan_ptr plan;
  endpoint_id child = 0;
  governor_actor governor;
  state_aggregator_actor aggregator;
  /// What of the child's partitions earlier runs have read.
  std::shared_ptr<const partition_past> past;
  std::deque<queued_parent> parents;
  /// Slices of the parent that was taken last.
  std::deque<slice> pending;
  /// Parent records that were dropped because their partition was there before; their room is given back with the next
  /// offer.
  std::uint32_t duplicates = 0;
  /// Partitions seen lately, at most `memory` of them: a parent that comes again because pages are read again does not
  /// make its children twice, nor does any parent where partitions have cursors. (One that comes back later does: at
  /// least once, in bounded memory.)
  std::unordered_set<std::string> seen;
  std::deque<std::string> seen_order;
  std::size_t memory = 10000;
  /// The parent's endpoint is cut into partitions, so whole partitions can be complete.
  bool parent_has_partitions = false;
  bool parent_is_printed = false;
  /// Windows came that are read for the children alone: parents may come again in the others.
  bool windows_of_our_own = false;
  std::uint64_t demanded = 0;
  std::uint64_t made = 0;
  /// Parent records that name no child.
  std::uint64_t without_key = 0;
  bool parents_ended = false;
  bool complete = true;
  bool done = false;

  static constexpr const char* name = "fan_out";
};

using fan_out_self = actor_self<fan_out_actor, fan_out_state>;

/// @param plan what the run consists of.
/// @param child the endpoint whose slices are made.
/// @param governor takes the slices.
/// @param aggregator is told of each slice before the governor is.
/// @param past what need not be read again.
/// @param memory how many partitions are remembered to recognise repeated parents.
fan_out_actor::behavior_type fan_out(fan_out_self* self, plan_ptr plan, endpoint_id child, governor_actor governor,
                                     state_aggregator_actor aggregator, std::shared_ptr<const partition_past> past,
                                     std::size_t memory);

} // namespace sluice
