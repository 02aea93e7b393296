#include "actors/fan_out.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/slice_window.hpp"
#include "actors/support/slice_ids.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sluice {

void fan_out_state::take(parent_batch batch) {
  if (!batch.again)
    without_key += batch.without_key;
  // What a state covers is asked for apart from the rest, which the reference does not do: a parent that comes in both
  // is one.
  windows_of_our_own |= parent_is_printed && batch.slice.children_only;
  const bool repeats = !batch.again && !windows_of_our_own && !plan->endpoints[child].cursor;
  for (auto& parent : batch.records) {
    // A list that holds a parent twice has its children read twice, as in the reference.
    if (is_new(parent) || repeats)
      parents.push_back({std::move(parent), batch.slice.id, false, {}});
    else
      ++duplicates;
  }
  if (batch.last && parent_has_partitions)
    parents.push_back({{}, batch.slice.id, true, std::move(batch.slice.partition)});
  offer();
}

bool fan_out_state::is_new(const parent_record& parent) {
  std::string partition;
  for (const auto& f : parent.fields)
    partition += f.name + "=" + f.json + ";";
  if (!seen.insert(partition).second)
    return false;
  seen_order.push_back(std::move(partition));
  if (seen_order.size() > memory) {
    seen.erase(seen_order.front());
    seen_order.pop_front();
  }
  return true;
}

void fan_out_state::offer() {
  slices_offered offered;
  offered.endpoint = child;
  offered.consumed_parents = std::exchange(duplicates, 0);
  slices_opened opened;
  opened.endpoint = child;
  while (true) {
    if (pending.empty() && !parents.empty() && parents.front().is_end) {
      opened.expanded.push_back({parents.front().slice_id, std::move(parents.front().partition)});
      parents.pop_front();
    } else if (offered.slices.size() == demanded) {
      break;
    } else if (!pending.empty()) {
      if (parent_has_partitions)
        opened.parents.push_back(pending.front().parent_id);
      offered.slices.push_back(std::move(pending.front()));
      pending.pop_front();
    } else if (!parents.empty()) {
      expand(parents.front());
      parents.pop_front();
      ++offered.consumed_parents;
    } else {
      break;
    }
  }
  opened.count = offered.slices.size();
  demanded -= opened.count;
  bool news = opened.count > 0 || offered.consumed_parents > 0;
  if (opened.count > 0 || !opened.expanded.empty())
    self->send(aggregator, std::move(opened));
  if (news)
    self->send(governor, std::move(offered));
  if (parents_ended && parents.empty() && pending.empty() && !done) {
    done = true;
    self->send(aggregator, generation_done{child, complete});
  }
}

void fan_out_state::expand(queued_parent& parent) {
  const auto& e = plan->endpoints[child];
  slice s;
  s.endpoint = child;
  s.parent_id = parent_has_partitions ? parent.slice_id : 0;
  s.partition = std::move(parent.record.fields);
  s.label = e.name + partition_label(s.partition);
  if (past->nothing_left(s.partition))
    return;
  if (auto windows = past->windows(s.partition)) {
    for (const auto& w : *windows) {
      pending.push_back(s);
      auto& part = pending.back();
      part.id = slice_id(child, made++);
      set_window(part, *e.cursor, w);
    }
    return;
  }
  // What is complete is read again only for the sake of the streams below.
  s.children_only = past->completed(s.partition);
  s.id = slice_id(child, made++);
  pending.push_back(std::move(s));
}

void fan_out_state::end_parents(bool all_came) {
  parents_ended = true;
  complete = all_came;
  if (without_key > 0) {
    const auto& edge = plan->edges[*plan->endpoints[child].parent_edge];
    const auto& parent = plan->endpoints[edge.parent].outputs[edge.parent_output].stream_name;
    std::string key;
    for (const auto& segment : edge.parent_key)
      key += (key.empty() ? "" : "/") + segment;
    spdlog::warn("Stream {}: {} records of its parent {} have no `{}`, or null there. They have no children; nothing "
                 "was asked for them.",
                 plan->endpoints[child].name, without_key, parent, key);
  }
  offer();
}

std::string fan_out_state::describe() const {
  auto text = plan->endpoints[child].name + ": " + std::to_string(parents.size()) + " parents waiting, "
              + std::to_string(made) + " slices made";
  if (done)
    return text + "; done";
  if (parents.empty())
    return text + "; waits for parent_batch or parents_done, " + std::to_string(demanded) + " slices are demanded";
  return text + "; waits for slice_demand of the governor";
}

fan_out_actor::behavior_type fan_out(fan_out_self* self, plan_ptr plan, endpoint_id child, governor_actor governor,
                                     state_aggregator_actor aggregator, std::shared_ptr<const partition_past> past,
                                     std::size_t memory) {
  install_handlers(self);
  auto& state = self->state;
  const auto& parent = plan->endpoints[plan->edges[*plan->endpoints[child].parent_edge].parent];
  state.parent_has_partitions = parent.parent_edge.has_value();
  state.parent_is_printed
    = std::any_of(parent.outputs.begin(), parent.outputs.end(), [](const output& x) { return x.emit; });
  state.plan = std::move(plan);
  state.child = child;
  state.governor = std::move(governor);
  state.aggregator = std::move(aggregator);
  state.past = std::move(past);
  state.memory = memory;
  return {
    [self](const slice_demand& x) {
      self->state.demanded += x.count;
      self->state.offer();
    },
    [self](parent_batch& x) { self->state.take(std::move(x)); },
    [self](const parents_done& x) { self->state.end_parents(x.complete); },
  };
}

} // namespace sluice
