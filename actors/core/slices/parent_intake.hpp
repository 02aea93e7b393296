#pragma once

#include "actors/core/slices/slice_source.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

namespace sluice {

/// Makes the partitions of an endpoint out of its parents' records, those left out that came again only because pages
/// were read again. Pure.
class parent_intake {
public:
  /// @param child the endpoint whose partitions are made.
  /// @param memory how many partitions are remembered to recognise those that come again. (One that comes back later is
  /// made twice: at least once, in bounded memory.)
  parent_intake(plan_ptr p, endpoint_id child, std::size_t memory);
  /// Of no parents.
  parent_intake() = default;

  /// Gives the records of one page to the source. A batch of an edge that does not feed the endpoint is not taken.
  void take(parent_batch batch, slice_source& source);

  /// The parent of one of the edges has sent its last batch.
  void end(std::uint32_t edge, bool all_came);
  /// All parents have, and nothing of theirs is missing.
  bool ended() const noexcept { return feeds_.size() == ended_; }
  bool complete() const noexcept { return complete_; }
  /// Parent records of an edge that named no child.
  std::uint64_t without_key(std::uint32_t edge) const;

private:
  /// A feeding edge.
  struct feed {
    std::uint32_t edge = 0;
    const sluice::edge* of = nullptr;
    /// The parent's endpoint is cut into partitions, so whole ones can be complete.
    bool parent_has_partitions = false;
    bool parent_is_printed = false;
    /// Windows came that are read for the children alone: parents may come again in the others.
    bool windows_of_our_own = false;
    std::uint64_t without_key = 0;
    bool ended = false;
  };

  feed* feed_of(std::uint32_t edge);
  bool is_new(const std::string& partition);

  plan_ptr plan_;
  std::vector<feed> feeds_;
  /// Each partition has windows of its own.
  bool has_windows_ = false;
  std::size_t memory_ = 0;
  /// Partitions seen lately, the oldest first.
  std::unordered_set<std::string> seen_;
  std::deque<const std::string*> seen_order_;
  std::size_t ended_ = 0;
  bool complete_ = true;
};

} // namespace sluice
