#include "app/simulator/limits.hpp"

#include <algorithm>
#include <cstdio>

namespace sluice::simulator {

namespace {

/// The history is for tests and summaries; a simulator that runs for days must not grow with it.
constexpr std::size_t history_capacity = 100'000;

std::string reset_text(std::chrono::microseconds left, bool exact) {
  if (!exact)
    return std::to_string((left.count() + 999'999) / 1'000'000);
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%06lld", static_cast<long long>(left.count() / 1'000'000),
                static_cast<long long>(left.count() % 1'000'000));
  return text;
}

} // namespace

rate_window::rate_window(rate_limit limit, bool moving) : limit_(limit), moving_(moving) {
  limit_.window = std::max(limit_.window, std::chrono::microseconds{1});
  limit_.phase = std::clamp(limit_.phase, std::chrono::microseconds{0}, limit_.window - std::chrono::microseconds{1});
}

void rate_window::roll(std::chrono::microseconds now) {
  if (!started_) {
    started_ = true;
    start_ = now - limit_.phase;
  }
  if (now - start_ >= limit_.window) {
    start_ += (now - start_) / limit_.window * limit_.window;
    used_ = 0;
  }
  while (!recent_.empty() && now - recent_.front() >= limit_.window)
    recent_.pop_front();
}

window_count& rate_window::current() {
  if (history_.empty() || history_.back().start != start_) {
    if (history_.size() >= history_capacity)
      history_.erase(history_.begin(), history_.begin() + history_capacity / 2);
    history_.push_back({start_, 0, 0});
  }
  return history_.back();
}

bool rate_window::has_room(std::chrono::microseconds now) {
  return remaining(now) > 0;
}

void rate_window::admit(std::chrono::microseconds now) {
  if (limit_.limit == 0)
    return;
  roll(now);
  ++used_;
  if (moving_)
    recent_.push_back(now);
  ++current().admitted;
}

void rate_window::refuse(std::chrono::microseconds now) {
  if (limit_.limit == 0)
    return;
  roll(now);
  ++current().refused;
}

std::uint64_t rate_window::remaining(std::chrono::microseconds now) {
  if (limit_.limit == 0)
    return UINT64_MAX;
  roll(now);
  std::uint64_t used = moving_ ? recent_.size() : used_;
  return used < limit_.limit ? limit_.limit - used : 0;
}

std::chrono::microseconds rate_window::until_reset(std::chrono::microseconds now) {
  roll(now);
  if (moving_)
    return recent_.empty() ? std::chrono::microseconds{0} : recent_.front() + limit_.window - now;
  return start_ + limit_.window - now;
}

rate_limiter::rate_limiter(const rate_limits& limits)
  : limits_(limits), minute_(limits.minute, limits.moving_window), day_(limits.day, limits.moving_window) {}

bool rate_limiter::admit(std::chrono::microseconds now) {
  bool minute_has_room = minute_.has_room(now);
  bool day_has_room = day_.has_room(now);
  if (minute_has_room && day_has_room) {
    minute_.admit(now);
    day_.admit(now);
    return true;
  }
  if (!minute_has_room)
    minute_.refuse(now);
  if (!day_has_room)
    day_.refuse(now);
  return false;
}

std::vector<std::pair<std::string, std::string>> rate_limiter::headers(std::chrono::microseconds now) {
  std::vector<std::pair<std::string, std::string>> result;
  if (!limits_.headers)
    return result;
  auto add = [&](const std::string& name, rate_window& window) {
    if (window.limit() == 0)
      return;
    result.emplace_back("X-Ratelimit-App-Global-" + name + "-Limit", std::to_string(window.limit()));
    result.emplace_back("X-Ratelimit-App-Global-" + name + "-Remaining", std::to_string(window.remaining(now)));
    result.emplace_back("X-Ratelimit-App-Global-" + name + "-Reset",
                        reset_text(window.until_reset(now), limits_.exact_reset));
  };
  add("Minute", minute_);
  add("Day", day_);
  return result;
}

} // namespace sluice::simulator
