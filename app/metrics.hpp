#pragma once

#include "actors/support/actor_base.hpp"
#include "messages/error.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace sluice {

/// A run's numbers in Prometheus' text exposition format 0.0.4; the names are documented in docs/metrics.md. What is
/// unknown has no sample.
/// @param up the run is still on.
std::string metrics_text(const run_snapshot& x, bool up);

/// Replaces the metrics file as a whole.
expected<void> write_metrics(const std::string& path, const run_snapshot& x, bool up);

/// METRICS rewrites a file with the run's numbers every second. Detached: a file system that hangs must hold up nobody
/// else.
struct metrics_state {
  explicit metrics_state(observer_actor::pointer owner) : self(owner) {}

  void take(const run_snapshot& x);

  observer_actor::pointer self;
  std::string path;
  std::int64_t written_us = 0;
  /// The log has been told that the file cannot be written.
  bool warned = false;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "metrics";
};

using metrics_self = actor_self<observer_actor, metrics_state>;

/// @param path the file; a failure to write it is logged once, and the run goes on.
observer_actor::behavior_type metrics(metrics_self* self, std::string path);

} // namespace sluice
