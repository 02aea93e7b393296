#pragma once

#include "actors/core/slices/slice_seed.hpp"
#include "config/manifest/plan/slices.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace sluice {

/// The last things seen, so many of them and no more.
class recent_texts {
public:
  explicit recent_texts(std::size_t most = 0) : most_(most) {}
  /// True if `text` is not among them; then it is, from now on.
  bool add(const std::string& text);

private:
  std::size_t most_;
  std::unordered_set<std::string> known_;
  /// The oldest first.
  std::deque<const std::string*> order_;
};

/// What a factor makes of the partitions that its origins give: they are left as they are, united or grouped. Pure.
class partition_former {
public:
  /// @param memory how many values are remembered to recognise those that come again.
  partition_former(const slice_factor& factor, std::size_t memory);

  /// Takes a partition of an origin. Gives what it makes: itself, or the group that it completes; nothing if the value
  /// came before, or waits for others. The feed of what is given is that of the partition that was taken.
  std::optional<slice_seed> take(slice_seed seed);
  /// The last group, if there is one under way.
  std::optional<slice_seed> rest();

private:
  bool unite(slice_seed& seed);
  slice_seed grouped();

  /// Of united partitions: their field; empty: they are not united.
  std::string united_;
  recent_texts united_values_;
  /// Of groups: how many partitions; 0: there are none.
  std::size_t group_size_ = 0;
  bool once_ = false;
  recent_texts grouped_values_;
  std::vector<slice_seed> group_;
};

/// The partitions of a factor that no parent feeds.
std::vector<slice_seed> known_partitions(const slice_factor& factor);
/// The partitions of a list.
std::vector<slice_seed> partitions_of(const list_values& x);

/// How many partitions the factors that no parent feeds make together; 1 if there are none.
std::uint64_t known_combinations(const slice_space& space);

} // namespace sluice
