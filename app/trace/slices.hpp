#pragma once

#include "app/trace/model.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::trace {

enum class slice_outcome : std::uint8_t { open, done, failed };

/// All that a trace holds of one slice.
struct slice_life {
  /// 0 if the trace has only its name.
  std::uint64_t id = 0;
  name_id name = 0;
  name_id endpoint = 0;
  /// From the moment its first request was ready to the end of the last message about it.
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  /// Indices into the model, in time order.
  std::vector<std::uint32_t> messages;
  std::vector<std::uint32_t> requests;
  std::vector<std::uint32_t> quota_waits;
  std::uint64_t records = 0;
  slice_outcome outcome = slice_outcome::open;
};

/// What a slice does in a part of its life. What comes first counts where several are true.
enum class phase : std::uint8_t { request, quota, queued, between };

struct stretch {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  phase what = phase::between;
};

/// The slices of a trace, in the order in which they began.
std::vector<slice_life> collect_slices(const model& m);

/// Those whose name contains `text`, in which a `/` may stand for the blank after the endpoint. The one of which
/// something happened first comes first.
std::vector<const slice_life*> slices_named(const model& m, const std::vector<slice_life>& all, std::string_view text);

/// The parts of a slice's life in which it had a request under way or waiting. They may overlap; what is between them
/// is left out.
std::vector<stretch> stretches_of(const model& m, const slice_life& s);

/// Time of a slice's life from its first request on, waits in the queue and for a quota left out: what it took by
/// itself.
std::int64_t active_ns(const model& m, const slice_life& s);

/// At most so many, which explain most: first those that failed or have no end, then those that were longest active
/// or waited longest for a quota, then those that lived longest. In the order of `all`.
std::vector<const slice_life*> most_telling(const model& m, const std::vector<slice_life>& all, std::size_t count);

/// A slice's name without what all names of its endpoint share: the endpoint, field names, midnights.
/// `survey_responses survey_id="12" 2020-01-01T00:00:00Z..2020-12-30T23:59:59Z` becomes `12 2020-01-01..2020-12-30`.
std::string short_name(const model& m, const slice_life& s);
/// The same, with the endpoint's name before it.
std::string brief_name(const model& m, name_id slice, name_id endpoint);

/// `done`, `failed`, `open`.
std::string_view to_string(slice_outcome outcome) noexcept;

} // namespace sluice::trace
