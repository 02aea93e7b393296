#pragma once

#include "actors/support/actor_base.hpp"
#include "app/cli.hpp"
#include "app/progress_view.hpp"
#include "app/terminal.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace sluice {

/// PROGRESS shows on stderr how a run stands: a block in place on a terminal, `key=value` lines elsewhere.
/// Detached: a terminal that does not scroll must hold up nobody else.
struct progress_state {
  explicit progress_state(observer_actor::pointer owner) : self(owner) {}
  ~progress_state();

  void show(const run_snapshot& x);

  observer_actor::pointer self;
  std::shared_ptr<live_block> block;
  rate_meter meter;
  progress_options options;
  bool in_place = false;
  /// Snapshots that piled up behind a terminal that did not scroll are passed over.
  std::optional<std::chrono::steady_clock::time_point> painted_at;
  std::int64_t last_shown_us = 0;
  /// A snapshot has said that the run was asked to end.
  bool stopping = false;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "progress";
};

using progress_self = actor_self<observer_actor, progress_state>;

/// @param options the mode `always` shows the block also where stderr is no terminal.
/// @param block where it is painted; others print above it.
observer_actor::behavior_type progress(progress_self* self, progress_options options,
                                       std::shared_ptr<live_block> block);

} // namespace sluice
