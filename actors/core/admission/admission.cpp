#include "actors/core/admission/admission.hpp"

#include "actors/core/requests/request_builder.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// Requests of an endpoint that may be under way before the size of its pages is known: each reserves this part of the
/// output's credit.
constexpr std::uint64_t first_flights = 16;

std::int64_t micros(std::chrono::steady_clock::duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

quota_gauge gauge_of(const budget::gauge& g, steady_time now) {
  return {g.policy,
          g.limit,
          g.used,
          g.reported_by_server,
          g.window.count(),
          g.room_at == steady_time::max() ? -1 : std::max<std::int64_t>(0, micros(g.room_at - now)),
          std::max<std::int64_t>(0, micros(g.all_free_at - now))};
}

/// Parents of a page of unknown size.
constexpr std::uint64_t first_parents = 100;

/// The plan's budget, with the run's own wish about quotas that are used up.
api_budget budget_of(const plan& p, const admission_limits& limits) {
  auto result = p.budget;
  if (limits.wait_for_every_quota)
    for (auto& policy : result.policies)
      policy.stop_when_exhausted = false;
  return result;
}

} // namespace

admission::admission(plan_ptr p, const admission_limits& limits, steady_time now)
  : plan_(std::move(p)), limits_(limits), budget_(budget_of(*plan_, limits), limits.minute, now),
    in_fan_out_(plan_->edges.size(), 0), reserved_in_fan_out_(plan_->edges.size(), 0), accounted_until_(now) {
  lanes_.resize(plan_->endpoints.size());
  for (const auto& e : plan_->endpoints) {
    auto& l = lanes_[e.id];
    l.of = &e;
    l.expected_bytes = limits.output_bytes / first_flights;
    l.expected_parents.assign(e.child_edges.size(),
                              static_cast<std::uint64_t>(std::max<std::int64_t>(
                                1, e.pages.page_size.value_or(static_cast<std::int64_t>(first_parents)))));
  }
}

// -- what happens --------------------------------------------------------------

void admission::offer(slices_offered offered, steady_time now) {
  account(now);
  auto& l = lanes_[offered.endpoint];
  l.demanded -= std::min<std::uint64_t>(l.demanded, offered.slices.size());
  l.all_offered = l.all_offered || offered.last;
  if (l.of->parent_edge)
    in_fan_out_[*l.of->parent_edge] -= offered.consumed_parents;
  if (draining_)
    return;
  if (l.given_up)
    return abandon(l, offered.slices.size());
  for (auto& s : offered.slices) {
    auto& w = l.fresh.emplace_back();
    w.request.slice = std::move(s);
    prepare(w, now);
  }
}

void admission::finish(page_outcome outcome, steady_time now, language::instant wall) {
  account(now);
  auto found = flights_.find(outcome.ticket);
  if (found == flights_.end())
    return;
  auto flown = std::move(found->second);
  flights_.erase(found);
  auto& l = lanes_[flown.endpoint];
  --l.flying;
  budget_.finish(flown.budget_ticket, outcome.feedback, outcome.sent, now, wall);
  l.traffic.answer_us += outcome.took_us;
  if (outcome.feedback.rate_limited) {
    ++report_.rate_limited;
    ++l.traffic.rate_limited;
  }

  reserved_bytes_ -= flown.reserved_bytes;
  reserved_memory_ -= flown.reserved_memory;
  // Answers that are no pages take memory, too.
  l.expected_memory = std::max(outcome.page_bytes, l.expected_memory - l.expected_memory / 8);
  unwritten_bytes_ += static_cast<std::int64_t>(outcome.batch_bytes);
  ++unwritten_pages_;
  if (unwritten_bytes_ > 0)
    report_.peak_credit_bytes = std::max(report_.peak_credit_bytes, static_cast<std::uint64_t>(unwritten_bytes_));
  outcome.parent_records.resize(l.of->child_edges.size());
  for (std::size_t i = 0; i < l.of->child_edges.size(); ++i) {
    auto edge = l.of->child_edges[i];
    reserved_in_fan_out_[edge] -= flown.reserved_parents[i];
    in_fan_out_[edge] += outcome.parent_records[i];
    if (in_fan_out_[edge] > 0)
      report_.peak_fan_out = std::max(report_.peak_fan_out, static_cast<std::uint64_t>(in_fan_out_[edge]));
  }
  if (outcome.result == page_result::next_page || outcome.result == page_result::slice_done) {
    // Follows growth at once and shrinks slowly: a reservation that is too small costs memory, one too large only
    // speed.
    auto known = std::exchange(l.seen, true) ? l.expected_bytes - l.expected_bytes / 8 : 0;
    l.expected_bytes = std::max<std::uint64_t>(outcome.batch_bytes, known);
    for (std::size_t i = 0; i < l.expected_parents.size(); ++i)
      l.expected_parents[i]
        = std::max<std::uint64_t>(outcome.parent_records[i], l.expected_parents[i] - l.expected_parents[i] / 8);
  }
  note_result(l, outcome);
  if (outcome.result == page_result::failed)
    return take_failure(std::move(outcome));
  if (draining_)
    return;
  if (l.given_up) {
    if (outcome.result != page_result::slice_done)
      abandon(l, 1);
    return;
  }
  if (outcome.result == page_result::next_page) {
    prepare(l.begun.emplace_back(waiting{std::move(outcome.request)}), now);
  } else if (outcome.result == page_result::retry) {
    ++report_.retries;
    ++l.traffic.retries;
    const auto due = now + std::chrono::microseconds{outcome.delay_us};
    const auto refused = outcome.feedback.rate_limited;
    l.retrying += refused ? 0 : 1;
    prepare(retries_.emplace_back(retry{due, refused, {std::move(outcome.request)}}).work, due);
  }
}

void admission::written(std::uint64_t bytes, steady_time now) {
  account(now);
  unwritten_bytes_ -= static_cast<std::int64_t>(bytes);
  --unwritten_pages_;
}

void admission::drain(steady_time now) {
  account(now);
  draining_ = true;
  for (auto& l : lanes_) {
    l.begun.clear();
    l.fresh.clear();
    l.parked.clear();
    l.retrying = l.put_off = 0;
  }
  parked_ = 0;
  retries_.clear();
  for (auto& [request, why] : std::exchange(put_off_, {}))
    fail_slice(std::move(request), std::move(why));
}

void admission::memory_high(bool high, steady_time now) {
  account(now);
  memory_high_ = high;
}

retuned admission::change_bounds(const retune& wanted, steady_time now) {
  account(now);
  retuned result;
  const auto before = budget_.gauges(now);
  for (const auto& x : wanted.limits) {
    auto found = std::find_if(before.begin(), before.end(), [&x](const auto& g) { return g.policy == x.policy; });
    if (found == before.end())
      result.problem = "There is no rate policy `" + x.policy + "`.";
    else if (x.limit == 0)
      result.problem = "A limit of 0 would never let a request go; the least is 1.";
    if (!result.problem.empty())
      return result;
  }
  if (wanted.pool_size > 0 && wanted.pool_size != limits_.pool_size) {
    result.changes.push_back("pool size " + std::to_string(limits_.pool_size) + " -> "
                             + std::to_string(wanted.pool_size));
    limits_.pool_size = wanted.pool_size;
  }
  for (const auto& x : wanted.limits) {
    const auto& was = *std::find_if(before.begin(), before.end(), [&x](const auto& g) { return g.policy == x.policy; });
    const auto is = budget_.set_bound(x.policy, x.limit).value_or(was.limit);
    result.changes.push_back("limit of `" + x.policy + "` " + std::to_string(was.limit) + " -> " + std::to_string(is)
                             + (is < x.limit ? " (the server allows no more)" : ""));
  }
  return result;
}

// -- what is to be done ---------------------------------------------------------

std::optional<permit> admission::next(steady_time now) {
  account(now);
  wake_at_ = steady_time::max();
  throttled_until_.reset();
  if (draining_ || requests_spent())
    return std::nullopt;
  only_parked_left_ = false;
  refused_ = false;
  release_due_retries(now);
  unpark(now);
  if (!put_off_.empty() && nothing_else_left())
    release_put_off(now);
  for (const auto& r : retries_)
    wake_at_ = std::min(wake_at_, r.due);

  auto first_obstacle = obstacle::none;
  bool only_quota = true;
  bool anything_ready = false;
  bool all_without_room_below = true;
  for (auto* l : order()) {
    anything_ready = true;
    if (!pool_has_room())
      break;
    auto what = obstacle_for(*l, queue_of(*l).front(), now);
    while (what == obstacle::spent && budget_.has_matchers()) {
      park(*l);
      what = l->ready() ? obstacle_for(*l, queue_of(*l).front(), now) : obstacle::none;
      if (!l->ready())
        break;
    }
    if (!l->ready())
      continue;
    if (what == obstacle::none)
      return admit(*l, now);
    bool by_quota = what == obstacle::quota || what == obstacle::spent;
    only_quota = only_quota && by_quota;
    all_without_room_below = all_without_room_below && what == obstacle::fan_out;
    if (first_obstacle == obstacle::none || by_quota)
      first_obstacle = what;
    // Without matchers one window governs all: what stops the first request stops every other.
    if (by_quota && !budget_.has_matchers())
      break;
  }
  only_parked_left_ = pool_has_room() && all_without_room_below && only_parked_left(now);
  if (only_parked_left_ && !put_off_.empty()) {
    release_put_off(now);
    return next(now);
  }

  // A page that was refused may be all that is left: then the rate limit holds up everything, too.
  bool only_refused = !anything_ready && flights_.empty() && !retries_.empty()
                      && std::all_of(retries_.begin(), retries_.end(), [](const retry& r) { return r.refused; });
  if (!pool_has_room())
    condition_ = &limiter_times::pool_us;
  else if (first_obstacle == obstacle::quota || first_obstacle == obstacle::spent || only_refused) {
    condition_ = &limiter_times::quota_us;
    refused_ = refused_ || only_refused;
    // A quota that ends the run is waited for by nobody: `exhausted` speaks of it.
    if (only_refused)
      throttled_until_ = wake_at_;
    else if (only_quota && first_obstacle == obstacle::quota)
      throttled_until_ = quota_until_;
  } else if (first_obstacle == obstacle::memory)
    condition_ = &limiter_times::memory_us;
  else if (first_obstacle == obstacle::output)
    condition_ = &limiter_times::output_us;
  else if (first_obstacle == obstacle::fan_out)
    condition_ = &limiter_times::fan_out_us;
  else if (first_obstacle == obstacle::trouble || (!anything_ready && flights_.empty() && !retries_.empty()))
    condition_ = &limiter_times::backoff_us;
  else
    condition_ = &limiter_times::work_us;
  return std::nullopt;
}

std::vector<slice_demand> admission::demands() {
  std::vector<slice_demand> result;
  if (draining_)
    return result;
  for (auto& l : lanes_) {
    auto have = l.fresh.size() + l.parked.size() + l.demanded;
    // Half empty: few messages, and the pool never waits for a slice.
    if (have * 2 > limits_.lookahead)
      continue;
    auto count = static_cast<std::uint32_t>(limits_.lookahead - have);
    if (count == 0)
      continue;
    l.demanded += count;
    result.push_back({l.of->id, count});
  }
  return result;
}

bool admission::has_work() const {
  return !retries_.empty() || !put_off_.empty() || parked_ > 0
         || std::any_of(lanes_.begin(), lanes_.end(), [](const lane& l) { return l.ready(); });
}

bool admission::requests_spent() const {
  return limits_.max_requests > 0 && report_.requests >= limits_.max_requests && has_work();
}

std::optional<budget::exhaustion> admission::exhausted(steady_time now) const {
  if (!has_work() || draining_)
    return std::nullopt;
  if (auto all = budget_.exhausted(now); all || !only_parked_left_)
    return all;
  for (const auto& l : lanes_)
    if (!l.parked.empty())
      return budget_.exhausted(l.parked.front().claim, now);
  return std::nullopt;
}

governor_report admission::report(steady_time now) {
  account(now);
  auto result = report_;
  result.in_flight = in_flight();
  result.credit_used_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, unwritten_bytes_)) + reserved_bytes_;
  for (const auto& l : lanes_) {
    result.endpoints.push_back(l.traffic);
    result.endpoints.back().queued = l.begun.size() + l.fresh.size() + l.parked.size();
    result.queued += l.begun.size() + l.fresh.size() + l.parked.size();
  }
  result.queued += retries_.size() + put_off_.size();
  for (const auto& r : retries_)
    ++result.endpoints[r.work.request.slice.endpoint].queued;
  for (const auto& [request, why] : put_off_)
    ++result.endpoints[request.slice.endpoint].queued;
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
    } else if (!fan_out_has_room(l)) {
      text += "room among the parents of";
      for (auto edge : l.of->child_edges)
        text += " " + plan_->endpoints[plan_->edges[edge].child].name + " (" + std::to_string(parents_held(edge))
                + " of " + std::to_string(limits_.fan_out_records) + ")";
    } else if (!output_has_room(l)) {
      text += "the output (" + std::to_string(unwritten_pages_) + " pages with " + std::to_string(unwritten_bytes_)
              + " bytes are not written)";
    } else if (memory_high_ && !flights_.empty()) {
      text += "memory";
    } else if (in_trouble(l) && (l.flying > 0 || l.retrying > 0)) {
      text += "the end of one that is tried (" + std::to_string(l.failures_in_a_row) + " failed in a row)";
    } else if (budget_.earliest(queue_of(l).front().claim, now) > now) {
      text += "a quota";
    } else {
      text += "nothing";
    }
  }
  return text;
}

// -- inside ---------------------------------------------------------------------

void admission::prepare(waiting& w, steady_time ready_at) const {
  make_ready(w, ready_at);
  if (budget_.has_matchers()) {
    const auto& e = plan_->endpoints[w.request.slice.endpoint];
    // A request that cannot be rendered fails in the fetcher, with a proper error; here it only lacks its matchers.
    if (auto built = build_shape(*plan_, e, w.request))
      w.claim = budget_.match(built->method, built->url, built->headers, known_fields(e.request.credential));
  } else {
    w.claim = budget_.match({}, {}, {});
  }
}

void admission::make_ready(waiting& w, steady_time now) const {
  w.ready_at = now;
  w.quota_us_before = report_.limiters.quota_us;
}

admission::obstacle admission::obstacle_for(const lane& l, const waiting& w, steady_time now) {
  if (!fan_out_has_room(l))
    return obstacle::fan_out;
  if (!output_has_room(l))
    return obstacle::output;
  if (!memory_has_room(l))
    return obstacle::memory;
  if (in_trouble(l) && (l.flying > 0 || l.retrying > 0))
    return obstacle::trouble;
  auto earliest = budget_.earliest(w.claim, now);
  if (earliest > now) {
    if (earliest == steady_time::max())
      return obstacle::spent;
    wake_at_ = std::min(wake_at_, earliest);
    quota_until_ = earliest;
    refused_ = budget_.refused(w.claim, now);
    return obstacle::quota;
  }
  return obstacle::none;
}

bool admission::output_has_room(const lane& l) const {
  auto held = static_cast<std::uint64_t>(std::max<std::int64_t>(0, unwritten_bytes_)) + reserved_bytes_;
  const auto pages = static_cast<std::uint64_t>(std::max<std::int64_t>(0, unwritten_pages_)) + flights_.size();
  if (pages >= limits_.output_pages * limits_.pool_size)
    return false;
  // An empty output always takes one page: a page larger than the mailbox must not block for ever.
  return held == 0 || held + l.expected_bytes <= limits_.output_bytes;
}

std::uint64_t admission::parents_held(std::uint32_t edge) const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, in_fan_out_[edge])) + reserved_in_fan_out_[edge];
}

bool admission::memory_has_room(const lane& l) const {
  // One page always fits.
  bool room = limits_.page_bytes == 0 || reserved_memory_ + l.expected_memory <= limits_.page_bytes;
  return flights_.empty() || (room && !memory_high_);
}

bool admission::fan_out_has_room(const lane& l) const {
  for (std::size_t i = 0; i < l.of->child_edges.size(); ++i) {
    auto held = parents_held(l.of->child_edges[i]);
    if (held > 0 && held + l.expected_parents[i] > limits_.fan_out_records)
      return false;
  }
  return true;
}

bool admission::children_run_dry(const lane& l) const {
  return std::any_of(l.of->child_edges.begin(), l.of->child_edges.end(), [&](std::uint32_t edge) {
    auto supply = parents_held(edge) + lanes_[plan_->edges[edge].child].fresh.size();
    return supply < 2ULL * limits_.pool_size;
  });
}

/// Lanes with ready requests, in the order in which they are asked.
const std::vector<admission::lane*>& admission::order() {
  auto& result = order_;
  result.clear();
  for (auto& l : lanes_)
    if (l.ready())
      result.push_back(&l);
  if (result.size() < 2)
    return result;
  // Endpoints of one depth take turns.
  std::rotate(result.begin(), result.begin() + static_cast<std::ptrdiff_t>(turn_ % result.size()), result.end());
  auto depths = static_cast<std::uint32_t>(lanes_.size());
  auto rank = [&](const lane* l) { return l->of->depth + (children_run_dry(*l) ? depths : 0); };
  std::stable_sort(result.begin(), result.end(), [&](const lane* a, const lane* b) { return rank(a) > rank(b); });
  return result;
}

std::optional<permit> admission::admit(lane& l, steady_time now) {
  auto& queue = queue_of(l);
  auto& work = queue.front();
  l.probe = work.request.slice.id;
  ++l.flying;
  --idle_;
  ++turn_;
  flight f;
  f.endpoint = l.of->id;
  f.budget_ticket = budget_.acquire(work.claim, now);
  f.reserved_bytes = l.expected_bytes;
  reserved_bytes_ += f.reserved_bytes;
  f.reserved_memory = l.expected_memory;
  reserved_memory_ += f.reserved_memory;
  f.reserved_parents = l.expected_parents;
  for (std::size_t i = 0; i < l.of->child_edges.size(); ++i)
    reserved_in_fan_out_[l.of->child_edges[i]] += f.reserved_parents[i];
  auto result = std::make_optional<permit>();
  result->request = std::move(work.request);
  result->ticket = next_ticket_++;
  result->queued_us = std::max<std::int64_t>(0, micros(now - work.ready_at));
  result->quota_us = std::clamp<std::int64_t>(report_.limiters.quota_us - work.quota_us_before, 0, result->queued_us);
  queue.pop_front();
  ++l.traffic.requests;
  l.traffic.queued_us += result->queued_us;
  l.traffic.quota_us += result->quota_us;
  flights_.emplace(result->ticket, std::move(f));
  ++report_.requests;
  report_.peak_in_flight = std::max(report_.peak_in_flight, in_flight());
  condition_ = pool_has_room() ? &limiter_times::work_us : &limiter_times::pool_us;
  return result;
}

void admission::release_due_retries(steady_time now) {
  auto due = std::stable_partition(retries_.begin(), retries_.end(), [now](const retry& r) { return r.due > now; });
  for (auto it = due; it != retries_.end(); ++it) {
    make_ready(it->work, it->due);
    auto& l = lanes_[it->work.request.slice.endpoint];
    l.retrying -= it->refused ? 0 : 1;
    if (in_trouble(l) && it->work.request.slice.id == l.probe)
      l.begun.push_front(std::move(it->work));
    else
      l.begun.push_back(std::move(it->work));
  }
  retries_.erase(due, retries_.end());
}

void admission::account(steady_time now) {
  if (now > accounted_until_) {
    report_.limiters.*condition_ += micros(now - accounted_until_);
    if (refused_ && condition_ == &limiter_times::quota_us)
      report_.limiters.refused_us += micros(now - accounted_until_);
    accounted_until_ = now;
  }
}

} // namespace sluice
