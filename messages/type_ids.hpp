#pragma once

#include "messages/credentials.hpp"
#include "messages/flow.hpp"
#include "messages/output.hpp"
#include "messages/page.hpp"
#include "messages/run.hpp"
#include "messages/slice.hpp"

#include <caf/type_id.hpp>

/// THE block: every type that travels between actors, grouped by conversation.
CAF_BEGIN_TYPE_ID_BLOCK(sluice, caf::first_custom_type_id)

  // the journey of a page
  CAF_ADD_TYPE_ID(sluice, (sluice::slice))
  CAF_ADD_TYPE_ID(sluice, (sluice::permit))
  CAF_ADD_TYPE_ID(sluice, (sluice::answer_arrived))
  CAF_ADD_TYPE_ID(sluice, (sluice::page_outcome))
  CAF_ADD_TYPE_ID(sluice, (sluice::record_batch))
  CAF_ADD_TYPE_ID(sluice, (sluice::no_page))
  CAF_ADD_TYPE_ID(sluice, (sluice::page_written))
  CAF_ADD_TYPE_ID(sluice, (sluice::slice_failed))
  CAF_ADD_TYPE_ID(sluice, (sluice::parent_batch))

  // flow of slices and credit
  CAF_ADD_TYPE_ID(sluice, (sluice::slice_demand))
  CAF_ADD_TYPE_ID(sluice, (sluice::slices_offered))
  CAF_ADD_TYPE_ID(sluice, (sluice::slices_opened))
  CAF_ADD_TYPE_ID(sluice, (sluice::generation_done))
  CAF_ADD_TYPE_ID(sluice, (sluice::parents_done))
  CAF_ADD_TYPE_ID(sluice, (sluice::bytes_written))
  CAF_ADD_TYPE_ID(sluice, (sluice::drain))
  CAF_ADD_TYPE_ID(sluice, (sluice::drained))
  CAF_ADD_TYPE_ID(sluice, (sluice::quota_gone))
  CAF_ADD_TYPE_ID(sluice, (sluice::requests_spent))
  CAF_ADD_TYPE_ID(sluice, (sluice::records_enough))
  CAF_ADD_TYPE_ID(sluice, (sluice::throttled))
  CAF_ADD_TYPE_ID(sluice, (sluice::slices_abandoned))
  CAF_ADD_TYPE_ID(sluice, (sluice::endpoint_given_up))
  CAF_ADD_TYPE_ID(sluice, (sluice::tick))

  // credentials that expire
  CAF_ADD_TYPE_ID(sluice, (sluice::credential_wanted))
  CAF_ADD_TYPE_ID(sluice, (sluice::credential_ready))
  CAF_ADD_TYPE_ID(sluice, (sluice::credential_failed))
  CAF_ADD_TYPE_ID(sluice, (sluice::config_update))

  // output
  CAF_ADD_TYPE_ID(sluice, (sluice::state_update))
  CAF_ADD_TYPE_ID(sluice, (sluice::estimate))
  CAF_ADD_TYPE_ID(sluice, (sluice::status_update))
  CAF_ADD_TYPE_ID(sluice, (sluice::error_trace))
  CAF_ADD_TYPE_ID(sluice, (sluice::heartbeat))
  CAF_ADD_TYPE_ID(sluice, (sluice::log_entry))
  CAF_ADD_TYPE_ID(sluice, (sluice::flush_request))
  CAF_ADD_TYPE_ID(sluice, (sluice::flushed))
  CAF_ADD_TYPE_ID(sluice, (sluice::output_closed))

  // the run
  CAF_ADD_TYPE_ID(sluice, (sluice::run_request))
  CAF_ADD_TYPE_ID(sluice, (sluice::stop_request))
  CAF_ADD_TYPE_ID(sluice, (sluice::finish_request))
  CAF_ADD_TYPE_ID(sluice, (sluice::finished))
  CAF_ADD_TYPE_ID(sluice, (sluice::endpoint_done))
  CAF_ADD_TYPE_ID(sluice, (sluice::report_request))
  CAF_ADD_TYPE_ID(sluice, (sluice::governor_report))
  CAF_ADD_TYPE_ID(sluice, (sluice::aggregator_report))
  CAF_ADD_TYPE_ID(sluice, (sluice::run_snapshot))
  CAF_ADD_TYPE_ID(sluice, (sluice::snapshot_shown))
  CAF_ADD_TYPE_ID(sluice, (sluice::run_result))
  CAF_ADD_TYPE_ID(sluice, (sluice::stall_notice))
  CAF_ADD_TYPE_ID(sluice, (sluice::retune))
  CAF_ADD_TYPE_ID(sluice, (sluice::retuned))

  CAF_ADD_ATOM(sluice, sluice::atom, join, "join")

CAF_END_TYPE_ID_BLOCK(sluice)
