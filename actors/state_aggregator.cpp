#include "actors/state_aggregator.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sluice {

namespace {

/// What a STATE line holds beside the state, about.
constexpr std::uint64_t line_overhead_bytes = 160;

/// How often sizes are estimated, and the part of the last estimate by which a new one differs at least.
constexpr std::chrono::seconds estimate_interval{1};
constexpr std::uint64_t notable_change = 20;

} // namespace

void state_aggregator_state::take_slices(const slices_opened& x) {
  if (auto change = ledger->opened(x))
    note_change(x.endpoint, *change);
}

void state_aggregator_state::note_change(endpoint_id e, state_change what) {
  auto now = self->clock().now();
  for (auto s : ledger->streams_with_state(e))
    pacer->changed(s, what, now);
  if (ledger->take_overflow())
    spdlog::warn("More than {} partitions of a stream are done: if this run is stopped, those beyond are read again.",
                 completed_partitions::max_remembered);
  print_due();
}

void state_aggregator_state::take_page(const page_receipt& x) {
  if (auto change = ledger->written(x))
    note_change(x.slice.endpoint, *change);
  estimate_sizes();
  settle(x.slice.endpoint);
}

void state_aggregator_state::estimate_sizes() {
  auto now = self->clock().now();
  if (estimated_at && now < *estimated_at + estimate_interval)
    return;
  estimated_at = now;
  for (auto& x : ledger->estimates()) {
    auto& last = estimated[x.stream];
    auto change = last > x.records ? last - x.records : x.records - last;
    if (change * notable_change <= last)
      continue;
    last = x.records;
    self->send(emitter, x);
  }
}

void state_aggregator_state::print_due() {
  auto now = self->clock().now();
  while (auto s = pacer->next(now))
    print(ledger->present_state(*s));
  auto due = pacer->next_due();
  if (!due || (armed && *armed <= *due))
    return;
  armed = *due;
  auto delay = *due > now ? *due - now : steady_time::duration::zero();
  self->delayed_send(self, std::chrono::duration_cast<std::chrono::nanoseconds>(delay), tick{++timer_generation});
}

void state_aggregator_state::beat() {
  for (auto s : ledger->streams_under_way())
    print(ledger->present_state(s));
}

void state_aggregator_state::settle(endpoint_id e) {
  if (!ledger->take_completion(e))
    return;
  for (auto& update : ledger->final_states(e, elapsed()))
    print(std::move(update));
  tell_findings(e);
  self->send(supervisor, ledger->summary(e));
}

void state_aggregator_state::tell_findings(endpoint_id e) {
  for (const auto& finding : ledger->take_findings(e))
    spdlog::warn("{}", finding);
}

void state_aggregator_state::finish() {
  for (auto& update : ledger->all_final_states(elapsed()))
    print(std::move(update));
  for (const auto& e : ledger->plan()->endpoints)
    tell_findings(e.id);
}

void state_aggregator_state::print(state_update update) {
  pacer->printed(update.stream, update.json.size() + line_overhead_bytes, self->clock().now());
  self->send(emitter, std::move(update));
}

std::chrono::microseconds state_aggregator_state::elapsed() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(self->clock().now() - started_at);
}

state_aggregator_actor::behavior_type state_aggregator(state_aggregator_self* self, slice_ledger ledger,
                                                       state_pacer pacer, emitter_actor emitter,
                                                       read_supervisor_actor supervisor) {
  install_handlers(self);
  auto& state = self->state;
  state.ledger = std::make_unique<slice_ledger>(std::move(ledger));
  state.pacer = std::make_unique<state_pacer>(std::move(pacer));
  state.started_at = self->clock().now();
  state.emitter = std::move(emitter);
  state.supervisor = std::move(supervisor);
  return {
    [self](const slices_opened& x) { self->state.take_slices(x); },
    [self](const generation_done& x) {
      self->state.ledger->generated(x);
      self->state.settle(x.endpoint);
    },
    [self](const page_written& x) { self->state.take_page(x.receipt); },
    [self](const slice_failed& x) {
      self->state.ledger->failed(x);
      self->send(self->state.supervisor, x);
      self->state.settle(x.slice.endpoint);
    },
    [self](const slices_abandoned& x) {
      self->state.ledger->abandoned(x);
      self->state.settle(x.endpoint);
    },
    [self](const heartbeat&) { self->state.beat(); },
    [self](const tick& x) {
      if (x.generation != self->state.timer_generation)
        return;
      self->state.armed.reset();
      self->state.print_due();
    },
    [self](const finish_request&) {
      self->state.finish();
      return finished{};
    },
    [self](const report_request&) { return self->state.ledger->report(); },
  };
}

} // namespace sluice
