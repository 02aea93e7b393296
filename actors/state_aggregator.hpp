#pragma once

#include "actors/core/clock.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/core/state/state_pacer.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sluice {

/// The STATE AGGREGATOR hears what is written and says what may be promised: a STATE line leaves for the emitter only
/// after every record that it covers has been written, whatever the order in which slices end.
struct state_aggregator_state {
  explicit state_aggregator_state(state_aggregator_actor::pointer owner) : self(owner) {}

  void take_slices(const slices_opened& x);
  void take_page(const page_receipt& x);
  void note_change(endpoint_id e, state_change what);
  /// Prints the changed states that may be printed now, and sets the timer for the next.
  void print_due();
  /// Prints how much the streams will bring, when that is news.
  void estimate_sizes();
  void beat();
  /// If the endpoint's last slice has ended: final states to the emitter, then the news to the supervisor.
  void settle(endpoint_id e);
  void finish();
  /// Warns once of what the endpoint's records say against its cursor.
  void tell_findings(endpoint_id e);
  void print(state_update update);
  std::chrono::microseconds elapsed() const;
  std::string describe() const { return ledger->open_work(); }

  state_aggregator_actor::pointer self;
  std::unique_ptr<slice_ledger> ledger;
  std::unique_ptr<state_pacer> pacer;
  steady_time started_at{};
  std::optional<steady_time> armed;
  std::optional<steady_time> estimated_at;
  /// Records of each stream's last estimate.
  std::map<stream_index, std::uint64_t> estimated;
  std::uint64_t timer_generation = 0;
  emitter_actor emitter;
  read_supervisor_actor supervisor;

  static constexpr const char* name = "state_aggregator";
};

using state_aggregator_self = actor_self<state_aggregator_actor, state_aggregator_state>;

/// @param ledger opened with the run's plan.
/// @param pacer says which changed states may be printed when.
/// @param emitter prints the states.
/// @param supervisor hears of failed slices and completed endpoints.
state_aggregator_actor::behavior_type state_aggregator(state_aggregator_self* self, slice_ledger ledger,
                                                       state_pacer pacer, emitter_actor emitter,
                                                       read_supervisor_actor supervisor);

} // namespace sluice
