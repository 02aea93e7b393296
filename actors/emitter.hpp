#pragma once

#include "actors/core/clock.hpp"
#include "actors/core/records/record_bound.hpp"
#include "actors/support/actor_base.hpp"
#include "actors/support/job_sharing.hpp"
#include "actors/support/line_writer.hpp"
#include "actors/support/log_sink.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/interfaces.hpp"
#include "messages/protocol.hpp"
#include "messages/text/redaction.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The EMITTER is the only writer of stdout. What it has written it reports: bytes to the governor, pages to the state
/// aggregator. It keeps the connector config: credentials change it, and the whole of it is printed then.
struct emitter_state {
  explicit emitter_state(emitter_actor::pointer owner) : self(owner), output_wait(owner->home_system(), owner) {}

  struct stream {
    stream_descriptor descriptor;
    /// RUNNING has been printed, and no wait for a rate limit since.
    bool running = false;
    /// Its last status is out.
    bool ended = false;
    /// Records since the stream's previous STATE.
    std::uint64_t records = 0;
  };

  void write_batch(record_batch& batch);
  void write_state(const state_update& x);
  void write_estimate(const estimate& x);
  void write_status(const status_update& x);
  void write_error(const error_trace& x);
  void write_log(const log_entry& x);
  /// The config that has changed goes out as a CONTROL line; false: it could not be written.
  bool write_config(const config_update& x);
  /// Writes whole lines; after the first failure nothing any more.
  bool write(std::string_view lines);
  /// Shows a write in the trace that had to wait.
  void trace_write(flight_time begin, std::size_t bytes);
  std::string describe() const { return open ? "waits for pages and states" : "stdout is gone, nothing is written"; }

  emitter_actor::pointer self;
  /// A write may take as long as the reader of stdout likes.
  blocking_job output_wait;
  std::shared_ptr<line_writer> out;
  std::shared_ptr<const redactor> secrets;
  /// What waits of the log; may be null.
  std::shared_ptr<log_backlog> backlog;
  wall_clock wall;
  read_supervisor_actor supervisor;
  governor_actor governor;
  state_aggregator_actor aggregator;
  std::vector<stream> streams;
  /// The connector config, with what has changed during the run.
  language::value config;
  record_bound bound{0, 0};
  bool open = true;
  std::shared_ptr<flight_record> record;
  trace_log* trace = nullptr;
  /// Numbers the waits in a trace.
  std::uint64_t slow_writes = 0;

  static constexpr const char* name = "emitter";
};

using emitter_self = actor_self<emitter_actor, emitter_state>;

/// @param plan names the streams.
/// @param out where lines go.
/// @param secrets masked in all texts for people; records, states and the config are never altered.
/// @param backlog what waits of the log, where a sink sends it; may be null.
/// @param supervisor hears when `out` cannot be written any more.
/// @param wall the date in TRACE lines.
emitter_actor::behavior_type emitter(emitter_self* self, plan_ptr plan, std::shared_ptr<line_writer> out,
                                     std::shared_ptr<const redactor> secrets, std::shared_ptr<log_backlog> backlog,
                                     read_supervisor_actor supervisor, wall_clock wall);

} // namespace sluice
