#pragma once

#include "actors/support/actor_base.hpp"
#include "actors/support/slice_offers.hpp"
#include "messages/interfaces.hpp"

#include <string>

namespace sluice {

/// The SLICE GENERATOR cuts an endpoint without parents into slices, as many as the governor demands: the windows of
/// its cursor, its partitions, or the whole endpoint as one slice if it has neither.
struct slice_generator_state {
  explicit slice_generator_state(slice_generator_actor::pointer owner) : self(owner) {}

  std::string describe() const;

  slice_generator_actor::pointer self;
  std::string endpoint_name;
  slice_offers offers;

  static constexpr const char* name = "slice_generator";
};

using slice_generator_self = actor_self<slice_generator_actor, slice_generator_state>;

/// @param plan what the run consists of.
/// @param endpoint the endpoint to cut.
/// @param source makes its slices.
/// @param governor takes the slices.
/// @param aggregator is told of each slice before the governor is.
slice_generator_actor::behavior_type slice_generator(slice_generator_self* self, plan_ptr plan, endpoint_id endpoint,
                                                     slice_source source, governor_actor governor,
                                                     state_aggregator_actor aggregator);

} // namespace sluice
