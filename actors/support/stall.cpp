#include "actors/support/stall.hpp"

#include "messages/text/durations.hpp"

#include <algorithm>

namespace sluice {

using std::chrono::microseconds;

microseconds stall_detector::interval() const {
  return std::clamp<microseconds>(limits_.stall / 8, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

flight_clock::duration stall_detector::excused_since_look(const flight_view& a, flight_time now) {
  constexpr flight_clock::duration none{0};
  auto excused = std::max(none, std::min(now, a.timer) - looked_);
  if (a.waits_for == outside::answer)
    excused = std::max(excused, std::min(now, a.wait_changed + limits_.answer) - std::max(looked_, a.wait_changed));
  if (a.waits_for == outside::output || a.waited_for == outside::output) {
    // Many short waits are as good as a long one.
    auto waited = flight_clock::duration{a.waited};
    if (a.waits_for == outside::output)
      waited += std::max(none, now - a.wait_changed);
    auto [before, is_new] = waited_.try_emplace(a.actor, none);
    excused = std::max(excused, std::min(waited - before->second, now - looked_));
    before->second = waited;
  }
  return excused;
}

std::optional<std::string> stall_detector::look(const std::vector<flight_view>& actors, bool stderr_blocked,
                                                flight_time now) {
  if (limits_.stall.count() == 0)
    return std::nullopt;
  // Beside the threads' own hiccups: SIGSTOP, a machine that slept.
  bool late = now - looked_ > limits_.stall / 2 + interval();
  if (late || stderr_blocked)
    excused_until_ = now;
  auto excused = stderr_blocked ? now - looked_ : flight_clock::duration::zero();
  for (const auto& a : actors) {
    if (a.ended)
      continue;
    if (a.busy()) {
      // Until when the actor's own handler has an excuse.
      auto until = std::max(a.wait_changed, excused_until_);
      if (a.waits_for == outside::output || is_aside(a.waits_for))
        until = now;
      else if (a.waits_for == outside::answer)
        until = std::max(until, std::min(now, a.wait_changed + limits_.answer));
      auto since = std::max(a.messages.front().began, until);
      if (now - since >= limits_.stall) {
        auto text = a.name + " #" + std::to_string(a.actor) + " has been handling one "
                    + std::string{name_of(a.messages.front().kind)} + " for "
                    + duration_text(now - a.messages.front().began);
        if (a.waits_for == outside::answer)
          text += ", longer than a request may take";
        return text;
      }
    }
    if (a.awaits && a.waits_for == outside::answer) {
      const auto since = std::max(a.wait_changed + limits_.answer, excused_until_);
      if (now - since >= limits_.stall)
        return a.name + " #" + std::to_string(a.actor) + " has been waiting for the answer to " + a.wait_text + " for "
               + duration_text(now - a.wait_changed) + ", longer than a request may take";
    }
    still_since_ = std::max(still_since_, a.moved);
    if (!a.messages.empty() && moves_run(a.messages.front().kind))
      still_since_ = std::max(still_since_, a.wait_changed);
    excused = std::max(excused, excused_since_look(a, now));
  }
  still_since_ = late ? now : std::max(still_since_, std::min(now, still_since_ + excused));
  looked_ = now;
  if (now - still_since_ < limits_.stall)
    return std::nullopt;
  return "no message has moved for " + duration_text(now - still_since_) + ", and nothing outside is being waited for";
}

} // namespace sluice
