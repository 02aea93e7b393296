#include "actors/core/admission/rate_window.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

using std::chrono::microseconds;

// -- moving window -------------------------------------------------------------

namespace {

/// Up to this limit every request has an entry of its own; above it, requests that were answered within 1/1000 of the
/// interval share one. Memory and work stay bounded, at the price of 0.1 % of the interval.
constexpr std::uint64_t max_single_entries = 1000;
constexpr int shared_entries_per_interval = 1000;

} // namespace

moving_window::moving_window(std::uint64_t limit, microseconds interval, steady_time now)
  : limit_(limit), interval_(interval), others_until_(now) {
  // nop
}

std::uint64_t moving_window::used(steady_time now) const {
  auto sum = in_flight_ + answered_weight_ + (now < others_until_ ? others_ : 0);
  for (const auto& e : answered_) {
    if (now < e.expires)
      break;
    sum -= e.weight;
  }
  return sum;
}

void moving_window::drop_expired(steady_time now) {
  while (!answered_.empty() && answered_.front().expires <= now) {
    answered_weight_ -= answered_.front().weight;
    answered_.pop_front();
  }
}

std::uint64_t moving_window::answered_since(steady_time when) const {
  std::uint64_t sum = 0;
  for (auto e = answered_.rbegin(); e != answered_.rend() && e->expires - interval_ >= when; ++e)
    sum += e->weight;
  return sum;
}

steady_time moving_window::earliest(std::uint64_t weight, steady_time now) const {
  const auto wanted = used(now) + std::min(weight, limit_);
  if (wanted <= limit_)
    return now;
  // Walk forward in time until enough places are free. Besides the two sources below, `used` counts the requests
  // without answer: they cannot leave before one interval from now.
  const auto missing = wanted - limit_;
  std::uint64_t freed = 0;
  auto others_left = now < others_until_ ? others_ : 0;
  for (const auto& e : answered_) {
    if (e.expires <= now)
      continue;
    if (others_left > 0 && others_until_ <= e.expires) {
      freed += std::exchange(others_left, 0);
      if (freed >= missing)
        return others_until_;
    }
    freed += e.weight;
    if (freed >= missing)
      return e.expires;
  }
  if (others_left > 0 && freed + others_left >= missing)
    return others_until_;
  return now + interval_;
}

moving_window::place moving_window::acquire(std::uint64_t weight, steady_time now) {
  drop_expired(now);
  in_flight_ += weight;
  taken_ += weight;
  return {in_flight_ + answered_weight_, taken_};
}

void moving_window::release(std::uint64_t weight, bool sent, steady_time now) {
  in_flight_ -= weight;
  if (!sent)
    return;
  answered_weight_ += weight;
  const auto quantum = limit_ > max_single_entries ? interval_ / shared_entries_per_interval : microseconds{0};
  if (!answered_.empty() && now < answered_.back().first + quantum) {
    answered_.back().expires = now + interval_;
    answered_.back().weight += weight;
  } else {
    answered_.push_back({now, now + interval_, weight});
  }
}

void moving_window::report(const place& at, std::uint64_t server_used, const std::optional<reset_bounds>& reset,
                           steady_time now) {
  // All that the server can have counted of ours when it answered: what held places when the request went out, and what
  // went out since.
  auto ours = at.held + (taken_ - at.taken);
  if (reset && reset->earliest >= now) {
    // The server counts since one interval before its reset; what was answered before then is no longer in its count.
    ours = std::min(ours, in_flight_ + answered_since(reset->earliest - interval_));
  }
  const auto others = server_used > ours ? server_used - ours : 0;
  const auto until = reset ? reset->latest : now + interval_;
  if (until <= now) // the answer took so long that its window is over
    return;
  if (others_until_ <= now || (reset && reset->earliest > others_until_)) { // nothing known, or of an earlier window
    others_ = others;
    others_until_ = until;
  } else if (others >= others_) { // in one window others' use only grows: a lower number is an older one
    others_ = others;
    others_until_ = std::max(others_until_, until);
  }
}

// -- fixed window --------------------------------------------------------------

fixed_window::fixed_window(std::uint64_t limit, microseconds period, steady_time now)
  : limit_(limit), period_(period), began_(now), anywhere_(limit, period, now), carried_until_(now) {
  // nop
}

std::uint64_t fixed_window::carried(steady_time now) const noexcept {
  return carried_in_flight_ + (now < carried_until_ ? carried_answered_ : 0);
}

std::uint64_t fixed_window::used(steady_time now) const {
  if (is_unplaced(now))
    return anywhere_.used(now);
  if (is_over(now)) // what `roll` will leave
    return carried_in_flight_ + own_in_flight_ + (now < ends_latest_ + period_ ? late_ : 0);
  return own_ + others_ + carried(now);
}

steady_time fixed_window::earliest(std::uint64_t weight, steady_time now) const {
  if (is_unplaced(now))
    return anywhere_.earliest(weight, now);
  const auto wanted = used(now) + std::min(weight, limit_);
  if (wanted <= limit_)
    return now;
  const auto missing = wanted - limit_;
  if (is_over(now))
    return late_ >= missing ? ends_latest_ + period_ : now + period_;
  const auto end = ends_latest_ == steady_time::max() ? now + period_ : ends_latest_;
  const auto carry_frees = now < carried_until_ && carried_answered_ >= missing;
  return carry_frees ? std::min(carried_until_, end) : end;
}

fixed_window::place fixed_window::acquire(std::uint64_t weight, steady_time now) {
  roll(now);
  if (!reported_ && own_ == 0 && carried(now) == 0)
    ends_earliest_ = now + period_; // the server's window begins with this request
  own_ += weight;
  own_in_flight_ += weight;
  return {window_, anywhere_.acquire(weight, now)};
}

void fixed_window::roll(steady_time now) {
  if (!is_over(now))
    return;
  if (reported_)
    unplaced_ = false; // it is known where the next one begins
  begin_window(ends_latest_);
}

void fixed_window::begin_window(steady_time at) {
  carried_in_flight_ += own_in_flight_;
  carried_answered_ = late_; // answered before `at`
  carried_until_ = at + period_;
  own_ = own_in_flight_ = late_ = others_ = 0;
  // A request that is carried over may have opened the server's new window, but not before the old one ended.
  ends_earliest_ = carried(at) > 0 ? ends_earliest_ + period_ : steady_time::max();
  ends_latest_ = steady_time::max();
  reported_ = false;
  began_ = at;
  ++window_;
}

fixed_window::counted fixed_window::learn(const reset_bounds& reset, bool is_fresh, steady_time now) {
  const auto adopt = [&] {
    if (!reported_) // what was answered meanwhile may have been counted after this end
      late_ = anywhere_.answered_since(reset.earliest);
    ends_earliest_ = reset.earliest;
    ends_latest_ = reset.latest;
    reported_ = true;
    return counted::current;
  };
  if (!can_place(reset)) {
    unplaced_ = unplaced_ || !reported_;
    return counted::unknown;
  }
  if (!reported_) {
    // A request from before this window began tells of this window only if it names an end beyond the beginning, and of
    // the one before only if it names an end at which this one cannot end.
    if (is_fresh || reset.earliest > began_)
      return adopt();
    return reset.latest < ends_earliest_ ? counted::earlier : counted::unknown;
  }
  if (reset.earliest > ends_latest_) {
    // The end has moved away. By a whole window: the server has begun a new one, earlier than was known. By less: the
    // server moves its window, and what it counted so far stays counted.
    if (reset.latest >= ends_earliest_ + period_ / 2)
      begin_window(now);
    return adopt();
  }
  if (reset.latest < ends_earliest_)
    return is_fresh ? counted::current : counted::earlier;
  ends_earliest_ = std::max(ends_earliest_, reset.earliest);
  ends_latest_ = std::min(ends_latest_, reset.latest);
  return counted::current;
}

void fixed_window::release(std::uint64_t weight, const place& at, bool sent, const std::optional<reset_bounds>& reset,
                           std::optional<std::uint64_t> server_used, steady_time now) {
  roll(now);
  auto where = counted::unknown;
  if (sent && reset)
    where = learn(*reset, at.window == window_, now);
  if (sent && server_used && unplaced_)
    anywhere_.report(at.anywhere, *server_used, reset, now);
  anywhere_.release(weight, sent, now);
  const auto is_fresh = at.window == window_; // `learn` may have begun a window
  (is_fresh ? own_in_flight_ : carried_in_flight_) -= weight;
  if (!sent) {
    if (is_fresh)
      own_ -= weight;
    return;
  }
  if (where == counted::unknown && now >= ends_earliest_)
    late_ += weight; // even if it went out windows ago
  if (where == counted::current && !is_fresh) {
    own_ += weight;
  } else if (where == counted::unknown && !is_fresh) {
    carried_answered_ = weight + (now < carried_until_ ? carried_answered_ : 0);
    carried_until_ = now + period_;
  } else if (where == counted::unknown) {
    ends_latest_ = std::min(ends_latest_, now + period_); // it was counted by now, so the window had begun
  }
  if (server_used && (where == counted::current || (where == counted::unknown && is_fresh))) {
    const auto ours = own_ + carried(now);
    others_ = std::max(others_, *server_used > ours ? *server_used - ours : 0);
  }
}

} // namespace sluice
