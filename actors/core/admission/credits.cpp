#include "actors/core/admission/credits.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Requests of an endpoint that may be under way before the size of its pages is known: each reserves this part of
/// `output_bytes`.
constexpr std::uint64_t first_flights = 16;

/// Parents of a page of unknown size.
constexpr std::int64_t first_parents = 100;

std::uint64_t at_least_zero(std::int64_t n) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, n));
}

/// Follows growth at once and shrinks slowly: a reservation that is too small costs memory, one too large only speed.
std::uint64_t followed(std::uint64_t expected, std::uint64_t came) {
  return std::max(came, expected - expected / 8);
}

} // namespace

std::uint64_t credit_limits::output_bytes_for(std::uint32_t pool_size) const noexcept {
  auto grown = output_bytes_per_fetcher * pool_size;
  if (page_bytes > 0)
    grown = std::min(grown, page_bytes / 3);
  return std::max(output_bytes, grown);
}

credits::credits(const plan& p, const credit_limits& limits)
  : limits_(limits), in_fan_out_(p.edges.size(), 0), reserved_in_fan_out_(p.edges.size(), 0) {
  for (const auto& e : p.endpoints) {
    const auto parents = std::max<std::int64_t>(1, e.pages.page_size.value_or(first_parents));
    expectation x;
    x.child_edges = e.child_edges;
    x.bytes = limits.output_bytes / first_flights;
    x.parents.assign(e.child_edges.size(), static_cast<std::uint64_t>(parents));
    expected_.push_back(std::move(x));
  }
}

credits::reservation credits::reserve(endpoint_id e) {
  const auto& x = expected_[e];
  reserved_bytes_ += x.bytes;
  reserved_memory_ += x.memory;
  for (std::size_t i = 0; i < x.child_edges.size(); ++i)
    reserved_in_fan_out_[x.child_edges[i]] += x.parents[i];
  return {x.bytes, x.memory, x.parents};
}

void credits::settle(endpoint_id e, const reservation& reserved, const page_outcome& outcome) {
  auto& x = expected_[e];
  reserved_bytes_ -= reserved.bytes;
  reserved_memory_ -= reserved.memory;
  // Answers that are no pages take memory, too.
  x.memory = followed(x.memory, outcome.page_bytes);
  unwritten_bytes_ += static_cast<std::int64_t>(outcome.batch_bytes);
  ++unwritten_pages_;
  peak_bytes_ = std::max(peak_bytes_, at_least_zero(unwritten_bytes_));
  const bool page = outcome.result == page_result::next_page || outcome.result == page_result::slice_done;
  if (page)
    x.bytes = std::exchange(x.seen, true) ? followed(x.bytes, outcome.batch_bytes) : outcome.batch_bytes;
  for (std::size_t i = 0; i < x.child_edges.size(); ++i) {
    const auto edge = x.child_edges[i];
    const auto came = i < outcome.parent_records.size() ? outcome.parent_records[i] : 0;
    reserved_in_fan_out_[edge] -= reserved.parents[i];
    in_fan_out_[edge] += came;
    peak_fan_out_ = std::max(peak_fan_out_, at_least_zero(in_fan_out_[edge]));
    if (page)
      x.parents[i] = followed(x.parents[i], came);
  }
}

std::uint64_t credits::used_bytes() const {
  return at_least_zero(unwritten_bytes_) + reserved_bytes_;
}

bool credits::output_has_room(endpoint_id e, std::size_t in_flight, std::uint32_t pool_size) const {
  if (at_least_zero(unwritten_pages_) + in_flight >= limits_.output_pages * pool_size)
    return false;
  // An empty output always takes one page: a page larger than the mailbox must not block for ever.
  const auto held = used_bytes();
  return held == 0 || held + expected_[e].bytes <= limits_.output_bytes_for(pool_size);
}

std::uint64_t credits::parents_held(std::uint32_t edge) const {
  return at_least_zero(in_fan_out_[edge]) + reserved_in_fan_out_[edge];
}

bool credits::fan_out_has_room(endpoint_id e) const {
  const auto& x = expected_[e];
  for (std::size_t i = 0; i < x.child_edges.size(); ++i) {
    const auto held = parents_held(x.child_edges[i]);
    if (held > 0 && held + x.parents[i] > limits_.fan_out_records)
      return false;
  }
  return true;
}

} // namespace sluice
