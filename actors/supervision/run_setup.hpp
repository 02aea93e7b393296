#pragma once

#include "actors/core/clock.hpp"
#include "actors/core/requests/purpose.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/net/transport.hpp"
#include "actors/support/line_writer.hpp"
#include "actors/support/log_sink.hpp"
#include "config/manifest/plan/plan.hpp"
#include "config/tuning.hpp"
#include "messages/interfaces.hpp"
#include "messages/text/redaction.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace sluice {

struct cast;
struct run_setup;

/// Makes the actors of a run and lets them know each other; nothing is requested yet.
/// @param supervisor makes and monitors them.
/// @param ledger opened with the run's plan; goes to the state aggregator.
/// @param actors filled as they are made: whoever has been made before an exception can be dismissed.
void spawn_cast(read_supervisor_actor::pointer supervisor, const run_setup& setup, slice_ledger ledger, cast& actors);

/// Everything a run needs from outside.
struct run_setup {
  plan_ptr plan;
  /// The plan's, opened with the states that came in; the run takes it over. Must be there when the run begins.
  std::optional<slice_ledger> ledger;
  sluice::tuning tuning;
  std::uint32_t pool_size = 10;
  std::shared_ptr<net::transport> transport;
  std::shared_ptr<line_writer> out;
  /// Masked in all texts for people; what is learnt during the run is added.
  std::shared_ptr<redactor> secrets = std::make_shared<redactor>();
  wall_clock wall = system_wall_clock;
  /// Log entries go through the emitter while the run is on; may be null.
  std::shared_ptr<log_sink> log;
  /// Ends the run in time, resumable; none: no bound.
  std::optional<std::chrono::microseconds> max_duration;
  /// Requests to send at most; 0: no bound.
  std::uint64_t max_requests = 0;
  /// A rate policy that never governed a request is an error.
  bool strict = false;
  /// What the run is made for.
  request_purpose purpose = request_purpose::read;
  /// The process's resident memory, bytes; none: nobody watches `memory.limit`.
  std::function<std::uint64_t()> resident_bytes;
  /// The process's processor time so far; none: not reported.
  std::function<std::chrono::microseconds()> processor_time;
  /// Called when an actor ends that should not, while the others are still there.
  std::function<void()> on_lost_actor;
  /// Each hears how the run stands, every `progress_interval` if it keeps up, and at the end.
  std::vector<observer_actor> observers;
  std::chrono::milliseconds progress_interval{250};
  /// Tests of the supervisor alone give it actors that do as the test says.
  std::function<decltype(spawn_cast)> make_cast = spawn_cast;
  /// False in tests on the deterministic scheduler: then no actor has a thread of its own.
  bool detached = true;
};

} // namespace sluice
