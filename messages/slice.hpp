#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// Index of an endpoint in the plan.
using endpoint_id = std::uint32_t;

/// Index of a configured stream in the plan.
using stream_index = std::uint32_t;

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
  /// What tells it from the endpoint's other slices, besides time: a JSON object as templates see it and as the
  /// reference has it, e.g. `{"survey_id":"307785415","parent_slice":{}}`, with values exactly as the parent record had
  /// them. Empty: the endpoint has no partitions.
  std::string partition;
  /// What else the parent record gives to templates, as `stream_slice.extra_fields`: a JSON object; empty: nothing. No
  /// part of the partition: it tells nothing apart, and no state holds it.
  std::string extra_fields;
  /// The first page's body as JSON text, which the parent record brought along: it is not asked for. Empty: it is.
  std::string first_page;
  /// True if the slice is a window of a cursor; then the bounds below are set.
  bool has_window = false;
  /// Inclusive window bounds, microseconds since the epoch (UTC).
  std::int64_t lower_us = 0;
  std::int64_t upper_us = 0;
  /// Records whose cursor value is older have been read by earlier runs: what streams go by that leave out such records
  /// themselves. Microseconds since the epoch.
  std::int64_t unread_from_us = 0;
  /// The bounds as the API wants them.
  std::string lower_text;
  std::string upper_text;
  /// The records are read for child streams only: the stream's own state already covers the window.
  bool children_only = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slice& x) {
  return f(x.endpoint, x.id, x.parent_id, x.label, x.partition, x.extra_fields, x.first_page, x.has_window, x.lower_us,
           x.upper_us, x.unread_from_us, x.lower_text, x.upper_text, x.children_only);
}

} // namespace sluice
