#include "actors/support/stall.hpp"

#include <algorithm>
#include <cstdio>

namespace sluice {

using std::chrono::microseconds;

microseconds stall_detector::interval() const {
  return std::clamp<microseconds>(limits_.stall / 8, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

std::optional<std::string> stall_detector::look(const std::vector<flight_view>& actors, bool stderr_blocked,
                                                flight_time now) {
  if (limits_.stall.count() == 0)
    return std::nullopt;
  // Beside the threads' own hiccups: SIGSTOP, a machine that slept.
  bool late = now - looked_ > limits_.stall / 2 + interval();
  looked_ = now;
  if (late || stderr_blocked)
    excused_until_ = now;

  auto still_since = excused_until_;
  for (const auto& a : actors) {
    if (a.ended)
      continue;
    // Until when the actor's own handler, and until when the whole run, has an excuse.
    auto excused = std::max(a.wait_changed, excused_until_);
    if (a.waits_for == outside::output || a.waits_for == outside::display)
      excused = now;
    else if (a.waits_for == outside::answer)
      excused = std::max(excused, std::min(now, a.wait_changed + limits_.answer));
    if (a.busy()) {
      auto since = std::max(a.messages.front().began, excused);
      if (now - since >= limits_.stall) {
        auto text = a.name + " #" + std::to_string(a.actor) + " has been handling one "
                    + std::string{name_of(a.messages.front().kind)} + " for "
                    + span_text(now - a.messages.front().began);
        if (a.waits_for == outside::answer)
          text += ", longer than a request may take";
        return text;
      }
    }
    still_since = std::max({still_since, a.moved, std::min(now, a.timer)});
    if (a.waits_for != outside::display)
      still_since = std::max(still_since, excused);
  }
  if (now - still_since < limits_.stall)
    return std::nullopt;
  return "no message has moved for " + span_text(now - still_since) + ", and nothing outside is being waited for";
}

std::string span_text(flight_clock::duration d) {
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
  if (ms < 1000)
    return std::to_string(ms) + " ms";
  if (ms >= 7'200'000)
    return std::to_string(ms / 60'000) + " min";
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000);
  return text;
}

} // namespace sluice
