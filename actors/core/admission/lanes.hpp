#pragma once

#include "actors/core/admission/budget.hpp"
#include "actors/core/auth/credential_watch.hpp"
#include "actors/core/auth/token_watch.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"
#include "messages/report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace sluice {

/// A request that is ready to go, with the rate policies that govern it.
struct waiting_request {
  page_request request;
  budget::claim claim{};
  /// Which quota of its lane's tokens it takes a call of.
  std::uint32_t token_quota = 0;
  /// Since when it could go as far as it is concerned, and how long rate limits had held up the run by then.
  steady_time ready_at{};
  std::int64_t quota_us_before = 0;
};

/// A request that is ready when its back-off is over.
struct waiting_retry {
  steady_time due;
  /// The answer was RATE_LIMITED.
  bool refused = false;
  waiting_request work;
};

/// What waits of one endpoint.
struct lane {
  const endpoint* of = nullptr;
  /// The edges that feed it.
  std::vector<std::uint32_t> feeds;
  /// Its credential, if it is one that expires; several endpoints may share one.
  credential_watch* credential = nullptr;
  /// ... or its tokens, if it is any one of a pool.
  token_watch* tokens = nullptr;
  /// Pages of slices that have begun.
  std::deque<waiting_request> begun;
  /// First pages of new slices.
  std::deque<waiting_request> fresh;
  /// What a quota that ends the run keeps from going.
  std::deque<waiting_request> parked;
  /// Slices asked for but not offered yet.
  std::uint64_t demanded = 0;
  /// Requests in flight, and retries that wait for a back-off.
  std::uint64_t flying = 0;
  std::uint64_t retrying = 0;
  /// The slice whose tries are used up next while requests go one at a time; 0: none.
  std::uint64_t probe = 0;
  /// Its slice source has told that no slice comes any more.
  bool all_offered = false;
  endpoint_traffic traffic;

  bool ready() const noexcept { return !begun.empty() || !fresh.empty(); }
  std::size_t queued() const noexcept { return begun.size() + fresh.size() + parked.size(); }
};

/// Everything that waits to be requested: a lane for each endpoint, and the retries whose time has not come. Knows
/// nothing of limits.
class lanes {
public:
  /// `watches`, by credential of the plan, must outlive the lanes.
  lanes(const plan& p, std::vector<credential_watch>& watches);

  lane& operator[](endpoint_id id) noexcept { return all_[id]; }
  const lane& operator[](endpoint_id id) const noexcept { return all_[id]; }
  std::size_t size() const noexcept { return all_.size(); }
  auto begin() noexcept { return all_.begin(); }
  auto end() noexcept { return all_.end(); }
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }

  bool any_ready() const noexcept {
    return std::any_of(all_.begin(), all_.end(), [](const lane& l) { return l.ready(); });
  }
  /// Anything waits: is ready, parked, or for a back-off.
  bool any_work() const noexcept { return !retries_.empty() || parked_ > 0 || any_ready(); }

  /// Lanes with ready requests, those of the higher `rank` first; those of one rank take turns. Valid until the next
  /// call.
  template <class Rank>
  const std::vector<lane*>& order(Rank rank) {
    order_.clear();
    for (auto& l : all_)
      if (l.ready())
        order_.push_back(&l);
    if (order_.size() < 2)
      return order_;
    std::rotate(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(turn_ % order_.size()), order_.end());
    std::stable_sort(order_.begin(), order_.end(), [&](const lane* a, const lane* b) { return rank(a) > rank(b); });
    return order_;
  }
  void take_turn() noexcept { ++turn_; }

  const std::vector<waiting_retry>& retries() const noexcept { return retries_; }
  /// Those of one endpoint, refused ones too.
  std::uint64_t count_retries(endpoint_id e) const {
    return static_cast<std::uint64_t>(std::count_if(
      retries_.begin(), retries_.end(), [e](const waiting_retry& r) { return r.work.request.slice.endpoint == e; }));
  }
  /// What waits for its back-off; to be completed.
  waiting_request& put_back(steady_time due, bool refused, page_request request);
  /// The retries whose time has come.
  std::vector<waiting_retry> take_due(steady_time now);

  std::size_t parked() const noexcept { return parked_; }
  /// Sets aside the first of `queue`, which is one of the lane's, and brings all that was set aside back.
  void park(lane& l, std::deque<waiting_request>& queue);
  void unpark(lane& l);

  /// Forgets what waits of a lane; returns how many requests that were.
  std::uint64_t drop(lane& l);
  void clear();

private:
  std::vector<lane> all_;
  std::vector<waiting_retry> retries_;
  std::size_t parked_ = 0;
  std::uint64_t turn_ = 0;
  /// What `order` gave last; kept for its memory.
  std::vector<lane*> order_;
};

} // namespace sluice
