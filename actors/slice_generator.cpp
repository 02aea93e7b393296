#include "actors/slice_generator.hpp"

#include "actors/core/slices/slice_window.hpp"
#include "actors/support/slice_ids.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

void slice_generator_state::offer(std::uint32_t count) {
  auto left = windows.size() - next;
  auto n = std::min<std::size_t>(count, left);
  if (n > 0 || (left == 0 && !done)) {
    slices_offered offered;
    offered.endpoint = endpoint;
    offered.last = n == left;
    offered.slices.reserve(n);
    for (std::size_t i = 0; i < n; ++i)
      offered.slices.push_back(make(next++));
    if (n > 0)
      self->send(aggregator, slices_opened{endpoint, n});
    self->send(governor, std::move(offered));
  }
  if (next == windows.size() && !done) {
    done = true;
    self->send(aggregator, generation_done{endpoint, true});
  }
}

slice slice_generator_state::make(std::size_t index) const {
  const auto& e = plan->endpoints[endpoint];
  slice s;
  s.endpoint = endpoint;
  s.id = slice_id(endpoint, index);
  s.label = e.name;
  if (!e.cursor)
    return s;
  set_window(s, *e.cursor, windows[index]);
  return s;
}

std::string slice_generator_state::describe() const {
  return plan->endpoints[endpoint].name + ": " + std::to_string(next) + " of " + std::to_string(windows.size())
         + " slices made; " + (done ? "done" : "waits for slice_demand of the governor");
}

slice_generator_actor::behavior_type slice_generator(slice_generator_self* self, plan_ptr plan, endpoint_id endpoint,
                                                     std::vector<cursor_window> windows, governor_actor governor,
                                                     state_aggregator_actor aggregator) {
  install_handlers(self);
  auto& state = self->state;
  state.plan = std::move(plan);
  state.endpoint = endpoint;
  state.windows = std::move(windows);
  state.governor = std::move(governor);
  state.aggregator = std::move(aggregator);
  return {
    [self](const slice_demand& x) { self->state.offer(x.count); },
  };
}

} // namespace sluice
