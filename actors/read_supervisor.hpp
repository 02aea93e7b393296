#pragma once

#include "actors/core/admission/budget.hpp"
#include "actors/core/clock.hpp"
#include "actors/core/last_words.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "actors/fetcher.hpp"
#include "actors/net/transport.hpp"
#include "actors/support/actor_base.hpp"
#include "actors/support/line_writer.hpp"
#include "actors/support/log_sink.hpp"
#include "config/manifest/plan/plan.hpp"
#include "config/tuning.hpp"
#include "messages/interfaces.hpp"
#include "messages/text/redaction.hpp"

#include <caf/duration.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Everything a run needs from outside.
struct run_setup {
  plan_ptr plan;
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
  /// False in tests on the deterministic scheduler: then no actor has a thread of its own.
  bool detached = true;
};

/// The READ SUPERVISOR spawns and watches all other actors and owns what concerns the whole run: stream statuses,
/// errors, the stop.
struct read_supervisor_state {
  explicit read_supervisor_state(read_supervisor_actor::pointer owner) : self(owner) {}

  // -- the course of a run
  caf::result<run_result> start();
  void spawn_all(slice_ledger ledger);
  void add_fetchers(std::uint32_t upto);
  void announce_streams();
  void finish_endpoint(const endpoint_done& x);
  void take_failure(const slice_failed& x);
  /// Stops admitting requests; what is in flight ends, then `wind_up`.
  void stop_early(early_end why);
  void take_surrender(const endpoint_given_up& x);
  void take_down(const caf::down_msg& x);
  void take_throttling(const throttled& x);
  void beat();
  /// Ends a run that stands still, with what still answers.
  void take_stall(const stall_notice& x);
  std::string describe() const;
  /// Other bounds from now on; makes the fetchers that a larger pool needs.
  caf::result<retuned> change_bounds(const retune& wanted);

  // -- the end, in this order
  void wind_up();
  void count_requests();
  void judge_idle_policies();
  void print_last_words();
  void collect_numbers();
  void close();
  /// Ends all other actors.
  void dismiss();
  /// The supervisor ends by an exception.
  void take_exception();

  // -- helpers
  void report_progress();
  /// Shows observers how the run stands; one that is still busy with the last time is left out, lest it drown.
  void show(const run_snapshot& x);
  /// Adds to a snapshot what neither governor nor state aggregator knows.
  void complete(run_snapshot& x) const;
  void send_status(stream_index s, stream_status status);
  void fail_stream(stream_index s, const sluice::error& why);
  /// Printed streams that lose data if this endpoint does: its own, or else those below it.
  std::vector<stream_index> streams_of(endpoint_id e) const;
  void arm_grace();

  read_supervisor_actor::pointer self;
  run_setup setup;
  caf::typed_response_promise<run_result> promise;
  steady_time started_at;

  emitter_actor emitter;
  governor_actor governor;
  state_aggregator_actor aggregator;
  std::vector<slice_generator_actor> generators;
  /// One for each edge.
  std::vector<fan_out_actor> fan_outs;
  std::vector<fetcher_actor> fetchers;
  fetcher_links links;
  /// Only while messages are traced.
  tracer_actor tracer;
  /// By observer: it has not yet shown what it was sent last.
  std::vector<bool> showing;

  struct stream_book {
    bool ended = false;
    bool failed = false;
    std::uint64_t errors = 0;
  };
  std::vector<stream_book> streams;
  std::vector<bool> endpoint_ended;
  std::optional<failure_type> worst;
  std::optional<early_end> ending;
  bool winding_up = false;
  /// A rate limit holds up everything.
  bool throttling = false;
  /// A heartbeat's timer is set.
  bool beating = false;
  /// The emitter has not come to the last heartbeat yet.
  bool beat_waits = false;
  bool said_last_words = false;
  bool closed = false;
  /// How long the wind-up waits for each of its answers.
  caf::duration patience = caf::infinite;
  bool output_open = true;
  run_result result;

  static constexpr const char* name = "read_supervisor";
};

using read_supervisor_self = actor_self<read_supervisor_actor, read_supervisor_state>;

/// @param setup what the run consists of and what it may use.
read_supervisor_actor::behavior_type read_supervisor(read_supervisor_self* self, run_setup setup);

} // namespace sluice
