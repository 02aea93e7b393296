#include "actors/slice_generator.hpp"

#include <utility>

namespace sluice {

std::string slice_generator_state::describe() const {
  const auto& source = offers.source;
  return endpoint_name + ": " + std::to_string(source.made()) + " slices made, " + std::to_string(source.windows_left())
         + " left of the partition at hand; " + (offers.ended ? "done" : "waits for slice_demand of the governor");
}

slice_generator_actor::behavior_type slice_generator(slice_generator_self* self, plan_ptr plan, endpoint_id endpoint,
                                                     slice_source source, governor_actor governor,
                                                     state_aggregator_actor aggregator) {
  install_handlers(self);
  auto& state = self->state;
  state.endpoint_name = plan->endpoints[endpoint].name;
  state.offers = {endpoint, std::move(source), std::move(governor), std::move(aggregator)};
  return {
    [self](const slice_demand& x) {
      self->state.offers.demanded += x.count;
      offer(self, self->state.offers, true);
    },
  };
}

} // namespace sluice
