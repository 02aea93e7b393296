#pragma once

#include "actors/core/last_words.hpp"
#include "actors/core/stream_books.hpp"
#include "actors/supervision/cast.hpp"
#include "actors/supervision/run_progress.hpp"
#include "actors/supervision/run_setup.hpp"
#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <caf/duration.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// The READ SUPERVISOR spawns and watches all other actors (`actors/supervision/cast.hpp`) and owns what concerns the
/// whole run: stream statuses, errors, the stop.
struct read_supervisor_state {
  explicit read_supervisor_state(read_supervisor_actor::pointer owner) : self(owner) {}

  /// What a `tick` is for; its generation.
  enum class timer : std::uint8_t { progress, grace, duration, heartbeat };

  // -- the course of a run
  caf::result<run_result> start();
  void announce_streams();
  void finish_endpoint(const endpoint_done& x);
  /// The run's first error is its result's.
  void note_error(const sluice::error& why);
  void take_failure(const slice_failed& x);
  /// Stops admitting requests; what is in flight ends, then `wind_up`.
  void stop_early(early_end why);
  /// A quota is used up whose policy ends the run.
  void stop_for(const quota_gone& x);
  /// Every stream has as many records as are wanted, or no more: the same, but that is no early end.
  void take_enough(const records_enough& x);
  void take_surrender(const endpoint_given_up& x);
  void take_down(const caf::down_msg& x);
  void take_throttling(const throttled& x);
  void take_timer(timer what);
  /// Signs of life while a rate limit holds up everything.
  void beat();
  void report_progress();
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
  /// A token that the config has to keep may be on its way: the server has ended the one before.
  void settle_credentials();
  void close();
  /// The supervisor ends by an exception.
  void take_exception();

  // -- helpers
  void send_status(stream_index s, stream_status status);
  void fail_stream(stream_index s, const sluice::error& why);
  void set_timer(timer what, std::chrono::microseconds delay);

  read_supervisor_actor::pointer self;
  run_setup setup;
  cast actors;
  run_progress progress{self, setup, actors};
  caf::typed_response_promise<run_result> promise;
  stream_books streams;
  /// By endpoint.
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
  /// Authenticators that have not answered `settle_credentials` yet.
  std::size_t unsettled = 0;
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
