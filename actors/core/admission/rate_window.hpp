#pragma once

#include "actors/core/clock.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace sluice {

/// When a server's window ends, as far as an answer tells: the server wrote it at some moment between request and
/// answer, in whole seconds, rounded in a way that nobody knows.
struct reset_bounds {
  steady_time earliest{};
  steady_time latest{};
};

/// At most `limit` requests (or units of weight) in any stretch of `interval`, wherever the stretch begins.
///
/// A request's place is taken from `acquire` until one interval after its answer. The server counted it somewhere in
/// between, so no window of the server's, fixed or sliding, however aligned, holds more than `limit` of ours.
class moving_window {
public:
  /// `limit` and `interval` must be positive; `now` is when counting starts.
  moving_window(std::uint64_t limit, std::chrono::microseconds interval, steady_time now);

  std::uint64_t limit() const noexcept { return limit_; }
  void set_limit(std::uint64_t limit) noexcept { limit_ = limit; }
  std::chrono::microseconds length() const noexcept { return interval_; }

  /// Weight that holds places at `now`, other users' included.
  std::uint64_t used(steady_time now) const;

  /// Weight of our requests that were answered at `when` or later and still hold places.
  std::uint64_t answered_since(steady_time when) const;

  /// When a request of this weight has room; `now` if at once. Weights above the limit count as the limit, so that such
  /// a request goes when nothing else does, instead of never. While answers are outstanding it may be a lower bound:
  /// ask again after each release.
  steady_time earliest(std::uint64_t weight, steady_time now) const;

  /// What the window held when a request went out; needed to judge what its answer reports.
  struct place {
    std::uint64_t held = 0;
    std::uint64_t taken = 0;
  };
  place acquire(std::uint64_t weight, steady_time now);

  /// The request ended; unsent ones free their place at once.
  void release(std::uint64_t weight, bool sent, steady_time now);

  /// The answer of the request with this place says that `server_used` is used. What cannot be ours is others' and
  /// takes places until the reset, or for one interval if no reset is known. Call before `release`.
  void report(const place& at, std::uint64_t server_used, const std::optional<reset_bounds>& reset, steady_time now);

private:
  struct entry {
    /// Start of the stretch whose entries are merged into this one.
    steady_time first{};
    steady_time expires{};
    std::uint64_t weight = 0;
  };

  void drop_expired(steady_time now);

  std::uint64_t limit_;
  std::chrono::microseconds interval_;
  std::uint64_t in_flight_ = 0;
  /// Answered requests in order of expiry.
  std::deque<entry> answered_;
  std::uint64_t answered_weight_ = 0;
  /// Weight of all requests so far.
  std::uint64_t taken_ = 0;
  std::uint64_t others_ = 0;
  steady_time others_until_;
};

/// At most `limit` requests (or units of weight) until the server's counter resets, then as many again.
///
/// Where the window ends is learned from reported resets; every answer narrows it down. Until the server reports one, a
/// window begins with the first request and lasts `period`. Requests that may have been counted on either side of a
/// reset hold places on both.
///
/// A reset in whole seconds, told by an answer that was under way for a while, may be too vague for a short window: it
/// does not tell one window from the next. The server's windows then begin nobody knows where, and requests hold their
/// places as in a `moving_window`, which is right wherever they begin, until the end of a window is known.
class fixed_window {
public:
  /// `limit` and `period` must be positive; `now` is when counting starts.
  fixed_window(std::uint64_t limit, std::chrono::microseconds period, steady_time now);

  std::uint64_t limit() const noexcept { return limit_; }
  void set_limit(std::uint64_t limit) noexcept {
    limit_ = limit;
    anywhere_.set_limit(limit);
  }
  std::chrono::microseconds length() const noexcept { return period_; }

  /// As for `moving_window`.
  std::uint64_t used(steady_time now) const;
  steady_time earliest(std::uint64_t weight, steady_time now) const;

  /// The number of the window that a request was sent in, and its place wherever the server's windows begin.
  struct place {
    std::uint64_t window = 0;
    moving_window::place anywhere;
  };
  place acquire(std::uint64_t weight, steady_time now);

  /// A reset this narrow tells one window from the next.
  bool can_place(const reset_bounds& reset) const noexcept { return reset.latest - reset.earliest < period_ / 2; }

  /// The request with this place ended. `reset` and `server_used` are what its answer reported, if it did.
  void release(std::uint64_t weight, const place& at, bool sent, const std::optional<reset_bounds>& reset,
               std::optional<std::uint64_t> server_used, steady_time now);

private:
  /// Which of the server's windows counted a request.
  enum class counted : std::uint8_t { unknown, earlier, current };

  counted learn(const reset_bounds& reset, bool is_fresh, steady_time now);
  bool is_over(steady_time now) const noexcept { return ends_latest_ <= now; }
  bool is_unplaced(steady_time now) const noexcept { return unplaced_ && !(reported_ && is_over(now)); }
  void roll(steady_time now);
  void begin_window(steady_time at);
  std::uint64_t carried(steady_time now) const noexcept;

  std::uint64_t limit_;
  std::chrono::microseconds period_;

  /// Number of the present window.
  std::uint64_t window_ = 1;
  steady_time began_;
  /// The window ends between these two; `max()` is unknown.
  steady_time ends_earliest_ = steady_time::max();
  steady_time ends_latest_ = steady_time::max();
  /// The bounds come from the server.
  bool reported_ = false;
  /// The server's resets are too vague, and no window's end has been known since.
  bool unplaced_ = false;
  /// All requests, counted for windows that begin anywhere.
  moving_window anywhere_;

  /// Requests sent in this window, and those of them that have no answer yet.
  std::uint64_t own_ = 0;
  std::uint64_t own_in_flight_ = 0;
  /// Answered requests of this window that may have been counted after its end.
  std::uint64_t late_ = 0;
  std::uint64_t others_ = 0;
  /// Requests of the window before that may have been counted in this one: without answer, and answered.
  std::uint64_t carried_in_flight_ = 0;
  std::uint64_t carried_answered_ = 0;
  steady_time carried_until_;
};

} // namespace sluice
