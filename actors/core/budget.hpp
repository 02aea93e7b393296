#pragma once

#include "config/manifest/plan.hpp"
#include "messages/page.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The governor's clock. Virtual in tests.
using steady_time = std::chrono::steady_clock::time_point;

/// The account's rate limits: every policy that governs a request must have room for it. Pure: time comes in as arguments.
///
/// A request takes its place when it is admitted and keeps it until one window after its *answer* came: the server counted
/// it somewhere in between, so no window of the server's, however aligned, can hold more than the limit.
class budget {
public:
  /// `minute` is the length of the account's minute (`budget.window`): rates over exactly one minute use it instead.
  /// `now` is the moment at which counting starts.
  budget(const api_budget& definition, std::chrono::microseconds minute, steady_time now);

  /// Policies that govern a request, as a bit mask, with their weights.
  struct claim {
    std::uint64_t policies = 0;
    std::vector<std::uint32_t> weights; // one per policy; empty: all 1
  };
  /// Which policies govern a request with this method, URL and headers.
  claim match(std::string_view method, std::string_view url,
              const std::vector<std::pair<std::string, std::string>>& headers) const;
  /// True if the answer of `match` can differ between requests.
  bool has_matchers() const noexcept;

  /// When a request with this claim may go: `now` or earlier means at once. steady_time::max() means never (the day is over).
  steady_time earliest(const claim& c, steady_time now);

  /// Takes the request's places. Call only if `earliest` allowed it. Returns a ticket for `finish`.
  std::uint64_t acquire(const claim& c, steady_time now);

  /// The request ended. `sent == false` gives its places back. Feedback moves limits in both directions, adds what others
  /// use of the account, and pauses the budget on RATE_LIMITED, once for all.
  /// `wall` is the current UTC time, for epoch resets and HTTP dates.
  void finish(std::uint64_t ticket, const rate_feedback& feedback, bool sent, steady_time now, language::instant wall);

  /// Set when a policy with `stop_when_exhausted` has no room left: which one, and when it comes back.
  struct exhaustion {
    std::string policy;
    std::uint64_t limit = 0;
    steady_time resets_at{};
  };
  std::optional<exhaustion> exhausted(steady_time now) const;

  /// If every request has to wait because an answer was RATE_LIMITED or a window is full: until when (for the status message).
  std::optional<steady_time> paused_until(steady_time now) const;

  /// One policy's present numbers, for progress and the summary.
  struct gauge {
    std::string policy;
    std::uint64_t limit = 0;
    std::uint64_t used = 0;
    bool reported_by_server = false;
    /// Requests that this policy governed.
    std::uint64_t matched = 0;
  };
  std::vector<gauge> gauges(steady_time now);
};

} // namespace sluice
