#pragma once

#include "app/trace/model.hpp"
#include "app/trace/slices.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::trace {

/// Something that happened in the life of a slice: exactly one of the three is set.
struct story_event {
  std::int64_t at_ns = 0;
  /// It began to be handled then.
  const message* handled = nullptr;
  /// Its answer came then, or the trace ended without one.
  const request* answered = nullptr;
  /// It was over then, or the trace ended.
  const quota_wait* waited = nullptr;
};

/// What happened to slices, in time order.
std::vector<story_event> story_of(const model& m, const std::vector<const slice_life*>& slices);

/// What a message says beyond its name, slice and page: `try 2, queued for 1.2 s`; may be empty.
std::string note_of(const model& m, const message& x);
/// `answer 200 after 2.0 s, 5.2 KB`
std::string note_of(const model& m, const request& x);
/// `waited 24 s for the quota`
std::string note_of(const model& m, const quota_wait& x);

/// Place of an actor in charts: pages travel from left to right.
std::size_t place_of(const model& m, std::uint32_t actor);

/// A moment since the trace's first one, in seconds: `12.3456 s`.
std::string at_text(const model& m, std::int64_t at_ns);

/// A slice's name, outcome and numbers, on one line.
std::string headline(const model& m, const slice_life& s);

/// What to say if no slice has `text` in its name: which there are.
std::string no_such_slice(const model& m, const std::vector<slice_life>& all, std::string_view text);

/// If not only the first of these slices could be meant: which others there are; else empty.
std::string other_slices(const model& m, const std::vector<const slice_life*>& slices, std::string_view text);

/// That the trace's filter let no request through, and how to change that.
std::string no_requests(const model& m);

/// `... lines are no events` and the like: what every view says of a trace that is not whole; may be empty.
std::string shortcomings(const model& m);

} // namespace sluice::trace
