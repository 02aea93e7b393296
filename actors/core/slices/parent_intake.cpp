#include "actors/core/slices/parent_intake.hpp"

#include "actors/core/slices/partition.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

parent_intake::parent_intake(plan_ptr p, endpoint_id child, std::size_t memory)
  : plan_(std::move(p)), child_(child), has_windows_(plan_->endpoints[child].slices.has_windows()), seen_(memory) {
  const auto& e = plan_->endpoints[child];
  const auto* whole = partitioned_parent_of(*plan_, e);
  for (const auto& factor : e.slices.factors) {
    const auto origins = origins_of(factor);
    for (const auto& origin : origins)
      if (const auto* parents = std::get_if<parent_records>(&origin))
        for (auto index : parents->edges) {
          auto& f = feeds_.emplace_back();
          f.edge = index;
          f.of = &plan_->edges[index];
          f.factor = static_cast<std::uint32_t>(formers_.size());
          const auto& parent = plan_->endpoints[f.of->parent];
          f.has_whole_partitions = &parent == whole;
          f.parent_is_printed
            = std::any_of(parent.outputs.begin(), parent.outputs.end(), [](const output& x) { return x.emit; });
        }
    if (!origins.empty())
      formers_.emplace_back(factor, memory);
  }
}

void parent_intake::begin(slice_source& source) {
  std::uint32_t number = 0;
  for (const auto& factor : plan_->endpoints[child_].slices.factors) {
    const auto origins = origins_of(factor);
    const bool is_fed = std::any_of(origins.begin(), origins.end(),
                                    [](const auto& x) { return std::holds_alternative<parent_records>(x); });
    for (const auto& origin : origins)
      if (const auto* list = std::get_if<list_values>(&origin); list != nullptr && is_fed)
        for (auto& seed : partitions_of(*list)) {
          seed.factor = number;
          give(std::move(seed), source);
        }
    if (!origins.empty())
      ++number;
  }
}

/// Of a group the parents but the last are done with at once: they are a part of it now.
void parent_intake::give(slice_seed seed, slice_source& source) {
  const auto brought_by = seed.feed;
  auto& former = formers_[seed.factor];
  if (auto made = former.take(std::move(seed)))
    source.add(std::move(*made));
  else
    source.drop(brought_by);
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
  const auto parent_id = from->has_whole_partitions ? batch.slice.id : 0;
  for (auto& parent : batch.records) {
    auto partition = make_partition(from->of->partition_field, parent.key, batch.slice.partition);
    if (seen_.add(partition) || repeats)
      give({std::move(partition), std::move(parent.extra_fields), parent_id, number, from->factor,
            std::move(parent.first_page)},
           source);
    else
      source.drop(number);
  }
  if (batch.last && from->has_whole_partitions)
    source.add_end({batch.slice.id, std::move(batch.slice.partition)});
}

void parent_intake::end(std::uint32_t edge, bool all_came, slice_source& source) {
  auto* from = feed_of(edge);
  if (from == nullptr || std::exchange(from->ended, true))
    return;
  ++ended_;
  complete_ = complete_ && all_came;
  const bool others_go_on
    = std::any_of(feeds_.begin(), feeds_.end(), [from](const feed& f) { return f.factor == from->factor && !f.ended; });
  if (auto made = others_go_on ? std::nullopt : formers_[from->factor].rest())
    source.add(std::move(*made));
}

std::uint64_t parent_intake::without_key(std::uint32_t edge) const {
  auto found = std::find_if(feeds_.begin(), feeds_.end(), [edge](const feed& f) { return f.edge == edge; });
  return found == feeds_.end() ? 0 : found->without_key;
}

} // namespace sluice
