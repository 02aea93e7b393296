#include "actors/supervision/run_progress.hpp"

#include "actors/core/admission/forecast.hpp"
#include "actors/support/actor_base.hpp"
#include "actors/support/actor_gauges.hpp"

#include <caf/duration.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace sluice {

using std::chrono::microseconds;

void run_progress::begin() {
  started_at_ = self_->clock().now();
  showing_.assign(setup_.observers.size(), false);
}

void run_progress::show_present() {
  self_->request(actors_.governor, caf::infinite, report_request{})
    .then(
      [this](governor_report& requests) {
        self_->request(actors_.aggregator, caf::infinite, report_request{})
          .then(
            [this, numbers = std::move(requests)](aggregator_report& records) mutable {
              run_snapshot snapshot;
              snapshot.requests = std::move(numbers);
              snapshot.records = std::move(records);
              complete(snapshot);
              show(snapshot);
            },
            [](const caf::error&) { /* nop: the actor's end is reported by its monitor */ });
      },
      [](const caf::error&) { /* nop */ });
}

void run_progress::show(const run_snapshot& x) {
  for (std::size_t i = 0; i < setup_.observers.size(); ++i)
    if (!showing_[i]) {
      showing_[i] = true;
      self_->request(setup_.observers[i], caf::infinite, x)
        .then([this, i](const snapshot_shown&) { showing_[i] = false; },
              [](const caf::error&) { /* nop: it has ended */ });
    }
}

void run_progress::show_last(const run_snapshot& x) {
  for (const auto& observer : setup_.observers)
    caf::anon_send(observer, x);
}

void run_progress::stop_within(std::chrono::microseconds time) {
  stops_at_ = self_->clock().now() + time;
  // A signal may come before the run has begun: then there is nobody to ask.
  if (started_at_ != steady_time{})
    show_present();
}

void run_progress::complete(run_snapshot& x) const {
  x.elapsed_us = std::chrono::duration_cast<microseconds>(self_->clock().now() - started_at_).count();
  x.pool_size = setup_.pool_size;
  if (const auto* recorder = recorder_of(self_->home_system()))
    x.actors = gauges_of(recorder->views(), flight_clock::now());
  if (setup_.resident_bytes)
    x.resident_bytes = setup_.resident_bytes();
  if (setup_.processor_time)
    x.processor_us = setup_.processor_time().count();
  if (stops_at_)
    x.stops_in_us
      = std::max<std::int64_t>(0, std::chrono::duration_cast<microseconds>(*stops_at_ - self_->clock().now()).count());
  if (!x.requests.retrying.empty())
    x.requests.retrying = setup_.secrets->apply(x.requests.retrying);
  add_forecast(x);
}

void run_progress::add_forecast(run_snapshot& x) const {
  std::vector<std::vector<std::size_t>> parents(setup_.plan->endpoints.size());
  for (const auto& edge : setup_.plan->edges)
    parents[edge.child].push_back(edge.parent);
  auto left = requests_left(x.records.endpoints, parents);
  const auto answered = x.requests.requests - std::min<std::uint64_t>(x.requests.requests, x.requests.in_flight);
  if (!left || answered == 0)
    return;
  x.requests_left = static_cast<std::int64_t>(*left);
  std::int64_t answers_us = 0;
  for (const auto& e : x.requests.endpoints)
    answers_us += e.answer_us;
  const microseconds mean{answers_us / static_cast<std::int64_t>(answered)};
  if (auto time = time_for(*left, x.requests.quotas, x.pool_size, mean))
    x.left_us = time->count();
}

} // namespace sluice
