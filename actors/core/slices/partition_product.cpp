#include "actors/core/slices/partition_product.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/partition_former.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice {

partition_product::partition_product(const slice_space& space) {
  for (const auto& factor : space.factors) {
    const auto origins = origins_of(factor);
    if (origins.empty())
      continue;
    auto& of = factors_.emplace_back();
    of.is_fed = std::any_of(origins.begin(), origins.end(),
                            [](const auto& x) { return std::holds_alternative<parent_records>(x); });
    if (of.is_fed)
      ++fed_;
    else
      of.parts = known_partitions(factor);
  }
}

void partition_product::begin() {
  latest_.reset();
  has_next_ = !factors_.empty();
  for (auto& x : factors_) {
    x.at = 0;
    x.count = x.parts.size();
    has_next_ = has_next_ && x.count > 0;
  }
}

void partition_product::begin(slice_seed part) {
  begin();
  latest_ = std::move(part);
  factors_[latest_->factor].count = 1;
  has_next_ = !lacks_others(latest_->factor);
  if (fed_ > 1) {
    auto& kept = factors_[latest_->factor].parts.emplace_back(*latest_);
    kept.feed = no_feed;
  }
}

bool partition_product::lacks_others(std::uint32_t factor) const {
  for (std::size_t i = 0; i < factors_.size(); ++i)
    if (i != factor && factors_[i].parts.empty())
      return true;
  return false;
}

const slice_seed& partition_product::part_of(std::size_t factor) const {
  return latest_ && latest_->factor == factor ? *latest_ : factors_[factor].parts[factors_[factor].at];
}

slice_seed partition_product::next() {
  if (factors_.size() == 1 && latest_) {
    has_next_ = false;
    return std::move(*latest_);
  }
  std::vector<std::string_view> partitions;
  std::vector<std::string_view> extras;
  for (std::size_t i = 0; i < factors_.size(); ++i) {
    const auto& part = part_of(i);
    partitions.emplace_back(part.partition);
    if (!part.extra_fields.empty())
      extras.emplace_back(part.extra_fields);
  }
  slice_seed result{combined_objects(partitions), extras.empty() ? std::string{} : combined_objects(extras), 0,
                    no_feed};
  advance();
  if (!has_next_ && latest_)
    result.feed = latest_->feed;
  return result;
}

/// The last factor is the innermost.
void partition_product::advance() {
  for (auto x = factors_.rbegin(); x != factors_.rend(); ++x) {
    if (++x->at < x->count)
      return;
    x->at = 0;
  }
  has_next_ = false;
}

} // namespace sluice
