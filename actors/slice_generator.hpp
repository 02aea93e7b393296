#pragma once

#include "actors/core/state/cursor.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// The SLICE GENERATOR cuts a root endpoint into slices, as many as the governor demands: the windows of its cursor, or
/// the whole endpoint as one slice if it has none.
struct slice_generator_state {
  explicit slice_generator_state(slice_generator_actor::pointer owner) : self(owner) {}

  /// Opens the next slices and offers them.
  void offer(std::uint32_t count);
  slice make(std::size_t index) const;
  std::string describe() const;

  slice_generator_actor::pointer self;
  plan_ptr plan;
  endpoint_id endpoint = 0;
  governor_actor governor;
  state_aggregator_actor aggregator;
  /// Without a cursor: one entry that is not looked at.
  std::vector<cursor_window> windows;
  std::size_t next = 0;
  bool done = false;

  static constexpr const char* name = "slice_generator";
};

using slice_generator_self = actor_self<slice_generator_actor, slice_generator_state>;

/// @param plan what the run consists of.
/// @param endpoint the root endpoint to cut.
/// @param windows what its cursor still has to read; one entry if it has no cursor.
/// @param governor takes the slices.
/// @param aggregator is told of each slice before the governor is.
slice_generator_actor::behavior_type slice_generator(slice_generator_self* self, plan_ptr plan, endpoint_id endpoint,
                                                     std::vector<cursor_window> windows, governor_actor governor,
                                                     state_aggregator_actor aggregator);

} // namespace sluice
