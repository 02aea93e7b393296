#pragma once

#include "actors/core/admission/budget.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::test {

using std::chrono::microseconds;

/// How a server counts, and how it rounds the seconds until its reset.
enum class counting { aligned, sliding, since_first_request };
enum class rounding { down, up, exact };

/// A server's side of one rate, in virtual time: counts every request of the account, ours and others'.
class simulated_quota {
public:
  counting how = counting::aligned;
  rounding rounds = rounding::down;
  std::uint64_t limit = 0;
  microseconds interval{};
  /// aligned: where its windows begin.
  steady_time phase{};

  /// Counts the request if it is within the limit.
  bool admit(std::uint64_t weight, steady_time now) {
    roll(now);
    if (used_ + weight > limit)
      return false;
    if (how == counting::since_first_request && used_ == 0)
      window_began_ = now;
    if (how == counting::sliding)
      entries_.emplace_back(now, weight);
    used_ += weight;
    return true;
  }

  std::uint64_t remaining(steady_time now) {
    roll(now);
    return limit > used_ ? limit - used_ : 0;
  }

  /// Seconds until the reset, as a header has it.
  std::string reset(steady_time now) {
    roll(now);
    auto end = now + interval;
    if (how == counting::aligned || (how == counting::since_first_request && used_ > 0))
      end = window_began_ + interval;
    else if (how == counting::sliding && !entries_.empty())
      end = entries_.front().first + interval;
    const auto left = std::chrono::duration<double>(end - now).count();
    switch (rounds) {
      case rounding::down:
        return std::to_string(static_cast<long>(std::floor(left)));
      case rounding::up:
        return std::to_string(static_cast<long>(std::ceil(left)));
      default:
        return std::to_string(left);
    }
  }

private:
  void roll(steady_time now) {
    if (how == counting::sliding) {
      while (!entries_.empty() && entries_.front().first + interval <= now) {
        used_ -= entries_.front().second;
        entries_.pop_front();
      }
      return;
    }
    auto began = window_began_;
    if (how == counting::aligned)
      began = now - (now - phase) % interval;
    else if (now - window_began_ >= interval)
      began = now;
    if (began != window_began_) {
      window_began_ = began;
      used_ = 0;
    }
  }

  std::uint64_t used_ = 0;
  steady_time window_began_ = steady_time::min() + std::chrono::hours{1};
  std::deque<std::pair<steady_time, std::uint64_t>> entries_;
};

/// Events in order of time.
class timeline {
public:
  steady_time now{};

  void at(steady_time when, std::function<void()> action) { events_.emplace(std::max(when, now), std::move(action)); }

  /// Runs until `end`, or until nothing is left to happen.
  void run_until(steady_time end) {
    while (!events_.empty() && events_.begin()->first <= end) {
      auto event = events_.extract(events_.begin());
      now = event.key();
      event.mapped()();
    }
    now = end;
  }

private:
  std::multimap<steady_time, std::function<void()>> events_;
};

/// A client with a pool of fetchers and endless work, a budget, and a server that counts.
class simulated_client {
public:
  simulated_client(timeline& t, budget& b, std::vector<simulated_quota*> quotas)
    : time_(t), budget_(b), quotas_(std::move(quotas)) {}

  std::size_t pool = 10;
  std::uint32_t weight = 1;
  /// One way each, drawn for every request.
  std::function<microseconds()> latency = [] { return std::chrono::milliseconds{50}; };
  /// Headers of the first quota: `limit`, `remaining`, `reset`. The others are not reported.
  bool reports = true;
  bool reports_reset = true;

  std::uint64_t served = 0;
  std::uint64_t refused = 0;
  std::size_t most_in_flight = 0;
  /// While false no request is sent.
  std::function<bool()> has_work = [] { return true; };

  void start() { pump(); }

  /// Sends what may be sent; asks again when the budget says so, and after each answer.
  void pump() {
    budget::claim c = budget_.match("GET", "https://api.example.com/x", {});
    if (weight > 1)
      c.weights.assign(64, weight);
    while (in_flight_ < pool && has_work()) {
      const auto when = budget_.earliest(c, time_.now);
      if (when > time_.now) {
        if (when != steady_time::max() && when != woken_at_) {
          woken_at_ = when;
          time_.at(when, [this] { pump(); });
        }
        return;
      }
      send(c);
    }
  }

private:
  void send(const budget::claim& c) {
    const auto ticket = budget_.acquire(c, time_.now);
    most_in_flight = std::max(most_in_flight, ++in_flight_);
    time_.at(time_.now + latency(), [this, ticket] { arrive(ticket); });
  }

  void arrive(std::uint64_t ticket) {
    bool ok = true;
    for (auto* q : quotas_)
      ok = ok && q->admit(weight, time_.now);
    ++(ok ? served : refused);
    rate_feedback feedback;
    feedback.status = ok ? 200 : 429;
    feedback.rate_limited = !ok;
    if (reports) {
      auto& q = *quotas_.front();
      feedback.headers.push_back({"x-limit", std::to_string(q.limit)});
      feedback.headers.push_back({"X-Remaining", std::to_string(q.remaining(time_.now))});
      if (reports_reset)
        feedback.headers.push_back({"X-RESET", q.reset(time_.now)});
    }
    time_.at(time_.now + latency(), [this, ticket, feedback = std::move(feedback)] {
      --in_flight_;
      budget_.finish(ticket, feedback, true, time_.now, {});
      pump();
    });
  }

  timeline& time_;
  budget& budget_;
  std::vector<simulated_quota*> quotas_;
  std::size_t in_flight_ = 0;
  steady_time woken_at_{};
};

} // namespace sluice::test
