#pragma once

#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"
#include "messages/slice.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice {

/// How much may be under way between a request's permit and its page's end.
struct credit_limits {
  /// Bytes fetched but not yet written.
  std::uint64_t output_bytes = 8ULL << 20;
  /// ... or so many for each fetcher, if that is more; 0: whatever the pool.
  std::uint64_t output_bytes_per_fetcher = 0;
  /// Pages in flight and fetched but not yet written, for each fetcher: pages without lines cost no bytes, but quota.
  std::uint64_t output_pages = 8;
  /// Memory of the pages in the fetchers' hands, their bodies and all that is made of them; 0: no bound.
  std::uint64_t page_bytes = 0;
  /// Parent records that wait for their child requests, per edge.
  std::uint64_t fan_out_records = 10000;

  /// Bytes fetched but not yet written, with a pool of that size, which may change during a run. What it grows by
  /// leaves two thirds of the memory to the pages in the fetchers' hands.
  std::uint64_t output_bytes_for(std::uint32_t pool_size) const noexcept;
};

/// Whether there is room for one more page: in the output, in memory, among the parents of its children. A request in
/// flight reserves what its endpoint's largest recent page took; its outcome says what it really was. Pure.
class credits {
public:
  /// What a request in flight has reserved.
  struct reservation {
    std::uint64_t bytes = 0;
    std::uint64_t memory = 0;
    /// By the endpoint's child edges.
    std::vector<std::uint64_t> parents;
  };

  credits(const plan& p, const credit_limits& limits);

  reservation reserve(endpoint_id e);
  /// The request has ended: its page is on its way to the emitter, its parents to the fan-outs.
  void settle(endpoint_id e, const reservation& reserved, const page_outcome& outcome);
  /// A page's record lines reached stdout, so many bytes, or a request that brought no page had its turn there.
  void written(std::uint64_t bytes) noexcept {
    unwritten_bytes_ -= static_cast<std::int64_t>(bytes);
    --unwritten_pages_;
  }
  /// So many parents left the edge's fan-out.
  void consumed(std::uint32_t edge, std::uint32_t parents) { in_fan_out_[edge] -= parents; }

  /// @param in_flight requests without an outcome; `pool_size` how many there may be.
  bool output_has_room(endpoint_id e, std::size_t in_flight, std::uint32_t pool_size) const;
  bool memory_has_room(endpoint_id e) const noexcept {
    return limits_.page_bytes == 0 || reserved_memory_ + expected_[e].memory <= limits_.page_bytes;
  }
  bool fan_out_has_room(endpoint_id e) const;
  /// Parent records in an edge's fan-out, with those that requests in flight may bring.
  std::uint64_t parents_held(std::uint32_t edge) const;
  /// Parents wait in the edge's fan-out.
  bool parents_wait(std::uint32_t edge) const { return in_fan_out_[edge] > 0; }

  /// Bytes and pages that are not written yet, without those in flight; with them `used_bytes`.
  std::int64_t unwritten_bytes() const noexcept { return unwritten_bytes_; }
  std::int64_t unwritten_pages() const noexcept { return unwritten_pages_; }
  std::uint64_t used_bytes() const;
  std::uint64_t peak_bytes() const noexcept { return peak_bytes_; }
  /// The most parents that waited in one fan-out.
  std::uint64_t peak_fan_out() const noexcept { return peak_fan_out_; }

private:
  /// Largest recent page of an endpoint: the reservation for the next one.
  struct expectation {
    std::vector<std::uint32_t> child_edges;
    std::uint64_t bytes = 0;
    /// For each child edge: edges of one endpoint may take different numbers of parents from a page.
    std::vector<std::uint64_t> parents;
    /// Nothing is known before the first has come.
    std::uint64_t memory = 0;
    /// One page at least has come.
    bool seen = false;
  };

  credit_limits limits_;
  std::vector<expectation> expected_;
  /// Per edge: parent records sent to the fan-out and not yet turned into offered slices. May dip below 0 for a moment,
  /// when the fan-out's offer overtakes the fetcher's outcome.
  std::vector<std::int64_t> in_fan_out_;
  std::vector<std::uint64_t> reserved_in_fan_out_;
  /// Bytes handed to the emitter and not reported as written. May dip below 0 for a moment, when the emitter is faster
  /// than the fetcher's outcome.
  std::int64_t unwritten_bytes_ = 0;
  std::uint64_t reserved_bytes_ = 0;
  /// Ended requests whose page the emitter has not reported as written; may dip below 0, too.
  std::int64_t unwritten_pages_ = 0;
  std::uint64_t reserved_memory_ = 0;
  std::uint64_t peak_bytes_ = 0;
  std::uint64_t peak_fan_out_ = 0;
};

} // namespace sluice
