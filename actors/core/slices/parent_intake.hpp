#pragma once

#include "actors/core/slices/partition_former.hpp"
#include "actors/core/slices/slice_source.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <cstddef>
#include <cstdint>
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

  /// Gives the source what comes without parents, where it stands beside them.
  void begin(slice_source& source);
  /// Gives the records of one page to the source. A batch of an edge that does not feed the endpoint is not taken.
  void take(parent_batch batch, slice_source& source);

  /// The parent of one of the edges has sent its last batch.
  void end(std::uint32_t edge, bool all_came, slice_source& source);
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
    /// Of the factors that make partitions, which one it feeds.
    std::uint32_t factor = 0;
    /// Whole partitions of the parent can be complete (`partitioned_parent_of`).
    bool has_whole_partitions = false;
    bool parent_is_printed = false;
    /// Windows came that are read for the children alone: parents may come again in the others.
    bool windows_of_our_own = false;
    std::uint64_t without_key = 0;
    bool ended = false;
  };

  feed* feed_of(std::uint32_t edge);
  void give(slice_seed seed, slice_source& source);

  plan_ptr plan_;
  endpoint_id child_ = 0;
  std::vector<feed> feeds_;
  /// What each factor that makes partitions makes of what its origins give.
  std::vector<partition_former> formers_;
  /// Each partition has windows of its own.
  bool has_windows_ = false;
  /// Partitions seen lately.
  recent_texts seen_;
  std::size_t ended_ = 0;
  bool complete_ = true;
};

} // namespace sluice
