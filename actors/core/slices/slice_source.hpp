#pragma once

#include "actors/core/slices/partition_product.hpp"
#include "actors/core/slices/slice_seed.hpp"
#include "actors/core/state/cursor.hpp"
#include "actors/core/state/partition_past.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/flow.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// How slice generator and fan-out think: makes an endpoint's slices in order, each when it is asked for, from one of
/// two origins: the whole endpoint, or partitions, which are known from the start or come in one after the other. Pure.
class slice_source {
public:
  /// What one call of `take` came to.
  struct harvest {
    std::vector<slice> slices;
    /// See `slices_opened`.
    std::vector<std::uint64_t> parents;
    std::vector<expanded_parent> expanded;
    /// See `slices_offered`.
    std::vector<std::uint32_t> consumed_parents;
  };

  /// Of nothing.
  slice_source() = default;

  /// Of an endpoint without parents: the windows of its cursor, or all of it as one slice.
  /// @param windows what the cursor still has to read; `cursor_windows::whole()` if there is none.
  static slice_source of_endpoint(plan_ptr p, endpoint_id e, cursor_windows windows);

  /// Of an endpoint with partitions; `past` says what of them need not be read again. If it has no parents, nothing
  /// more is to be added.
  static slice_source of_partitions(plan_ptr p, endpoint_id e, std::shared_ptr<const partition_past> past);

  /// A parent record made a partition, or a part of some.
  void add(slice_seed seed);
  /// A parent record of a feeding edge made none.
  void drop(std::uint32_t feed);
  /// All records of this slice of a parent stand before this.
  void add_end(expanded_parent parent);
  /// Nothing more will be added.
  void close() { closed_ = true; }

  /// The next slices, at most `count` of them.
  harvest take(std::uint64_t count);

  /// Nothing is left to be taken now.
  bool empty() const noexcept { return !current_ && !product_.has_next() && queue_.empty(); }
  /// Nothing is left, and nothing more will come.
  bool done() const noexcept { return closed_ && empty(); }
  /// Partitions that wait to be cut.
  std::size_t waiting() const noexcept { return queue_.size(); }
  /// Windows that are left of the partition under way.
  std::uint64_t windows_left() const { return current_ ? current_->windows.size() : 0; }
  /// Slices made so far.
  std::uint64_t made() const noexcept { return made_; }

private:
  /// A partition under way: its slices in common, and the windows that are left.
  struct expansion {
    slice common;
    cursor_windows windows;
    /// The windows say something.
    bool in_windows = false;
    /// `slice::unread_from_us` of those that are for children only, and of the others.
    instant children_need_from = instant::min();
    instant unread_from = instant::min();
    std::uint32_t feed = no_feed;
  };

  slice_source(plan_ptr p, endpoint_id e);
  /// Cuts the partition into these windows.
  static void cut(expansion& part, cursor_windows windows);
  /// Makes the partition the current one, if something of it is left to be read.
  void open(slice_seed seed);
  slice next_slice();
  /// Takes from the queue what makes no slices; false if nothing is in front that does not.
  bool take_barren(harvest& result);

  plan_ptr plan_;
  const endpoint* of_ = nullptr;
  std::size_t feeds_ = 0;
  std::shared_ptr<const partition_past> past_;
  std::deque<std::variant<slice_seed, expanded_parent>> queue_;
  partition_product product_;
  std::optional<expansion> current_;
  /// Parent records that are done with and not told of yet, by feeding edge.
  std::vector<std::uint32_t> consumed_;
  std::uint64_t made_ = 0;
  bool closed_ = false;
};

} // namespace sluice
