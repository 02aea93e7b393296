#pragma once

#include "actors/core/slices/parent_intake.hpp"
#include "actors/support/actor_base.hpp"
#include "actors/support/slice_offers.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sluice {

/// The FAN-OUT turns each parent record into slices of the child at once: the first child request leaves while the
/// parent still pages. It makes no more slices than the governor demands, and its mailbox is bounded by the governor,
/// which admits a parent's page only if its records have room here.
struct fan_out_state {
  explicit fan_out_state(fan_out_actor::pointer owner) : self(owner) {}

  void end_parents(const parents_done& x);
  std::string describe() const;

  fan_out_actor::pointer self;
  plan_ptr plan;
  parent_intake intake;
  slice_offers offers;

  static constexpr const char* name = "fan_out";
};

using fan_out_self = actor_self<fan_out_actor, fan_out_state>;

/// @param plan what the run consists of.
/// @param child the endpoint whose slices are made; it has at least one parent.
/// @param governor takes the slices.
/// @param aggregator is told of each slice before the governor is.
/// @param past what need not be read again.
/// @param memory how many partitions are remembered to recognise repeated parents.
fan_out_actor::behavior_type fan_out(fan_out_self* self, plan_ptr plan, endpoint_id child, governor_actor governor,
                                     state_aggregator_actor aggregator, std::shared_ptr<const partition_past> past,
                                     std::size_t memory);

} // namespace sluice
