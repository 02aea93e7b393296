// What the governor tells of its requests.

#include "actors/core/admission/admission.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace sluice {

namespace {

/// Microseconds from `now` to `t`; 0 if it is past.
std::int64_t us_until(steady_time t, steady_time now) {
  return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(t - now).count());
}

quota_gauge gauge_of(const budget::gauge& g, steady_time now) {
  return {g.policy,
          g.limit,
          g.used,
          g.reported_by_server,
          g.window.count(),
          g.room_at == steady_time::max() ? -1 : us_until(g.room_at, now),
          us_until(g.all_free_at, now)};
}

/// Of a pool's tokens together. Their windows may have any length.
quota_gauge gauge_of(const token_watch::gauge& g, steady_time now) {
  const auto room_us = g.room_at == steady_time::max() ? us_until(g.all_free_at, now) : us_until(g.room_at, now);
  return {"tokens, " + std::string{g.quota}, g.limit, g.used, true, 0, room_us, us_until(g.all_free_at, now)};
}

} // namespace

governor_report admission::report(steady_time now) {
  account(now);
  auto result = report_;
  result.in_flight = in_flight();
  result.credit_used_bytes = credits_.used_bytes();
  result.peak_credit_bytes = credits_.peak_bytes();
  result.peak_fan_out = credits_.peak_fan_out();
  result.put_off = failures_.ever_put_off();
  for (const auto& l : lanes_) {
    result.endpoints.push_back(l.traffic);
    result.endpoints.back().queued = l.queued();
    result.queued += l.queued();
  }
  result.queued += lanes_.retries().size() + failures_.count_put_off();
  const auto is_of_failure = [](const waiting_retry& r) { return !r.refused; };
  if (std::none_of(lanes_.retries().begin(), lanes_.retries().end(), is_of_failure))
    result.retrying.clear();
  for (const auto& r : lanes_.retries())
    ++result.endpoints[r.work.request.slice.endpoint].queued;
  failures_.for_each_put_off([&result](endpoint_id e) { ++result.endpoints[e].queued; });
  for (const auto& [ticket, f] : flights_)
    ++result.endpoints[f.endpoint].in_flight;
  auto gauges = budget_.gauges(now);
  if (report_.requests > 0)
    for (const auto& g : gauges)
      if (g.matched == 0)
        result.idle_policies.push_back(g.policy);
  for (const auto& g : gauges)
    // A limit that waits for the server's word and has not heard it holds up nothing: it is no quota yet.
    if (g.enforced)
      result.quotas.push_back(gauge_of(g, now));
  for (const auto& pool : pools_)
    if (pool != nullptr)
      for (const auto& g : pool->gauges(now))
        result.quotas.push_back(gauge_of(g, now));
  return result;
}

std::string admission::held_up(steady_time now) {
  std::string text;
  for (auto& l : lanes_) {
    if (!l.ready())
      continue;
    auto count = std::to_string(l.begun.size() + l.fresh.size());
    text += (text.empty() ? "" : "; ") + l.of->name + ": " + count + " requests wait for ";
    if (!pool_has_room()) {
      text += "a fetcher";
    } else if (!needs_request(l)) {
      text += "the records that others bring";
    } else if (!credits_.fan_out_has_room(l.of->id)) {
      text += "room among the parents of";
      for (auto edge : l.of->child_edges)
        text += " " + plan_->endpoints[plan_->edges[edge].child].name + " ("
                + std::to_string(credits_.parents_held(edge)) + " of " + std::to_string(limits_.fan_out_records) + ")";
    } else if (!credits_.output_has_room(l.of->id, flights_.size(), limits_.pool_size)) {
      text += "the output (" + std::to_string(credits_.unwritten_pages()) + " pages with "
              + std::to_string(credits_.unwritten_bytes()) + " bytes are not written)";
    } else if (memory_high_ && !flights_.empty()) {
      text += "memory";
    } else if (in_trouble(l) && (l.flying > 0 || l.retrying > 0)) {
      text += "the end of one that is tried (" + std::to_string(failures_.in_a_row(l.of->id)) + " failed in a row)";
    } else if (budget_.earliest(queue_of(l).front().claim, now) > now) {
      text += "a quota";
    } else if (l.tokens != nullptr
               && l.tokens->look(queue_of(l).front().token_quota, now).what == token_watch::obstacle::quota) {
      text += "a token that has something left of its quota";
    } else if ((l.credential != nullptr && !l.credential->holds(now))
               || (l.tokens != nullptr
                   && l.tokens->look(queue_of(l).front().token_quota, now).what != token_watch::obstacle::none)) {
      text += "a valid credential";
    } else {
      text += "nothing";
    }
  }
  return text;
}

} // namespace sluice
