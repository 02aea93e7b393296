#pragma once

#include "actors/core/slices/slice_seed.hpp"
#include "config/manifest/plan/slices.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace sluice {

/// Makes partitions of the parts that an endpoint's factors give: each part with every part that another factor gave
/// before it, one combination at a time. So every combination is made once, whichever part comes last, and nobody waits
/// for the end of a parent. Pure.
///
/// A part is remembered only if another factor may still give more: of parents and lists no parent is. Of a product of
/// two parents the parts of both are, as in the reference; their combinations never are.
class partition_product {
public:
  /// Of nothing.
  partition_product() = default;
  explicit partition_product(const slice_space& space);

  /// No factor has parents: everything is known.
  bool is_known() const noexcept { return fed_ == 0; }
  /// Begins with all combinations of what is known from the start.
  void begin();
  /// Begins with those of a part more. Nothing may be under way.
  void begin(slice_seed part);
  /// A part of this factor has no combination yet.
  bool lacks_others(std::uint32_t factor) const;

  /// There are combinations left of what was begun.
  bool has_next() const noexcept { return has_next_; }
  /// The next one; there must be one. The first factor is the outermost. With the last one the part's feed goes on.
  slice_seed next();

private:
  struct factor_parts {
    std::vector<slice_seed> parts;
    bool is_fed = false;
    /// Where the combination at hand is, and how many parts there were when it was begun.
    std::size_t at = 0;
    std::size_t count = 0;
  };

  const slice_seed& part_of(std::size_t factor) const;
  void advance();

  std::vector<factor_parts> factors_;
  std::size_t fed_ = 0;
  /// The part that is combined with others; none: all are.
  std::optional<slice_seed> latest_;
  bool has_next_ = false;
};

} // namespace sluice
