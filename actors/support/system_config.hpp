#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstddef>
#include <memory>

namespace sluice {

class flight_recorder;
class trace_log;

/// CAF's configuration as Sluice sets it. CAF reads no file and no command line here: our own tuning file is checked,
/// CAF's is not.
class system_config : public caf::actor_system_config {
public:
  /// `scheduler_threads` workers under the sharing policy, which costs nothing while the network is awaited.
  /// `trace` may be null; it must outlive the actor system.
  explicit system_config(trace_log* trace = nullptr, std::size_t scheduler_threads = 1);

  trace_log* trace() const noexcept { return trace_; }
  /// What the system's actors are doing.
  const std::shared_ptr<flight_recorder>& actors() const noexcept { return actors_; }

private:
  trace_log* trace_;
  std::shared_ptr<flight_recorder> actors_;
};

/// The trace of the system's configuration, if that is a `system_config` with one.
trace_log* trace_of(const caf::actor_system& system) noexcept;

/// The recorder of the system's configuration, if that is a `system_config`.
flight_recorder* recorder_of(const caf::actor_system& system) noexcept;

} // namespace sluice
