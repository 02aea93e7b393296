#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::simulator {

/// A limit on requests in a length of time.
struct rate_limit {
  /// Requests allowed in a window; 0 means no limit, and no headers about it.
  std::uint64_t limit = 0;
  std::chrono::microseconds window = std::chrono::minutes{1};
  /// How much of the first window has passed when the first request comes. Later windows follow without gaps.
  std::chrono::microseconds phase{0};
};

/// The account's limits and how the server tells them.
struct rate_limits {
  rate_limit minute = {};
  rate_limit day = {0, std::chrono::hours{24}, std::chrono::microseconds{0}};
  /// Count the requests of the last window length at every moment, instead of fixed windows.
  bool moving_window = false;
  /// Tell `Reset` with its fraction of a second (for shortened minutes), not as whole seconds rounded up.
  bool exact_reset = false;
  /// Send the `X-Ratelimit-…` headers.
  bool headers = true;
};

/// How many requests a window admitted and refused.
struct window_count {
  /// Start of the window, since the server's start.
  std::chrono::microseconds start{0};
  std::uint64_t admitted = 0;
  std::uint64_t refused = 0;
};

/// One limit at work. Not thread-safe. Times are since any fixed moment and never go back.
class rate_window {
public:
  rate_window(rate_limit limit, bool moving);
  /// True if one more request fits now. Changes nothing but the window's position.
  bool has_room(std::chrono::microseconds now);
  /// Counts an admitted request.
  void admit(std::chrono::microseconds now);
  /// Counts a refused request.
  void refuse(std::chrono::microseconds now);
  std::uint64_t limit() const noexcept { return limit_.limit; }
  std::uint64_t remaining(std::chrono::microseconds now);
  /// Time until the window is over; for a moving window until the oldest counted request leaves it.
  std::chrono::microseconds until_reset(std::chrono::microseconds now);
  /// All windows that saw a request, oldest first. For a moving window: what fixed windows would have seen.
  const std::vector<window_count>& history() const noexcept { return history_; }

private:
  void roll(std::chrono::microseconds now);
  window_count& current();

  rate_limit limit_;
  bool moving_;
  bool started_ = false;
  std::chrono::microseconds start_{0};
  std::uint64_t used_ = 0;
  std::deque<std::chrono::microseconds> recent_;
  std::vector<window_count> history_;
};

/// The minute and the day together. Not thread-safe.
class rate_limiter {
public:
  explicit rate_limiter(const rate_limits& limits);
  /// Counts a request. False if a limit refuses it; a refused request uses up nothing.
  bool admit(std::chrono::microseconds now);
  /// `X-Ratelimit-App-Global-{Minute,Day}-{Limit,Remaining,Reset}` as they stand now.
  std::vector<std::pair<std::string, std::string>> headers(std::chrono::microseconds now);
  const std::vector<window_count>& minutes() const noexcept { return minute_.history(); }
  const std::vector<window_count>& days() const noexcept { return day_.history(); }

private:
  rate_limits limits_;
  rate_window minute_;
  rate_window day_;
};

} // namespace sluice::simulator
