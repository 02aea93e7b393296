#pragma once

#include "actors/core/admission/admission.hpp"
#include "actors/fetcher.hpp"
#include "actors/supervision/run_setup.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <vector>

namespace sluice {

/// The actors of a run. The READ SUPERVISOR makes and monitors them, and is the only one who keeps them all; it is the
/// first argument of what makes, tells or ends them.
struct cast {
  emitter_actor emitter;
  governor_actor governor;
  state_aggregator_actor aggregator;
  /// One for each endpoint without parents, in the plan's order.
  std::vector<slice_generator_actor> generators;
  /// By edge: the fan-out of its child.
  std::vector<fan_out_actor> fan_outs;
  std::vector<fetcher_actor> fetchers;
  /// One for each of the plan's credentials, which expire.
  std::vector<authenticator_actor> authenticators;
  /// Only while messages are traced.
  tracer_actor tracer;

  /// What every fetcher gets to know.
  fetcher_links links;
};

/// The bounds that the run's governor keeps.
admission_limits limits_of(const run_setup& setup);
/// Makes fetchers until there are so many, and tells the governor of them.
void add_fetchers(read_supervisor_actor::pointer supervisor, const run_setup& setup, cast& actors, std::uint32_t upto);
/// Tells the governor where slices come from: the run begins.
void open_sources(read_supervisor_actor::pointer supervisor, const plan& p, const cast& actors);
/// Ends everybody, also if not all have been made.
void dismiss(read_supervisor_actor::pointer supervisor, const cast& actors);

} // namespace sluice
