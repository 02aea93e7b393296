#include "actors/supervision/cast.hpp"

#include "actors/authenticator.hpp"
#include "actors/emitter.hpp"
#include "actors/fan_out.hpp"
#include "actors/fetcher.hpp"
#include "actors/governor.hpp"
#include "actors/slice_generator.hpp"
#include "actors/state_aggregator.hpp"
#include "actors/tracer.hpp"

#include <caf/exit_reason.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace sluice {

namespace {

retry_limits retries_of(const run_setup& setup) {
  const auto& t = setup.tuning;
  return {t.http.max_retries, t.http.max_retry_time, t.errors.on_missing_rows == on_missing_rows::accept,
          t.errors.max_empty_pages, setup.purpose};
}

/// An actor that blocks in its handlers has a thread of its own; not in tests on the deterministic scheduler.
template <class Behaviour, class... Args>
auto spawn_blocking(read_supervisor_actor::pointer self, bool detached, Behaviour behaviour, const Args&... args) {
  return detached ? self->spawn<caf::detached + caf::monitored>(behaviour, args...)
                  : self->spawn<caf::monitored>(behaviour, args...);
}

} // namespace

admission_limits limits_of(const run_setup& setup) {
  const auto& t = setup.tuning;
  admission_limits limits;
  limits.pool_size = setup.pool_size;
  limits.output_bytes = t.emitter.mailbox_bytes.value_or(least_mailbox_bytes);
  if (!t.emitter.mailbox_bytes)
    limits.output_bytes_per_fetcher = mailbox_bytes_per_fetcher;
  limits.page_bytes = t.memory.limit;
  limits.fan_out_records = t.fan_out.mailbox;
  limits.lookahead = t.slice_generator.lookahead;
  limits.minute = t.budget.window;
  limits.max_requests = setup.max_requests;
  limits.wait_for_every_quota = t.quota.on_exhausted == on_exhausted::wait;
  limits.ask_about_all_tokens = setup.purpose == request_purpose::check;
  limits.slice_retries = t.errors.slice_retries;
  limits.max_failed_slices = t.errors.max_failed_slices;
  limits.max_failures_in_a_row = t.errors.max_failures_in_a_row;
  return limits;
}

void spawn_cast(read_supervisor_actor::pointer self, const run_setup& setup, slice_ledger ledger, cast& c) {
  const read_supervisor_actor me{self};
  const auto& plan = setup.plan;
  const auto& t = setup.tuning;

  // What sources have to know is read from the ledger before it moves to its actor: two openings of one state could
  // disagree.
  std::vector<slice_source> sources;
  std::vector<std::shared_ptr<const partition_past>> pasts;
  for (const auto& e : plan->endpoints) {
    pasts.push_back(e.slices.has_parents() ? ledger.past_of(e.id) : nullptr);
    if (!e.slices.has_parents())
      sources.push_back(e.slices.has_partitions() ? slice_source::of_partitions(plan, e.id, ledger.past_of(e.id))
                                                  : slice_source::of_endpoint(plan, e.id, ledger.windows_of(e.id)));
  }

  c.emitter = self->spawn<caf::monitored>(emitter, plan, setup.out, setup.secrets,
                                          setup.log ? setup.log->backlog() : nullptr, me, setup.wall);
  if (setup.log)
    setup.log->attach(c.emitter);
  for (const auto& warning : ledger.warnings())
    spdlog::warn(warning);
  c.aggregator = self->spawn<caf::monitored>(
    state_aggregator, std::move(ledger), state_pacer{t.state.max_bytes_per_second, t.state.interval}, c.emitter, me);
  c.governor = self->spawn<caf::monitored>(governor, plan, limits_of(setup), me, c.aggregator, setup.wall,
                                           memory_watch{setup.resident_bytes, t.memory.limit});
  self->send(c.emitter, atom::join_v, c.governor, c.aggregator);

  c.fan_outs.resize(plan->edges.size());
  for (const auto& e : plan->endpoints)
    if (e.slices.has_parents()) {
      auto source = self->spawn<caf::monitored>(fan_out, plan, e.id, c.governor, c.aggregator, std::move(pasts[e.id]),
                                                static_cast<std::size_t>(t.fan_out.mailbox));
      for (auto edge : e.slices.feeding_edges())
        c.fan_outs[edge] = source;
    }
  for (const auto& e : plan->endpoints)
    if (!e.slices.has_parents())
      c.generators.push_back(self->spawn<caf::monitored>(
        slice_generator, plan, e.id, std::move(sources[c.generators.size()]), c.governor, c.aggregator));
  for (credential_id id = 0; id < plan->credentials.size(); ++id) {
    c.authenticators.push_back(spawn_blocking(self, setup.detached, authenticator, plan, id, setup.transport,
                                              setup.secrets, authenticator_links{c.governor, c.emitter},
                                              retries_of(setup), setup.wall));
    self->send(c.governor, atom::join_v, id, c.authenticators.back());
  }
  c.links = {c.governor, c.emitter, c.fan_outs};
  add_fetchers(self, setup, c, setup.pool_size);
  if (trace_of(self->home_system()) != nullptr)
    c.tracer = self->spawn<caf::monitored>(tracer, c.governor, recorder_of(self->home_system())->shared_from_this(),
                                           setup.resident_bytes);
}

void add_fetchers(read_supervisor_actor::pointer self, const run_setup& setup, cast& actors, std::uint32_t upto) {
  const auto& t = setup.tuning;
  const auto retries = retries_of(setup);
  for (auto i = static_cast<std::uint32_t>(actors.fetchers.size()); i < upto; ++i) {
    actors.fetchers.push_back(self->spawn<caf::monitored>(fetcher, i, setup.plan, setup.transport, actors.links,
                                                          retries, t.http.max_body_bytes, setup.wall));
    self->send(actors.governor, atom::join_v, i, actors.fetchers.back());
  }
}

void open_sources(read_supervisor_actor::pointer self, const plan& p, const cast& actors) {
  for (const auto& e : p.endpoints)
    if (e.slices.has_parents())
      self->send(actors.governor, atom::join_v, e.id,
                 slice_source_actor{actors.fan_outs[e.slices.feeding_edges().front()]});
  std::size_t root = 0;
  for (const auto& e : p.endpoints)
    if (!e.slices.has_parents())
      self->send(actors.governor, atom::join_v, e.id, actors.generators[root++]);
}

void dismiss(read_supervisor_actor::pointer self, const cast& actors) {
  auto end = [self](const auto& x) {
    if (x)
      self->send_exit(x, caf::exit_reason::user_shutdown);
  };
  std::for_each(actors.fetchers.begin(), actors.fetchers.end(), end);
  std::for_each(actors.authenticators.begin(), actors.authenticators.end(), end);
  std::for_each(actors.generators.begin(), actors.generators.end(), end);
  std::for_each(actors.fan_outs.begin(), actors.fan_outs.end(), end);
  end(actors.tracer);
  end(actors.governor);
  end(actors.aggregator);
  end(actors.emitter);
}

} // namespace sluice
