#include "actors/state_aggregator.hpp"

#include <utility>

namespace sluice {

void state_aggregator_state::settle(endpoint_id e) {
  if (!ledger->take_completion(e))
    return;
  for (auto& update : ledger->final_states(e))
    self->send(emitter, std::move(update));
  self->send(supervisor, ledger->summary(e));
}

void state_aggregator_state::finish() {
  for (auto& update : ledger->all_final_states())
    self->send(emitter, std::move(update));
}

state_aggregator_actor::behavior_type state_aggregator(state_aggregator_self* self, slice_ledger ledger,
                                                       emitter_actor emitter, read_supervisor_actor supervisor) {
  install_handlers(self);
  auto& state = self->state;
  state.ledger = std::make_unique<slice_ledger>(std::move(ledger));
  state.emitter = std::move(emitter);
  state.supervisor = std::move(supervisor);
  return {
    [self](const slices_opened& x) { self->state.ledger->opened(x); },
    [self](const generation_done& x) {
      self->state.ledger->generated(x);
      self->state.settle(x.endpoint);
    },
    [self](const page_written& x) {
      if (auto update = self->state.ledger->written(x.receipt))
        self->send(self->state.emitter, std::move(*update));
      self->state.settle(x.receipt.slice.endpoint);
    },
    [self](const slice_failed& x) {
      self->state.ledger->failed(x);
      self->send(self->state.supervisor, x);
      self->state.settle(x.slice.endpoint);
    },
    [self](const finish_request&) {
      self->state.finish();
      return finished{};
    },
    [self](const report_request&) { return self->state.ledger->report(); },
  };
}

} // namespace sluice
