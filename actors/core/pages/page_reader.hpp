#pragma once

#include "actors/core/pages/error_policy.hpp"
#include "actors/core/records/page_cutter.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// A complete answer to a page's request, and what the request was.
struct page_answer {
  int status = 0;
  const header_list& headers;
  /// May be changed where it stands.
  std::string& body;
  std::string_view url;
  /// Set while the answer is read, if the run is ended meanwhile: templates that were cut short say nothing. Null:
  /// never.
  const std::atomic<bool>* aborted = nullptr;
  /// If its credential was refused (401), the request is sent again with another one: that is no answer yet.
  bool renewable = false;
  /// Time from sending to the end of the answer: what it shows may be as old as that.
  std::chrono::microseconds took{0};
};

/// Something that the log should say.
struct remark {
  bool warns = false;
  std::string text;
};

/// What an answer, or its absence, means. The messages are complete but for what only the sender of the request knows:
/// fetcher, ticket, times, and of the feedback status and headers.
struct page_reading {
  /// For the governor.
  page_outcome outcome;
  /// For the fan-outs, in the order of the endpoint's `child_edges`. They must know of their parents before the batch
  /// can tell anybody that the page is done.
  std::vector<parent_batch> parents;
  /// For the emitter; none: the request ended without a page.
  std::optional<record_batch> batch;
  std::vector<remark> remarks;
  /// Records of the page, those of the endpoint's first output.
  std::uint64_t records = 0;
  /// The answer was classified as RATE_LIMITED, whatever came of it.
  bool rate_limited = false;
};

/// Says what answers mean: judges them, cuts their records, finds the next page, notices lists that move or never end.
/// What it says follows from plan, request and answer alone. Keeps memory between pages: one a fetcher, not
/// thread-safe.
class page_reader {
public:
  /// @param max_body_bytes the largest body that will come.
  /// @param store where the index over pages leaves its memory; null: the reader keeps it.
  page_reader(plan_ptr plan, const retry_limits& limits, std::uint64_t max_body_bytes = std::uint64_t{256} << 20,
              std::shared_ptr<index_memory_store> store = nullptr);

  /// Whether receipts tell the keys of their records (see `page_receipt::keys`).
  void collect_keys(bool on) { cutter_.collect_keys(on); }

  /// The request got a complete answer. `now` is the UTC time at which it came. `buffer`: memory for the lines.
  page_reading read_answer(page_request request, const page_answer& answer, language::instant now,
                           std::string buffer = {});

  /// The request got no complete answer, or could not be sent to `url`.
  page_reading read_failure(page_request request, const error& failure, std::string_view url) const;

  /// What the page at hand has taken in memory so far, at most.
  std::size_t memory() const noexcept { return cutter_.memory(); }
  /// Forgets the page, so that another reader may have its memory.
  void release() { cutter_.release(); }

private:
  plan_ptr plan_;
  retry_limits limits_;
  page_cutter cutter_;
};

} // namespace sluice
