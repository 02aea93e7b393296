#pragma once

#include "actors/support/actor_base.hpp"
#include "messages/error.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// A label that every sample carries: a name and its value.
using metrics_label = std::pair<std::string, std::string>;

/// Reads `NAME=VALUE`. A name is of letters, digits and `_`, and none that metrics have of their own.
expected<metrics_label> parse_metrics_label(std::string_view text);

/// Which run the numbers are of.
struct metrics_identity {
  /// Those of the user, and `run`.
  std::vector<metrics_label> labels;
  std::string version;
  /// The name of the connector.
  std::string connector;
  /// Dates, seconds since the epoch: when it began, and the end of the last run that ended with exit code 0; 0: not
  /// known.
  std::int64_t started_s = 0;
  std::int64_t last_success_s = 0;
};

/// How far the run is.
struct metrics_phase {
  bool up = true;
  /// Once it has ended.
  std::optional<std::int32_t> exit_code{};
};

/// A metrics file to be.
struct metrics_target {
  std::string path;
  metrics_identity of;
};

/// The target of a run that begins now. Without a label `run` it is called by its file, so that the files of several
/// runs in one folder have no sample in common; what the file's last run knew of the last success is kept.
metrics_target metrics_target_of(const std::string& path, std::vector<metrics_label> labels, std::string version,
                                 std::string connector, std::int64_t now_s);

/// A run's numbers in Prometheus' text exposition format 0.0.4; the names are documented in docs/metrics.md. What is
/// unknown has no sample.
std::string metrics_text(const run_snapshot& x, const metrics_identity& of, const metrics_phase& phase);

/// Replaces the metrics file as a whole.
expected<void> write_metrics(const metrics_target& to, const run_snapshot& x, const metrics_phase& phase);

/// METRICS rewrites a file with the run's numbers every second. Detached: a file system that hangs must hold up nobody
/// else.
struct metrics_state {
  explicit metrics_state(observer_actor::pointer owner) : self(owner) {}

  void take(const run_snapshot& x);

  observer_actor::pointer self;
  metrics_target to;
  std::int64_t written_us = 0;
  /// The log has been told that the file cannot be written.
  bool warned = false;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "metrics";
};

using metrics_self = actor_self<observer_actor, metrics_state>;

/// @param to a failure to write it is logged once, and the run goes on.
observer_actor::behavior_type metrics(metrics_self* self, metrics_target to);

} // namespace sluice
