#include "actors/fan_out.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice {

void fan_out_state::end_parents(const parents_done& x) {
  intake.end(x.edge, x.complete, offers.source);
  if (const auto without_key = intake.without_key(x.edge); without_key > 0) {
    const auto& edge = plan->edges[x.edge];
    std::string key;
    for (const auto& segment : edge.parent_key)
      key += (key.empty() ? "" : "/") + segment;
    spdlog::warn("Stream {}: {} records of its parent {} have no `{}`, or null there. They have no children; nothing "
                 "was asked for them.",
                 plan->endpoints[edge.child].name, without_key, parent_output_of(*plan, edge).stream_name, key);
  }
  if (intake.ended())
    offers.source.close();
}

std::string fan_out_state::describe() const {
  const auto& source = offers.source;
  auto text = plan->endpoints[offers.endpoint].name + ": " + std::to_string(source.waiting()) + " parents waiting, "
              + std::to_string(source.made()) + " slices made";
  if (offers.ended)
    return text + "; done";
  if (source.empty())
    return text + "; waits for parent_batch or parents_done, " + std::to_string(offers.demanded)
           + " slices are demanded";
  return text + "; waits for slice_demand of the governor";
}

fan_out_actor::behavior_type fan_out(fan_out_self* self, plan_ptr plan, endpoint_id child, governor_actor governor,
                                     state_aggregator_actor aggregator, std::shared_ptr<const partition_past> past,
                                     std::size_t memory) {
  install_handlers(self);
  auto& state = self->state;
  state.plan = std::move(plan);
  state.intake = parent_intake{state.plan, child, memory};
  state.offers = {child, slice_source::of_partitions(state.plan, child, std::move(past)), std::move(governor),
                  std::move(aggregator)};
  state.intake.begin(state.offers.source);
  const auto go_on = [self] { offer(self, self->state.offers, self->state.intake.complete()); };
  return {
    [self, go_on](const slice_demand& x) {
      self->state.offers.demanded += x.count;
      go_on();
    },
    [self, go_on](parent_batch& x) {
      self->state.intake.take(std::move(x), self->state.offers.source);
      go_on();
    },
    [self, go_on](const parents_done& x) {
      self->state.end_parents(x);
      go_on();
    },
  };
}

} // namespace sluice
