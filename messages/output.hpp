#pragma once

#include "messages/error.hpp"
#include "messages/protocol.hpp"
#include "messages/slice.hpp"

#include <cstdint>
#include <string>

namespace sluice {

/// What a state promises.
enum class state_cover : std::uint8_t {
  /// The next sync begins anew.
  nothing,
  /// Slices of windows that end at `through_us` or before, and records up to it.
  windows,
  /// The slices of partitions that were closed before it.
  partitions,
  /// The stream was read to its end.
  everything,
};

/// STATE AGGREGATOR to EMITTER: print this state. All records that it covers are written already.
struct state_update {
  stream_index stream = 0;
  /// The state object as JSON text.
  std::string json;
  /// For traces: which records it covers.
  state_cover covers = state_cover::nothing;
  /// `windows` only: up to which moment, microseconds since the epoch.
  std::int64_t through_us = 0;
};

/// STATE AGGREGATOR to EMITTER: print an ESTIMATE of how much a stream's sync will bring in all.
struct estimate {
  stream_index stream = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

/// READ SUPERVISOR to EMITTER: print a STREAM_STATUS. (RUNNING is printed by the emitter itself, before the first
/// record.)
struct status_update {
  stream_index stream = 0;
  stream_status status = stream_status::started;
  /// A rate limit holds up the stream until then, milliseconds since the epoch; -1: none does.
  std::int64_t quota_reset_ms = -1;
};

/// READ SUPERVISOR to STATE AGGREGATOR: print the present states of the streams that are under way, as a sign of life.
struct heartbeat {
  bool operator==(const heartbeat&) const = default;
};

/// READ SUPERVISOR to EMITTER: print a TRACE ERROR.
struct error_trace {
  sluice::error error;
  /// False: the error belongs to the whole run.
  bool has_stream = false;
  stream_index stream = 0;
};

/// Anyone to EMITTER, through the log sink: print a LOG message.
struct log_entry {
  log_level level = log_level::info;
  std::string text;
};

/// READ SUPERVISOR to EMITTER: answer when everything sent before is written.
struct flush_request {
  bool operator==(const flush_request&) const = default;
};

/// The answer to a `flush_request`.
struct flushed {
  /// False if the reader of stdout went away.
  bool open = true;
};

/// EMITTER to READ SUPERVISOR: stdout cannot be written any more.
struct output_closed {
  std::string reason;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, state_update& x) {
  return f(x.stream, x.json, x.covers, x.through_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, estimate& x) {
  return f(x.stream, x.records, x.bytes);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, status_update& x) {
  return f(x.stream, x.status, x.quota_reset_ms);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, heartbeat&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, error_trace& x) {
  return f(x.error, x.has_stream, x.stream);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_entry& x) {
  return f(x.level, x.text);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, flush_request&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, flushed& x) {
  return f(x.open);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, output_closed& x) {
  return f(x.reason);
}

} // namespace sluice
