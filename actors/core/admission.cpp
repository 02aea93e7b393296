#include "actors/core/admission.hpp"

#include "actors/core/request_builder.hpp"

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

/// The plan's budget, with the run's own wish about quotas that are used up.
api_budget budget_of(const plan& p, const admission_limits& limits) {
  auto result = p.budget;
  if (limits.wait_for_every_quota)
    for (auto& policy : result.policies)
      policy.stop_when_exhausted = false;
  return result;
}

/// What the user must change fails again at once; what may pass gets another round.
bool may_pass(const error& e) {
  return e.failure != failure_type::config_error && e.code != errc::internal && e.code != errc::bad_template;
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
    if (e.pages.page_size)
      l.expected_parents = static_cast<std::uint64_t>(std::max<std::int64_t>(1, *e.pages.page_size));
  }
}

// -- what happens --------------------------------------------------------------

void admission::offer(slices_offered offered, steady_time now) {
  account(now);
  auto& l = lanes_[offered.endpoint];
  l.demanded -= std::min<std::uint64_t>(l.demanded, offered.slices.size());
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
  auto flown = found->second;
  flights_.erase(found);
  auto& l = lanes_[flown.endpoint];
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
  if (unwritten_bytes_ > 0)
    report_.peak_credit_bytes = std::max(report_.peak_credit_bytes, static_cast<std::uint64_t>(unwritten_bytes_));
  for (auto edge : l.of->child_edges) {
    reserved_in_fan_out_[edge] -= flown.reserved_parents;
    in_fan_out_[edge] += outcome.parent_records;
    if (in_fan_out_[edge] > 0)
      report_.peak_fan_out = std::max(report_.peak_fan_out, static_cast<std::uint64_t>(in_fan_out_[edge]));
  }
  if (outcome.result == page_result::next_page || outcome.result == page_result::slice_done) {
    // Follows growth at once and shrinks slowly: a reservation that is too small costs memory, one too large only
    // speed.
    auto known = std::exchange(l.seen, true) ? l.expected_bytes - l.expected_bytes / 8 : 0;
    l.expected_bytes = std::max<std::uint64_t>(outcome.batch_bytes, known);
    l.expected_parents = std::max<std::uint64_t>(outcome.parent_records, l.expected_parents - l.expected_parents / 8);
  }
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
    prepare(retries_.emplace_back(retry{due, {std::move(outcome.request)}}).work, due);
  }
}

void admission::written(std::uint64_t bytes, steady_time now) {
  account(now);
  unwritten_bytes_ -= static_cast<std::int64_t>(bytes);
}

void admission::drain(steady_time now) {
  account(now);
  draining_ = true;
  for (auto& l : lanes_) {
    l.begun.clear();
    l.fresh.clear();
  }
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
  release_due_retries(now);
  release_put_off(now);
  for (const auto& r : retries_)
    wake_at_ = std::min(wake_at_, r.due);

  auto first_obstacle = obstacle::none;
  bool only_quota = true;
  bool anything_ready = false;
  for (auto* l : order()) {
    anything_ready = true;
    if (!pool_has_room())
      break;
    auto& queue = l->begun.empty() ? l->fresh : l->begun;
    auto what = obstacle_for(*l, queue.front(), now);
    if (what == obstacle::none)
      return admit(*l, now);
    only_quota = only_quota && what == obstacle::quota;
    if (first_obstacle == obstacle::none || what == obstacle::quota)
      first_obstacle = what;
    // Without matchers one window governs all: what stops the first request stops every other.
    if (what == obstacle::quota && !budget_.has_matchers())
      break;
  }

  if (!pool_has_room())
    condition_ = &limiter_times::pool_us;
  else if (first_obstacle == obstacle::quota) {
    condition_ = &limiter_times::quota_us;
    // A quota that ends the run is waited for by nobody: `exhausted` speaks of it.
    if (only_quota && quota_until_ != steady_time::max())
      throttled_until_ = quota_until_;
  } else if (first_obstacle == obstacle::memory)
    condition_ = &limiter_times::memory_us;
  else if (first_obstacle == obstacle::output)
    condition_ = &limiter_times::output_us;
  else if (first_obstacle == obstacle::fan_out)
    condition_ = &limiter_times::fan_out_us;
  else if (!anything_ready && flights_.empty() && !retries_.empty())
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
    auto have = l.fresh.size() + l.demanded;
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
  return !retries_.empty() || !put_off_.empty()
         || std::any_of(lanes_.begin(), lanes_.end(), [](const lane& l) { return l.ready(); });
}

bool admission::requests_spent() const {
  return limits_.max_requests > 0 && report_.requests >= limits_.max_requests && has_work();
}

std::optional<budget::exhaustion> admission::exhausted(steady_time now) const {
  if (!has_work() || draining_)
    return std::nullopt;
  return budget_.exhausted(now);
}

governor_report admission::report(steady_time now) {
  account(now);
  auto result = report_;
  result.in_flight = in_flight();
  result.credit_used_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, unwritten_bytes_)) + reserved_bytes_;
  for (const auto& l : lanes_) {
    result.endpoints.push_back(l.traffic);
    result.endpoints.back().queued = l.begun.size() + l.fresh.size();
    result.queued += l.begun.size() + l.fresh.size();
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
  for (std::size_t i = 0; i < gauges.size(); ++i)
    // A limit that waits for the server's word and has not heard it holds up nothing: it is no quota yet.
    if (gauges[i].reported_by_server || !plan_->budget.policies[i].only_when_reported)
      result.quotas.push_back(gauge_of(gauges[i], now));
  return result;
}

// -- inside ---------------------------------------------------------------------

void admission::prepare(waiting& w, steady_time ready_at) const {
  make_ready(w, ready_at);
  if (budget_.has_matchers()) {
    const auto& e = plan_->endpoints[w.request.slice.endpoint];
    // A request that cannot be rendered fails in the fetcher, with a proper error; here it only lacks its matchers.
    if (auto built = build_request(*plan_, e, w.request))
      w.claim = budget_.match(built->method, built->url, built->headers);
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
  auto earliest = budget_.earliest(w.claim, now);
  if (earliest > now) {
    wake_at_ = std::min(wake_at_, earliest);
    quota_until_ = earliest;
    return obstacle::quota;
  }
  return obstacle::none;
}

bool admission::output_has_room(const lane& l) const {
  auto held = static_cast<std::uint64_t>(std::max<std::int64_t>(0, unwritten_bytes_)) + reserved_bytes_;
  // An empty output always takes one page: a page larger than the mailbox must not block for ever.
  return held == 0 || held + l.expected_bytes <= limits_.output_bytes;
}

bool admission::memory_has_room(const lane& l) const {
  // One page always fits.
  bool room = limits_.page_bytes == 0 || reserved_memory_ + l.expected_memory <= limits_.page_bytes;
  return flights_.empty() || (room && !memory_high_);
}

bool admission::fan_out_has_room(const lane& l) const {
  return std::all_of(l.of->child_edges.begin(), l.of->child_edges.end(), [&](std::uint32_t edge) {
    auto held = static_cast<std::uint64_t>(std::max<std::int64_t>(0, in_fan_out_[edge])) + reserved_in_fan_out_[edge];
    return held == 0 || held + l.expected_parents <= limits_.fan_out_records;
  });
}

bool admission::children_run_dry(const lane& l) const {
  return std::any_of(l.of->child_edges.begin(), l.of->child_edges.end(), [&](std::uint32_t edge) {
    auto supply = static_cast<std::uint64_t>(std::max<std::int64_t>(0, in_fan_out_[edge])) + reserved_in_fan_out_[edge]
                  + lanes_[plan_->edges[edge].child].fresh.size();
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
  auto& queue = l.begun.empty() ? l.fresh : l.begun;
  auto& work = queue.front();
  --idle_;
  ++turn_;
  flight f;
  f.endpoint = l.of->id;
  f.budget_ticket = budget_.acquire(work.claim, now);
  f.reserved_bytes = l.expected_bytes;
  reserved_bytes_ += f.reserved_bytes;
  f.reserved_memory = l.expected_memory;
  reserved_memory_ += f.reserved_memory;
  if (!l.of->child_edges.empty()) {
    f.reserved_parents = l.expected_parents;
    for (auto edge : l.of->child_edges)
      reserved_in_fan_out_[edge] += f.reserved_parents;
  }
  auto result = std::make_optional<permit>();
  result->request = std::move(work.request);
  result->ticket = next_ticket_++;
  result->queued_us = std::max<std::int64_t>(0, micros(now - work.ready_at));
  result->quota_us = std::clamp<std::int64_t>(report_.limiters.quota_us - work.quota_us_before, 0, result->queued_us);
  queue.pop_front();
  ++l.traffic.requests;
  l.traffic.queued_us += result->queued_us;
  l.traffic.quota_us += result->quota_us;
  flights_.emplace(result->ticket, f);
  ++report_.requests;
  report_.peak_in_flight = std::max(report_.peak_in_flight, in_flight());
  condition_ = pool_has_room() ? &limiter_times::work_us : &limiter_times::pool_us;
  return result;
}

void admission::release_due_retries(steady_time now) {
  auto due = std::stable_partition(retries_.begin(), retries_.end(), [now](const retry& r) { return r.due > now; });
  for (auto it = due; it != retries_.end(); ++it) {
    make_ready(it->work, it->due);
    lanes_[it->work.request.slice.endpoint].begun.push_back(std::move(it->work));
  }
  retries_.erase(due, retries_.end());
}

// -- failures -------------------------------------------------------------------

void admission::take_failure(page_outcome outcome) {
  // A request cut off by the end of the run is no failure of its slice: the slice stays open, the state keeps the gap.
  if (outcome.error.code == errc::interrupted)
    return;
  auto& request = outcome.request;
  if (!draining_ && request.round < limits_.slice_retries && may_pass(outcome.error)) {
    ++request.round;
    request.attempt = 0;
    request.retrying_us = 0;
    ++report_.put_off;
    put_off_.emplace_back(std::move(request), std::move(outcome.error));
    return;
  }
  fail_slice(std::move(request), std::move(outcome.error));
}

void admission::fail_slice(page_request request, error why) {
  auto& l = lanes_[request.slice.endpoint];
  failures_.push_back({std::move(request.slice), request.page, std::move(why)});
  if (++l.failed > limits_.max_failed_slices && !l.given_up && !draining_)
    give_up(l);
}

void admission::give_up(lane& l) {
  l.given_up = true;
  given_up_.push_back({l.of->id, l.failed});
  abandon(l, l.begun.size() + l.fresh.size());
  l.begun.clear();
  l.fresh.clear();
  abandon(l, std::erase_if(retries_, [&l](const retry& r) { return r.work.request.slice.endpoint == l.of->id; }));
  abandon(l, std::erase_if(put_off_, [&l](const auto& x) { return x.first.slice.endpoint == l.of->id; }));
}

void admission::abandon(lane& l, std::uint64_t count) {
  if (count > 0)
    abandoned_.push_back({l.of->id, count});
}

void admission::release_put_off(steady_time now) {
  bool idle = flights_.empty() && retries_.empty()
              && std::none_of(lanes_.begin(), lanes_.end(), [](const lane& l) { return l.ready(); });
  if (!idle)
    return;
  for (auto& [request, why] : std::exchange(put_off_, {})) {
    auto& l = lanes_[request.slice.endpoint];
    prepare(l.begun.emplace_back(waiting{std::move(request)}), now);
  }
}

void admission::account(steady_time now) {
  if (now > accounted_until_) {
    report_.limiters.*condition_ += micros(now - accounted_until_);
    accounted_until_ = now;
  }
}

} // namespace sluice
