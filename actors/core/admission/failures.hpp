#pragma once

#include "messages/error.hpp"
#include "messages/flow.hpp"
#include "messages/page.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sluice {

/// When failed slices are put off, and when their endpoint is given up.
struct failure_limits {
  /// Rounds after the first that a failed slice gets at the end of all other work.
  std::uint32_t slice_retries = 1;
  /// Failed slices of an endpoint, those that were put off included, beyond which the rest of its slices is not asked
  /// for.
  std::uint64_t max_failed_slices = 1000;
  /// Requests of an endpoint that fail one after the other, without a good answer in between, until it is given up.
  std::uint64_t max_failures_in_a_row = 100;
};

/// The books of what fails. A slice that failed for a reason that may pass is put off until nothing else is left, and
/// then tried again from the page that failed. What fails for good is reported; an endpoint with too many failures is
/// given up. Pure.
class failures {
public:
  failures(std::size_t endpoints, const failure_limits& limits) : limits_(limits), books_(endpoints) {}

  /// An answer came, or none did: counts the endpoint's failures in a row.
  void note_result(endpoint_id e, const page_outcome& outcome);
  /// A slice failed: it is put off or has failed for good.
  void take(page_outcome outcome);
  /// The endpoint has too many failures and is given up from now on: its slices that were put off have failed. True
  /// once, then whoever has more of its slices abandons them.
  bool give_up_if_due(endpoint_id e);
  /// The endpoint is given up from now on because its credential cannot be obtained; otherwise as above.
  bool give_up(endpoint_id e, const error& why);
  bool given_up(endpoint_id e) const { return books_[e].given_up; }
  /// So many opened slices of a given-up endpoint will not be asked for.
  void abandon(endpoint_id e, std::uint64_t count);
  /// Nobody needs what was put off of the endpoint.
  void forget(endpoint_id e);
  /// The run ends: what was put off has failed, and nothing will be put off or given up any more.
  void drain();

  /// From a fifth of `max_failures_in_a_row` on an endpoint seems to be dead: its requests go one at a time.
  bool in_trouble(endpoint_id e) const noexcept;
  std::uint64_t in_a_row(endpoint_id e) const { return books_[e].in_a_row; }

  /// Requests of slices that were put off and wait for their next round.
  bool any_put_off() const noexcept { return !put_off_.empty(); }
  std::size_t count_put_off() const noexcept { return put_off_.size(); }
  /// Calls `f` with the endpoint of each.
  template <class F>
  void for_each_put_off(F f) const {
    for (const auto& [request, why] : put_off_)
      f(request.slice.endpoint);
  }
  /// They get their next round: takes them out, in the order in which they failed.
  std::vector<page_request> release_put_off();
  /// Slices that have been put off in the whole run.
  std::uint64_t ever_put_off() const noexcept { return ever_put_off_; }

  // -- what others are to be told since the last call

  std::vector<slice_failed> take_failed() { return std::exchange(failed_, {}); }
  std::vector<slices_abandoned> take_abandoned() { return std::exchange(abandoned_, {}); }
  std::vector<endpoint_given_up> take_given_up() { return std::exchange(given_up_, {}); }

private:
  struct book {
    /// Slices that failed for good, and that were put off and wait for their next round.
    std::uint64_t failed = 0;
    std::uint64_t put_off = 0;
    /// Requests that failed since the last good answer.
    std::uint64_t in_a_row = 0;
    bool given_up = false;
  };

  void fail_slice(page_request request, error why);
  /// Of an endpoint that is given up.
  void fail_put_off(endpoint_id e);

  failure_limits limits_;
  std::vector<book> books_;
  /// Slices that failed, each with its error, until their next round.
  std::vector<std::pair<page_request, error>> put_off_;
  std::vector<slice_failed> failed_;
  std::vector<slices_abandoned> abandoned_;
  std::vector<endpoint_given_up> given_up_;
  std::uint64_t ever_put_off_ = 0;
  bool draining_ = false;
};

} // namespace sluice
