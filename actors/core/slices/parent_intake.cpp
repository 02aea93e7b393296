#include "actors/core/slices/parent_intake.hpp"

#include "actors/core/slices/partition.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

parent_intake::parent_intake(plan_ptr p, endpoint_id child, std::size_t memory)
  : plan_(std::move(p)), has_windows_(plan_->endpoints[child].slices.has_windows()), memory_(memory) {
  for (auto index : plan_->endpoints[child].slices.feeding_edges()) {
    auto& f = feeds_.emplace_back();
    f.edge = index;
    f.of = &plan_->edges[index];
    const auto& parent = plan_->endpoints[f.of->parent];
    f.parent_has_partitions = parent.slices.has_partitions();
    f.parent_is_printed
      = std::any_of(parent.outputs.begin(), parent.outputs.end(), [](const output& x) { return x.emit; });
  }
}

parent_intake::feed* parent_intake::feed_of(std::uint32_t edge) {
  auto found = std::find_if(feeds_.begin(), feeds_.end(), [edge](const feed& f) { return f.edge == edge; });
  return found == feeds_.end() ? nullptr : &*found;
}

void parent_intake::take(parent_batch batch, slice_source& source) {
  auto* from = feed_of(batch.edge);
  if (from == nullptr)
    return;
  const auto number = static_cast<std::uint32_t>(from - feeds_.data());
  if (!batch.again)
    from->without_key += batch.without_key;
  // What a state covers is asked for apart from the rest, which the reference does not do: a parent that comes in both
  // is one.
  from->windows_of_our_own |= from->parent_is_printed && batch.slice.children_only;
  // A list that holds a parent twice has its children read twice, as in the reference; not where partitions have
  // cursors.
  const bool repeats = !batch.again && !from->windows_of_our_own && !has_windows_;
  const auto parent_id = from->parent_has_partitions ? batch.slice.id : 0;
  for (auto& parent : batch.records) {
    auto partition = make_partition(from->of->partition_field, parent.key, batch.slice.partition);
    if (is_new(partition) || repeats)
      source.add({std::move(partition), std::move(parent.extra_fields), parent_id, number});
    else
      source.drop(number);
  }
  if (batch.last && from->parent_has_partitions)
    source.add_end({batch.slice.id, std::move(batch.slice.partition)});
}

bool parent_intake::is_new(const std::string& partition) {
  auto [added, is_first] = seen_.insert(partition);
  if (!is_first)
    return false;
  seen_order_.push_back(&*added);
  if (seen_order_.size() > memory_) {
    seen_.erase(seen_.find(*seen_order_.front()));
    seen_order_.pop_front();
  }
  return true;
}

void parent_intake::end(std::uint32_t edge, bool all_came) {
  auto* from = feed_of(edge);
  if (from == nullptr || std::exchange(from->ended, true))
    return;
  ++ended_;
  complete_ = complete_ && all_came;
}

std::uint64_t parent_intake::without_key(std::uint32_t edge) const {
  auto found = std::find_if(feeds_.begin(), feeds_.end(), [edge](const feed& f) { return f.edge == edge; });
  return found == feeds_.end() ? 0 : found->without_key;
}

} // namespace sluice
