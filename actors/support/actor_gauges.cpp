#include "actors/support/actor_gauges.hpp"

#include <algorithm>
#include <chrono>

namespace sluice {

namespace {

std::int64_t micros(flight_clock::duration d) {
  return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(d).count());
}

} // namespace

std::vector<actor_gauge> gauges_of(const std::vector<flight_view>& actors, flight_time now) {
  std::vector<actor_gauge> result;
  for (const auto& a : actors) {
    auto found = std::find_if(result.begin(), result.end(), [&a](const actor_gauge& g) { return g.kind == a.name; });
    if (found == result.end()) {
      result.emplace_back();
      found = result.end() - 1;
      found->kind = a.name;
    }
    auto& g = *found;
    // What is going on counts up to now.
    auto inside = a.inside + (a.busy() ? now - a.messages.front().began : flight_clock::duration::zero());
    const auto waits = a.waits_for != outside::nothing ? now - a.wait_changed : flight_clock::duration::zero();
    auto waited = a.waited + (a.awaits ? flight_clock::duration::zero() : waits);
    auto awaited = a.awaited + (a.awaits ? waits : flight_clock::duration::zero());
    ++g.count;
    g.messages += a.handled;
    g.mailbox += a.ended ? 0 : static_cast<std::uint64_t>(a.mailbox);
    g.mailbox_high = std::max(g.mailbox_high, static_cast<std::uint64_t>(a.mailbox_high));
    if (!a.ended && a.oldest != flight_time{})
      g.oldest_us = std::max(g.oldest_us, micros(now - a.oldest));
    g.waiting_us += micros(std::min(inside, waited) + awaited);
    g.busy_us += micros(inside - waited);
    g.idle_us += micros(now - a.made - inside - awaited);
  }
  return result;
}

} // namespace sluice
