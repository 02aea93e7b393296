#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Index of an endpoint in the plan.
using endpoint_id = std::uint32_t;

/// Index of a configured stream in the plan.
using stream_index = std::uint32_t;

/// One field of a slice's partition, e.g. `survey_id`.
struct partition_field {
  std::string name;
  /// The value as JSON text, exactly as the parent record had it, e.g. `"307785415"` with its quotes.
  std::string json;
};

/// A part of a stream that is requested, closed and accounted for as a whole: a time window of a
/// cursor, one parent record, or the whole endpoint.
struct slice {
  endpoint_id endpoint = 0;
  /// Unique in a run.
  std::uint64_t id = 0;
  /// For people: `surveys 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z`, `survey_details survey_id=12`.
  std::string label;
  /// Id of the slice whose record made this one; 0 if the parent's endpoint is not cut into partitions itself.
  std::uint64_t parent_id = 0;
  /// What the parent record gives to the requests; empty for a root endpoint.
  std::vector<partition_field> partition;
  /// True if the slice is a window of a cursor; then the bounds below are set.
  bool has_window = false;
  /// Inclusive window bounds, microseconds since the epoch (UTC).
  std::int64_t lower_us = 0;
  std::int64_t upper_us = 0;
  /// The bounds as the API wants them.
  std::string lower_text;
  std::string upper_text;
  /// The records are read for child streams only: the stream's own state already covers the window.
  bool children_only = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, partition_field& x) {
  return f(x.name, x.json);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slice& x) {
  return f(x.endpoint, x.id, x.parent_id, x.label, x.partition, x.has_window, x.lower_us, x.upper_us, x.lower_text,
           x.upper_text, x.children_only);
}

} // namespace sluice
