#include "actors/core/admission/admission.hpp"

#include "actors/core/pages/failure_words.hpp"
#include "actors/core/requests/request_builder.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

std::int64_t micros(std::chrono::steady_clock::duration d) {
  return std::chrono::duration_cast<std::chrono::microseconds>(d).count();
}

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
    credits_(*plan_, limits), failures_(plan_->endpoints.size(), limits), wants_(plan_),
    watches_(plan_->credentials.size()), lanes_(*plan_, watches_), accounted_until_(now) {
  open_credentials();
}

// -- what happens --------------------------------------------------------------

void admission::offer(slices_offered offered, steady_time now) {
  account(now);
  auto& l = lanes_[offered.endpoint];
  l.demanded -= std::min<std::uint64_t>(l.demanded, offered.slices.size());
  l.all_offered = l.all_offered || offered.last;
  for (std::size_t i = 0; i < std::min(l.feeds.size(), offered.consumed_parents.size()); ++i)
    credits_.consumed(l.feeds[i], offered.consumed_parents[i]);
  if (draining_)
    return;
  if (failures_.given_up(l.of->id))
    return failures_.abandon(l.of->id, offered.slices.size());
  if (!wants_.wanted(l.of->id))
    return;
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
  if (flown.call)
    end_call(l, *flown.call, outcome, now);
  budget_.finish(flown.budget_ticket, outcome.feedback, outcome.sent, now, wall);
  l.traffic.answer_us += outcome.took_us;
  ++l.traffic.answers[class_of_answer(outcome.took_us)];
  if (outcome.feedback.rate_limited) {
    ++report_.rate_limited;
    ++l.traffic.rate_limited;
  }

  credits_.settle(l.of->id, flown.reserved, outcome);
  // The second refusal of a page, but of a credential that others have found ended meanwhile: it says nothing of the
  // page.
  if (flown.renewed && outcome.result == page_result::failed && outcome.feedback.status == unauthorized_status
      && l.credential != nullptr && !l.credential->stands(flown.credential_version))
    outcome.result = page_result::unauthorized;
  failures_.note_result(l.of->id, outcome);
  if (outcome.result == page_result::unauthorized) {
    // One that was replaced while the request was under way says nothing of the one that it is sent with next, which
    // may have ended, too, until then.
    outcome.request.renewed = l.credential == nullptr || l.credential->is_current(flown.credential_version);
    if (l.credential != nullptr)
      l.credential->refused(flown.credential_version);
  } else if (flown.renewed && l.credential != nullptr && outcome.feedback.status != 0) {
    l.credential->tried_again(outcome.feedback.status == unauthorized_status);
  }
  if (wants_.limited()) {
    wants_.take(outcome.counts);
    drop_unwanted();
  }
  if (!wants_.wanted(l.of->id) && !failures_.given_up(l.of->id))
    return;
  if (outcome.result == page_result::failed) {
    failures_.take(std::move(outcome));
    return judge_failures(l);
  }
  if (draining_)
    return;
  if (failures_.given_up(l.of->id)) {
    if (outcome.result != page_result::slice_done)
      failures_.abandon(l.of->id, 1);
    return;
  }
  if (outcome.result == page_result::next_page || outcome.result == page_result::unauthorized) {
    prepare(l.begun.emplace_back(waiting_request{std::move(outcome.request)}), now);
  } else if (outcome.result == page_result::retry) {
    ++report_.retries;
    ++l.traffic.retries;
    if (!outcome.feedback.rate_limited)
      report_.retrying = short_cause(outcome.error);
    const auto due = now + std::chrono::microseconds{outcome.delay_us};
    prepare(lanes_.put_back(due, outcome.feedback.rate_limited, std::move(outcome.request)), due);
  }
}

void admission::written(std::uint64_t bytes, steady_time now) {
  account(now);
  credits_.written(bytes);
}

void admission::drain(steady_time now) {
  account(now);
  draining_ = true;
  lanes_.clear();
  failures_.drain();
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
  // Before the pages, which would take all the room there is.
  let_logins_go(now);
  release_due_retries(now);
  unpark(now);
  give_up_lost(now);
  if (failures_.any_put_off() && nothing_else_left()) {
    release_put_off(now);
    give_up_lost(now);
  }
  for (const auto& r : lanes_.retries())
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
      lanes_.park(*l, queue_of(*l));
      what = l->ready() ? obstacle_for(*l, queue_of(*l).front(), now) : obstacle::none;
      if (!l->ready())
        break;
    }
    if (!l->ready())
      continue;
    if (what == obstacle::none)
      return admit(*l, now);
    const bool by_budget = what == obstacle::quota || what == obstacle::spent;
    const bool by_quota = by_budget || what == obstacle::tokens;
    only_quota = only_quota && by_quota;
    all_without_room_below = all_without_room_below && what == obstacle::fan_out;
    if (first_obstacle == obstacle::none || by_quota)
      first_obstacle = what;
    // Without matchers one window governs all: what stops the first request stops every other.
    if (by_budget && !budget_.has_matchers())
      break;
  }
  only_parked_left_ = pool_has_room() && all_without_room_below && only_parked_left(now);
  if (only_parked_left_ && failures_.any_put_off()) {
    release_put_off(now);
    return next(now);
  }

  // A page that was refused may be all that is left: then the rate limit holds up everything, too.
  const auto& retries = lanes_.retries();
  bool only_refused = !anything_ready && flights_.empty() && !retries.empty()
                      && std::all_of(retries.begin(), retries.end(), [](const auto& r) { return r.refused; });
  if (!pool_has_room())
    condition_ = &limiter_times::pool_us;
  else if (first_obstacle == obstacle::quota || first_obstacle == obstacle::spent || first_obstacle == obstacle::tokens
           || only_refused) {
    condition_ = &limiter_times::quota_us;
    refused_ = refused_ || only_refused;
    // A quota that ends the run is waited for by nobody: `exhausted` speaks of it.
    if (only_refused)
      throttled_until_ = wake_at_;
    else if (only_quota && first_obstacle != obstacle::spent)
      throttled_until_ = quota_until_;
  } else if (first_obstacle == obstacle::unauthenticated)
    condition_ = &limiter_times::credential_us;
  else if (first_obstacle == obstacle::memory)
    condition_ = &limiter_times::memory_us;
  else if (first_obstacle == obstacle::output)
    condition_ = &limiter_times::output_us;
  else if (first_obstacle == obstacle::fan_out)
    condition_ = &limiter_times::fan_out_us;
  else if (first_obstacle == obstacle::trouble || (!anything_ready && flights_.empty() && !retries.empty()))
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
    if (!wants_.wanted(l.of->id) && !failures_.given_up(l.of->id))
      continue;
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
  return failures_.any_put_off() || lanes_.any_work();
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

// -- inside ---------------------------------------------------------------------

void admission::prepare(waiting_request& w, steady_time ready_at) const {
  make_ready(w, ready_at);
  const auto* tokens = lanes_[w.request.slice.endpoint].tokens;
  const bool asks_tokens = tokens != nullptr && tokens->has_matchers();
  if (!budget_.has_matchers())
    w.claim = budget_.match({}, {}, {});
  if (!budget_.has_matchers() && !asks_tokens)
    return;
  const auto& e = plan_->endpoints[w.request.slice.endpoint];
  // A request that cannot be rendered fails in the fetcher, with a proper error; here it only lacks its matchers.
  const auto built = build_shape(*plan_, e, w.request);
  if (!built)
    return;
  if (budget_.has_matchers())
    w.claim = budget_.match(built->method, built->url, built->headers, known_fields(e.request.credential));
  if (asks_tokens)
    w.token_quota = tokens->quota_of(built->method, built->url, built->headers);
}

void admission::make_ready(waiting_request& w, steady_time now) const {
  w.ready_at = now;
  w.quota_us_before = report_.limiters.quota_us;
}

admission::obstacle admission::obstacle_for(const lane& l, const waiting_request& w, steady_time now) {
  if (!needs_request(l))
    return obstacle::unneeded;
  if (!credits_.fan_out_has_room(l.of->id))
    return obstacle::fan_out;
  if (!credits_.output_has_room(l.of->id, flights_.size(), limits_.pool_size))
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
  // Last, so that none is obtained for requests that may not go yet.
  return credential_obstacle(l, w, now);
}

bool admission::memory_has_room(const lane& l) const {
  // One page always fits.
  return flights_.empty() || (credits_.memory_has_room(l.of->id) && !memory_high_);
}

bool admission::children_run_dry(const lane& l) const {
  return std::any_of(l.of->child_edges.begin(), l.of->child_edges.end(), [&](std::uint32_t edge) {
    auto supply = credits_.parents_held(edge) + lanes_[plan_->edges[edge].child].fresh.size();
    return supply < 2ULL * limits_.pool_size;
  });
}

const std::vector<lane*>& admission::order() {
  const auto depths = static_cast<std::uint32_t>(lanes_.size());
  return lanes_.order([&](const lane* l) { return l->of->depth + (children_run_dry(*l) ? depths : 0); });
}

std::optional<permit> admission::admit(lane& l, steady_time now) {
  auto& queue = queue_of(l);
  auto& work = queue.front();
  l.probe = work.request.slice.id;
  ++l.flying;
  --idle_;
  lanes_.take_turn();
  flight f;
  f.endpoint = l.of->id;
  f.budget_ticket = budget_.acquire(work.claim, now);
  f.reserved = credits_.reserve(l.of->id);
  auto result = std::make_optional<permit>();
  if (l.credential != nullptr) {
    result->credential = l.credential->current();
    f.credential_version = result->credential->version;
    f.renewed = work.request.renewed;
    result->renewable = !f.renewed && l.credential->helps(now);
  } else if (l.tokens != nullptr) {
    f.call = l.tokens->take(work.token_quota, now);
    result->credential = l.tokens->credential_of(*f.call);
  }
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
  for (auto& r : lanes_.take_due(now)) {
    make_ready(r.work, r.due);
    auto& l = lanes_[r.work.request.slice.endpoint];
    if (in_trouble(l) && r.work.request.slice.id == l.probe)
      l.begun.push_front(std::move(r.work));
    else
      l.begun.push_back(std::move(r.work));
  }
}

// -- failures -------------------------------------------------------------------

void admission::judge_failures(lane& l) {
  if (failures_.give_up_if_due(l.of->id))
    abandon_queued(l);
}

void admission::abandon_queued(lane& l) {
  wants_.give_up(l.of->id);
  failures_.abandon(l.of->id, lanes_.drop(l));
}

bool admission::nothing_else_left() const {
  return flights_.empty() && lanes_.retries().empty() && !lanes_.any_ready();
}

void admission::release_put_off(steady_time now) {
  for (auto& request : failures_.release_put_off())
    prepare(lanes_[request.slice.endpoint].begun.emplace_back(waiting_request{std::move(request)}), now);
}

// -- endpoints that seem to be dead ---------------------------------------------

std::deque<waiting_request>& admission::queue_of(lane& l) const {
  if (l.begun.empty())
    return l.fresh;
  // One slice's tries are used up before another's; then one that has not failed yet tells more than one that has.
  bool other_first = in_trouble(l) && l.begun.front().request.slice.id != l.probe && !l.fresh.empty();
  return other_first ? l.fresh : l.begun;
}

// -- quotas that end the run ------------------------------------------------------

void admission::unpark(steady_time now) {
  if (lanes_.parked() == 0)
    return;
  for (auto& l : lanes_) {
    if (l.parked.empty())
      continue;
    if (auto spent = budget_.exhausted(l.parked.front().claim, now)) {
      wake_at_ = std::min(wake_at_, spent->resets_at);
      continue;
    }
    lanes_.unpark(l);
  }
}

bool admission::is_awaited(const lane& l) const {
  if (l.demanded == 0)
    return false;
  // Parents that are not consumed have slices to give; others may come only from requests.
  return l.feeds.empty()
           ? !l.all_offered
           : std::any_of(l.feeds.begin(), l.feeds.end(), [this](auto edge) { return credits_.parents_wait(edge); });
}

bool admission::only_parked_left(steady_time now) const {
  const auto& retries = lanes_.retries();
  return lanes_.parked() > 0 && flights_.empty()
         && std::none_of(lanes_.begin(), lanes_.end(), [this](const lane& l) { return is_awaited(l); })
         && std::all_of(retries.begin(), retries.end(),
                        [&](const auto& r) { return budget_.earliest(r.work.claim, now) == steady_time::max(); });
}

// -- accounts --------------------------------------------------------------------

void admission::account(steady_time now) {
  if (now > accounted_until_) {
    report_.limiters.*condition_ += micros(now - accounted_until_);
    if (refused_ && condition_ == &limiter_times::quota_us)
      report_.limiters.refused_us += micros(now - accounted_until_);
    accounted_until_ = now;
  }
}

} // namespace sluice
