#include "actors/core/admission/failures.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// From this part of `max_failures_in_a_row` on an endpoint's requests go one at a time.
constexpr std::uint64_t trouble_part = 5;

} // namespace

void failures::note_result(endpoint_id e, const page_outcome& outcome) {
  auto& b = books_[e];
  if (outcome.result == page_result::next_page || outcome.result == page_result::slice_done)
    b.in_a_row = 0;
  else if (!outcome.feedback.rate_limited && outcome.error.code != errc::none
           && outcome.error.code != errc::interrupted)
    ++b.in_a_row;
}

void failures::take(page_outcome outcome) {
  // A request cut off by the end of the run is no failure of its slice: the slice stays open, the state keeps the gap.
  if (outcome.error.code == errc::interrupted)
    return;
  auto& request = outcome.request;
  auto& b = books_[request.slice.endpoint];
  if (draining_ || b.given_up || request.round >= limits_.slice_retries || outcome.lasting) {
    fail_slice(std::move(request), std::move(outcome.error));
  } else {
    ++request.round;
    request.attempt = 0;
    request.retrying_us = 0;
    request.renewed = false;
    ++ever_put_off_;
    ++b.put_off;
    put_off_.emplace_back(std::move(request), std::move(outcome.error));
  }
}

void failures::fail_slice(page_request request, error why) {
  ++books_[request.slice.endpoint].failed;
  failed_.push_back({std::move(request.slice), request.page, std::move(why)});
}

bool failures::give_up_if_due(endpoint_id e) {
  auto& b = books_[e];
  if (b.given_up || draining_)
    return false;
  const bool dead = b.in_a_row >= limits_.max_failures_in_a_row;
  if (!dead && b.failed + b.put_off <= limits_.max_failed_slices)
    return false;
  fail_put_off(e);
  given_up_.push_back({e, b.failed, dead ? b.in_a_row : 0, {}});
  return true;
}

bool failures::give_up(endpoint_id e, const error& why) {
  if (books_[e].given_up || draining_)
    return false;
  fail_put_off(e);
  given_up_.push_back({e, books_[e].failed, 0, why});
  return true;
}

void failures::fail_put_off(endpoint_id e) {
  auto& b = books_[e];
  b.given_up = true;
  b.put_off = 0;
  // These have been asked for, and their errors say why.
  for (auto& [request, why] : put_off_)
    if (request.slice.endpoint == e)
      fail_slice(request, why);
  std::erase_if(put_off_, [e](const auto& x) { return x.first.slice.endpoint == e; });
}

void failures::abandon(endpoint_id e, std::uint64_t count) {
  if (count > 0)
    abandoned_.push_back({e, count});
}

void failures::forget(endpoint_id e) {
  books_[e].put_off = 0;
  std::erase_if(put_off_, [e](const auto& x) { return x.first.slice.endpoint == e; });
}

void failures::drain() {
  draining_ = true;
  for (auto& b : books_)
    b.put_off = 0;
  for (auto& [request, why] : std::exchange(put_off_, {}))
    fail_slice(std::move(request), std::move(why));
}

bool failures::in_trouble(endpoint_id e) const noexcept {
  return books_[e].in_a_row >= std::max<std::uint64_t>(1, limits_.max_failures_in_a_row / trouble_part);
}

std::vector<page_request> failures::release_put_off() {
  std::vector<page_request> released;
  for (auto& [request, why] : std::exchange(put_off_, {})) {
    auto& b = books_[request.slice.endpoint];
    b.put_off = 0;
    b.in_a_row = 0; // a new round
    released.push_back(std::move(request));
  }
  return released;
}

} // namespace sluice
