#pragma once

#include "actors/core/slices/slice_source.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <utility>

namespace sluice {

/// What slice generator and fan-out have in common: a source, and those who are told of its slices.
struct slice_offers {
  endpoint_id endpoint = 0;
  slice_source source;
  governor_actor governor;
  state_aggregator_actor aggregator;
  /// Slices that the governor wants and has not got.
  std::uint64_t demanded = 0;
  /// Governor and aggregator know that there will be no more.
  bool ended = false;
};

/// Opens and offers as many slices as are demanded and there are. The aggregator hears of them before the governor
/// does, so nobody can believe the endpoint finished while they are on their way.
/// @param complete nothing is missing of what the slices are made from.
template <class Self>
void offer(Self* self, slice_offers& to, bool complete) {
  auto made = to.source.take(to.demanded);
  const auto count = made.slices.size();
  const bool ends = to.source.done() && !to.ended;
  to.ended = to.ended || ends;
  to.demanded -= count;
  if (count > 0 || !made.expanded.empty())
    self->send(to.aggregator, slices_opened{to.endpoint, count, std::move(made.parents), std::move(made.expanded)});
  if (count > 0 || !made.consumed_parents.empty() || ends)
    self->send(to.governor,
               slices_offered{to.endpoint, std::move(made.slices), std::move(made.consumed_parents), to.ended});
  if (ends)
    self->send(to.aggregator, generation_done{to.endpoint, complete});
}

} // namespace sluice
