#include "actors/core/slices/slice_source.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/slice_ids.hpp"
#include "actors/core/slices/slice_window.hpp"

#include <utility>

namespace sluice {

slice_source::slice_source(plan_ptr p, endpoint_id e)
  : plan_(std::move(p)), of_(&plan_->endpoints[e]), feeds_(of_->slices.feeding_edges().size()) {}

slice_source slice_source::of_endpoint(plan_ptr p, endpoint_id e, cursor_windows windows) {
  slice_source result{std::move(p), e};
  result.closed_ = true;
  if (windows.empty())
    return result;
  auto& whole = result.current_.emplace(expansion{});
  whole.common.endpoint = e;
  whole.common.label = result.of_->name;
  if (result.of_->slices.has_windows())
    cut(whole, std::move(windows));
  else
    whole.windows = std::move(windows);
  return result;
}

slice_source slice_source::of_partitions(plan_ptr p, endpoint_id e, std::shared_ptr<const partition_past> past) {
  slice_source result{std::move(p), e};
  result.past_ = std::move(past);
  result.product_ = partition_product{result.of_->slices};
  if (result.product_.is_known()) {
    result.product_.begin();
    result.closed_ = true;
  }
  return result;
}

void slice_source::add(slice_seed seed) {
  queue_.emplace_back(std::move(seed));
}

void slice_source::drop(std::uint32_t feed) {
  if (feed == no_feed)
    return;
  consumed_.resize(feeds_);
  ++consumed_[feed];
}

void slice_source::add_end(expanded_parent parent) {
  queue_.emplace_back(std::move(parent));
}

bool slice_source::take_barren(harvest& result) {
  if (current_ || product_.has_next() || queue_.empty())
    return false;
  auto& front = queue_.front();
  if (auto* end = std::get_if<expanded_parent>(&front)) {
    result.expanded.push_back(std::move(*end));
  } else {
    auto& seed = std::get<slice_seed>(front);
    if (!product_.lacks_others(seed.factor))
      return false;
    drop(seed.feed);
    product_.begin(std::move(seed));
  }
  queue_.pop_front();
  return true;
}

slice_source::harvest slice_source::take(std::uint64_t count) {
  harvest result;
  while (true) {
    if (take_barren(result))
      continue;
    if (result.slices.size() == count)
      break;
    if (current_) {
      result.slices.push_back(next_slice());
      if (auto parent = result.slices.back().parent_id; parent != 0)
        result.parents.push_back(parent);
    } else if (product_.has_next()) {
      open(product_.next());
    } else if (!queue_.empty()) {
      product_.begin(std::get<slice_seed>(std::move(queue_.front())));
      queue_.pop_front();
    } else {
      break;
    }
  }
  result.consumed_parents = std::exchange(consumed_, {});
  return result;
}

void slice_source::open(slice_seed seed) {
  const auto feed = seed.feed;
  expansion part;
  part.feed = feed;
  part.common.endpoint = of_->id;
  part.common.parent_id = seed.parent_id;
  part.common.label = of_->name + partition_label(seed.partition);
  part.common.partition = std::move(seed.partition);
  part.common.extra_fields = std::move(seed.extra_fields);
  part.common.first_page = std::move(seed.first_page);
  const auto& partition = part.common.partition;
  if (past_->nothing_left(partition))
    return drop(feed);
  if (auto windows = past_->windows(partition)) {
    if (windows->empty())
      return drop(feed);
    cut(part, std::move(*windows));
  } else {
    // What is complete is read again only for the sake of the streams below.
    part.common.children_only = past_->completed(partition);
    part.windows = cursor_windows::whole();
  }
  current_ = std::move(part);
}

void slice_source::cut(expansion& part, cursor_windows windows) {
  part.in_windows = true;
  part.unread_from = windows.beginning(false).value_or(instant::min());
  part.children_need_from = windows.beginning(true).value_or(instant::min());
  part.windows = std::move(windows);
}

slice slice_source::next_slice() {
  auto& part = *current_;
  const auto window = part.windows.front();
  part.windows.pop_front();
  const bool is_last = part.windows.empty();
  slice s = is_last ? std::move(part.common) : part.common;
  s.id = slice_id(of_->id, made_++);
  if (part.in_windows)
    set_window(s, *of_->cursor, window, window.children_only ? part.children_need_from : part.unread_from);
  if (is_last) {
    drop(part.feed);
    current_.reset();
  }
  return s;
}

} // namespace sluice
