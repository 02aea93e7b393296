#include "actors/core/admission/admission.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// What of admission is about requests that fail, and about those that a used-up quota holds back.
namespace sluice {

namespace {

/// From this part of `max_failures_in_a_row` on an endpoint's requests go one at a time.
constexpr std::uint64_t trouble_part = 5;

} // namespace

// -- failures -------------------------------------------------------------------

void admission::note_result(lane& l, const page_outcome& outcome) {
  if (outcome.result == page_result::next_page || outcome.result == page_result::slice_done)
    l.failures_in_a_row = 0;
  else if (!outcome.feedback.rate_limited && outcome.error.code != errc::none
           && outcome.error.code != errc::interrupted)
    ++l.failures_in_a_row;
}

void admission::take_failure(page_outcome outcome) {
  // A request cut off by the end of the run is no failure of its slice: the slice stays open, the state keeps the gap.
  if (outcome.error.code == errc::interrupted)
    return;
  auto& request = outcome.request;
  auto& l = lanes_[request.slice.endpoint];
  if (draining_ || l.given_up || request.round >= limits_.slice_retries || outcome.lasting) {
    fail_slice(std::move(request), std::move(outcome.error));
  } else {
    ++request.round;
    request.attempt = 0;
    request.retrying_us = 0;
    ++report_.put_off;
    ++l.put_off;
    put_off_.emplace_back(std::move(request), std::move(outcome.error));
  }
  judge_failures(l);
}

void admission::fail_slice(page_request request, error why) {
  ++lanes_[request.slice.endpoint].failed;
  failures_.push_back({std::move(request.slice), request.page, std::move(why)});
}

void admission::judge_failures(lane& l) {
  if (l.given_up || draining_)
    return;
  if (l.failures_in_a_row >= limits_.max_failures_in_a_row)
    give_up(l, l.failures_in_a_row);
  else if (l.failed + l.put_off > limits_.max_failed_slices)
    give_up(l, 0);
}

void admission::give_up(lane& l, std::uint64_t failures_in_a_row) {
  l.given_up = true;
  const auto of_lane = [&l](const page_request& r) { return r.slice.endpoint == l.of->id; };
  // These have been asked for, and their errors say why.
  for (auto& [request, why] : put_off_)
    if (of_lane(request))
      fail_slice(request, why);
  std::erase_if(put_off_, [&](const auto& x) { return of_lane(x.first); });
  given_up_.push_back({l.of->id, l.failed, failures_in_a_row});
  abandon(l, l.begun.size() + l.fresh.size() + l.parked.size());
  parked_ -= l.parked.size();
  l.begun.clear();
  l.fresh.clear();
  l.parked.clear();
  l.put_off = l.retrying = 0;
  abandon(l, std::erase_if(retries_, [&](const retry& r) { return of_lane(r.work.request); }));
}

void admission::abandon(lane& l, std::uint64_t count) {
  if (count > 0)
    abandoned_.push_back({l.of->id, count});
}

bool admission::nothing_else_left() const {
  return flights_.empty() && retries_.empty()
         && std::none_of(lanes_.begin(), lanes_.end(), [](const lane& l) { return l.ready(); });
}

void admission::release_put_off(steady_time now) {
  for (auto& [request, why] : std::exchange(put_off_, {})) {
    auto& l = lanes_[request.slice.endpoint];
    l.put_off = 0;
    l.failures_in_a_row = 0; // a new round
    prepare(l.begun.emplace_back(waiting{std::move(request)}), now);
  }
}

// -- endpoints that seem to be dead ---------------------------------------------

bool admission::in_trouble(const lane& l) const noexcept {
  return l.failures_in_a_row >= std::max<std::uint64_t>(1, limits_.max_failures_in_a_row / trouble_part);
}

std::deque<admission::waiting>& admission::queue_of(lane& l) const {
  if (l.begun.empty())
    return l.fresh;
  // One slice's tries are used up before another's; then one that has not failed yet tells more than one that has.
  bool other_first = in_trouble(l) && l.begun.front().request.slice.id != l.probe && !l.fresh.empty();
  return other_first ? l.fresh : l.begun;
}

// -- quotas that end the run ------------------------------------------------------

void admission::park(lane& l) {
  auto& queue = queue_of(l);
  l.parked.push_back(std::move(queue.front()));
  queue.pop_front();
  ++parked_;
}

void admission::unpark(steady_time now) {
  if (parked_ == 0)
    return;
  for (auto& l : lanes_) {
    if (l.parked.empty())
      continue;
    if (auto spent = budget_.exhausted(l.parked.front().claim, now)) {
      wake_at_ = std::min(wake_at_, spent->resets_at);
      continue;
    }
    parked_ -= l.parked.size();
    std::move(l.parked.begin(), l.parked.end(), std::back_inserter(l.begun));
    l.parked.clear();
  }
}

bool admission::is_awaited(const lane& l) const {
  if (l.demanded == 0)
    return false;
  return l.of->parent_edge ? in_fan_out_[*l.of->parent_edge] > 0 : !l.all_offered;
}

bool admission::only_parked_left(steady_time now) const {
  return parked_ > 0 && flights_.empty()
         && std::none_of(lanes_.begin(), lanes_.end(), [this](const lane& l) { return is_awaited(l); })
         && std::all_of(retries_.begin(), retries_.end(),
                        [&](const retry& r) { return budget_.earliest(r.work.claim, now) == steady_time::max(); });
}

} // namespace sluice
