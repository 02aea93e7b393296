#pragma once

#include "messages/type_ids.hpp"

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

/// Every conversation between actors, on one page. Flow messages are one-way (`reacts_to`): backpressure is credit, not
/// waiting for replies. Only the supervisor asks questions (`replies_to`).
namespace sluice {

/// What the governor needs of anything that makes slices.
using slice_source_actor = caf::typed_actor<
  // GOVERNOR: so many more slices are wanted.
  caf::reacts_to<slice_demand>>;

/// The SLICE GENERATOR cuts an endpoint without parents into slices.
using slice_generator_actor = slice_source_actor;

/// The FAN-OUT makes slices of parent records; one per endpoint with parents.
using fan_out_actor = slice_source_actor::extend<
  // FETCHER: the parent records of one page.
  caf::reacts_to<parent_batch>,
  // READ SUPERVISOR: the parent endpoint is done.
  caf::reacts_to<parents_done>>;

/// A FETCHER sends one request at a time. The pool of fetchers is the run's concurrency.
using fetcher_actor = caf::typed_actor<
  // GOVERNOR: send this request now.
  caf::reacts_to<permit>,
  // the transport: what came of it is there.
  caf::reacts_to<answer_arrived>>;

/// The STATE AGGREGATOR knows which slices are written and what may be promised.
using state_aggregator_actor = caf::typed_actor<
  // SLICE GENERATOR, FAN-OUT: slices exist from now on.
  caf::reacts_to<slices_opened>,
  // SLICE GENERATOR, FAN-OUT: there will be no more.
  caf::reacts_to<generation_done>,
  // EMITTER: a page's lines have reached stdout.
  caf::reacts_to<page_written>,
  // GOVERNOR: a slice ended without being complete.
  caf::reacts_to<slice_failed>,
  // GOVERNOR: slices that nobody will ask for.
  caf::reacts_to<slices_abandoned>,
  // READ SUPERVISOR: print the present states.
  caf::reacts_to<heartbeat>,
  // itself: a state that had to wait may be printed.
  caf::reacts_to<tick>,
  // READ SUPERVISOR: print the final states now.
  caf::replies_to<finish_request>::with<finished>,
  // READ SUPERVISOR: numbers for progress and summary.
  caf::replies_to<report_request>::with<aggregator_report>>;

/// An AUTHENTICATOR obtains one credential that expires.
using authenticator_actor = caf::typed_actor<
  // GOVERNOR: obtain it, or another one.
  caf::reacts_to<credential_wanted>,
  // READ SUPERVISOR: answer when what it is about is obtained and kept.
  caf::replies_to<flush_request>::with<flushed>>;

/// The GOVERNOR is the only place where a request may wait.
using governor_actor = caf::typed_actor<
  // READ SUPERVISOR: a fetcher joins the pool; its number is what it uses in `page_outcome`.
  caf::reacts_to<atom::join, std::uint32_t, fetcher_actor>,
  // READ SUPERVISOR: a slice source for an endpoint.
  caf::reacts_to<atom::join, endpoint_id, slice_source_actor>,
  // READ SUPERVISOR: who obtains a credential.
  caf::reacts_to<atom::join, credential_id, authenticator_actor>,
  // AUTHENTICATOR: a credential that requests may go with.
  caf::reacts_to<credential_ready>,
  // AUTHENTICATOR: there is none.
  caf::reacts_to<credential_failed>,
  // SLICE GENERATOR, FAN-OUT: slices that were demanded.
  caf::reacts_to<slices_offered>,
  // FETCHER: how a permit was used; may ask for a next page or a retry.
  caf::reacts_to<page_outcome>,
  // EMITTER: credit.
  caf::reacts_to<bytes_written>,
  // READ SUPERVISOR: admit nothing more.
  caf::reacts_to<drain>,
  // itself: a wait is over.
  caf::reacts_to<tick>,
  // READ SUPERVISOR: other bounds from now on.
  caf::replies_to<retune>::with<retuned>,
  // READ SUPERVISOR: numbers for progress and summary.
  caf::replies_to<report_request>::with<governor_report>>;

/// The TRACER writes counters into the trace.
using tracer_actor = caf::typed_actor<
  // itself: time to look.
  caf::reacts_to<tick>>;

/// PROGRESS, METRICS and CONTROL tell others how a run stands: on stderr, in a file, through a socket.
using observer_actor = caf::typed_actor<
  // READ SUPERVISOR: how the run stands; answered when it is shown.
  caf::replies_to<run_snapshot>::with<snapshot_shown>>;

/// The READ SUPERVISOR owns every other actor, the stream statuses, the stop and the exit code.
using read_supervisor_actor = caf::typed_actor<
  // the outside: begin; answered when everything is over.
  caf::replies_to<run_request>::with<run_result>,
  // the signal thread: end early.
  caf::reacts_to<stop_request>,
  // CONTROL: other bounds from now on.
  caf::replies_to<retune>::with<retuned>,
  // the watchdog: the run stands still.
  caf::reacts_to<stall_notice>,
  // STATE AGGREGATOR: an endpoint's slices are all closed or failed.
  caf::reacts_to<endpoint_done>,
  // STATE AGGREGATOR: a slice failed.
  caf::reacts_to<slice_failed>,
  // GOVERNOR: a quota that ends the run is used up.
  caf::reacts_to<quota_gone>,
  // GOVERNOR: the run's own bound on requests is reached.
  caf::reacts_to<requests_spent>,
  // GOVERNOR: every stream has as many records as are wanted, or no more.
  caf::reacts_to<records_enough>,
  // GOVERNOR: a rate limit holds up everything, or no longer does.
  caf::reacts_to<throttled>,
  // GOVERNOR: too many slices of an endpoint failed.
  caf::reacts_to<endpoint_given_up>,
  // GOVERNOR: nothing is in flight any more.
  caf::reacts_to<drained>,
  // EMITTER: stdout is gone.
  caf::reacts_to<output_closed>,
  // itself: time for progress, or the grace period is over.
  caf::reacts_to<tick>>;

/// The EMITTER is the only writer of stdout.
using emitter_actor = caf::typed_actor<
  // READ SUPERVISOR: whom to tell what has been written.
  caf::reacts_to<atom::join, governor_actor, state_aggregator_actor>,
  // FETCHER: RECORD lines of a page.
  caf::reacts_to<record_batch>,
  // FETCHER: a request without a page.
  caf::reacts_to<no_page>,
  // STATE AGGREGATOR: a STATE line.
  caf::reacts_to<state_update>,
  // STATE AGGREGATOR: an ESTIMATE line.
  caf::reacts_to<estimate>,
  // READ SUPERVISOR: a STREAM_STATUS line.
  caf::reacts_to<status_update>,
  // READ SUPERVISOR: a TRACE ERROR line.
  caf::reacts_to<error_trace>,
  // AUTHENTICATOR: a CONTROL line with the config that has changed.
  caf::replies_to<config_update>::with<flushed>,
  // log sink: a LOG line.
  caf::reacts_to<log_entry>,
  // READ SUPERVISOR: answer when everything before is written.
  caf::replies_to<flush_request>::with<flushed>>;

} // namespace sluice
