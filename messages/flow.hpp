#pragma once

#include "messages/error.hpp"
#include "messages/slice.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// GOVERNOR to a slice source (SLICE GENERATOR or FAN-OUT): so many more slices are wanted.
struct slice_demand {
  endpoint_id endpoint = 0;
  std::uint32_t count = 0;
};

/// A slice source to the GOVERNOR: slices, never more than were demanded.
struct slices_offered {
  endpoint_id endpoint = 0;
  std::vector<slice> slices;
  /// FAN-OUT only: parent records that are done with, the last of their slices among these or in an earlier offer; a
  /// count for each edge that feeds the endpoint, in the order of its slice space. Empty: none of any. So an edge whose
  /// parents are not all consumed has slices to give, whenever they are demanded.
  std::vector<std::uint32_t> consumed_parents;
  /// There will be no more.
  bool last = false;
};

/// A partition of the parent's endpoint all of whose records have become slices.
struct expanded_parent {
  /// Its slice.
  std::uint64_t id = 0;
  std::string partition;
};

/// A slice source to the STATE AGGREGATOR, always before the slices go to the governor: these exist from now on.
struct slices_opened {
  endpoint_id endpoint = 0;
  std::uint64_t count = 0;
  /// `slice::parent_id` of each that has one.
  std::vector<std::uint64_t> parents{};
  /// Partitions of the parent that will give no further slices.
  std::vector<expanded_parent> expanded{};
};

/// A slice source to the STATE AGGREGATOR: there will be no more slices.
struct generation_done {
  endpoint_id endpoint = 0;
  /// False if some parent records are missing because the parent was not read completely.
  bool complete = true;
};

/// READ SUPERVISOR to FAN-OUT: the parent endpoint of one of its edges has sent its last batch.
struct parents_done {
  /// Index into `plan::edges`.
  std::uint32_t edge = 0;
  bool complete = true;
};

/// EMITTER to GOVERNOR: one page's RECORD lines reached stdout, or a request without a page had its turn; credit for
/// new requests.
struct bytes_written {
  std::uint64_t bytes = 0;
  /// The memory that they were in, for the lines of a later page.
  std::string buffer;
};

/// READ SUPERVISOR to GOVERNOR: admit nothing more.
struct drain {
  bool operator==(const drain&) const = default;
};

/// GOVERNOR to READ SUPERVISOR: no request is in flight any more, after a `drain`.
struct drained {
  bool operator==(const drained&) const = default;
};

/// GOVERNOR to READ SUPERVISOR: work is left, but a quota that ends the run is used up.
struct quota_gone {
  /// Name of the rate policy: `day`.
  std::string policy;
  std::uint64_t limit = 0;
  /// Until the quota comes back, microseconds.
  std::int64_t resets_in_us = 0;
};

/// GOVERNOR to READ SUPERVISOR: work is left, but the run's own bound on requests is reached.
struct requests_spent {
  std::uint64_t limit = 0;
};

/// GOVERNOR to READ SUPERVISOR: what is left belongs to streams that have as many records as are wanted.
struct records_enough {
  /// Those that may have more.
  std::vector<stream_index> streams;
};

/// GOVERNOR to READ SUPERVISOR: a rate limit holds up all work that is ready, or (`waiting` false) no longer does.
struct throttled {
  bool waiting = false;
  /// Until the next request may go, microseconds.
  std::int64_t resets_in_us = 0;
};

/// GOVERNOR to STATE AGGREGATOR: opened slices of a stream that was given up; nobody will ask for them.
struct slices_abandoned {
  endpoint_id endpoint = 0;
  std::uint64_t count = 0;
};

/// GOVERNOR to READ SUPERVISOR: so much failed that the rest of the endpoint's slices is not asked for.
struct endpoint_given_up {
  endpoint_id endpoint = 0;
  std::uint64_t failed_slices = 0;
  /// Requests that failed one after the other, if they are the reason; 0: the number of slices is.
  std::uint64_t failures_in_a_row = 0;
  /// Why its credential cannot be obtained, if that is the reason.
  sluice::error credential{};
};

/// Anyone with a timer to itself.
struct tick {
  /// Tells a stale timer from the current one.
  std::uint64_t generation = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slice_demand& x) {
  return f(x.endpoint, x.count);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slices_offered& x) {
  return f(x.endpoint, x.slices, x.consumed_parents, x.last);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, expanded_parent& x) {
  return f(x.id, x.partition);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slices_opened& x) {
  return f(x.endpoint, x.count, x.parents, x.expanded);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, generation_done& x) {
  return f(x.endpoint, x.complete);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, parents_done& x) {
  return f(x.edge, x.complete);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bytes_written& x) {
  return f(x.bytes);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drain&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, drained&) {
  return f();
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota_gone& x) {
  return f(x.policy, x.limit, x.resets_in_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, requests_spent& x) {
  return f(x.limit);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, records_enough& x) {
  return f(x.streams);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, throttled& x) {
  return f(x.waiting, x.resets_in_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, slices_abandoned& x) {
  return f(x.endpoint, x.count);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, endpoint_given_up& x) {
  return f(x.endpoint, x.failed_slices, x.failures_in_a_row, x.credential);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, tick& x) {
  return f(x.generation);
}

} // namespace sluice
