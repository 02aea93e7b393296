#pragma once

#include "actors/core/slice_ledger.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <memory>
#include <string>

namespace sluice {

/// The STATE AGGREGATOR hears what is written and says what may be promised: a STATE line leaves for the emitter only
/// after every record that it covers has been written, whatever the order in which slices end.
struct state_aggregator_state {
  explicit state_aggregator_state(state_aggregator_actor::pointer owner) : self(owner) {}

  /// If the endpoint's last slice has ended: final states to the emitter, then the news to the supervisor.
  void settle(endpoint_id e);
  void finish();
  std::string describe() const { return ledger->open_work(); }

  state_aggregator_actor::pointer self;
  std::unique_ptr<slice_ledger> ledger;
  emitter_actor emitter;
  read_supervisor_actor supervisor;

  static constexpr const char* name = "state_aggregator";
};

using state_aggregator_self = actor_self<state_aggregator_actor, state_aggregator_state>;

/// @param ledger opened with the run's plan.
/// @param emitter prints the states.
/// @param supervisor hears of failed slices and completed endpoints.
state_aggregator_actor::behavior_type state_aggregator(state_aggregator_self* self, slice_ledger ledger,
                                                       emitter_actor emitter, read_supervisor_actor supervisor);

} // namespace sluice
