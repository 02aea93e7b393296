#include "actors/governor.hpp"

#include "config/language/datetime.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

/// How often the process's memory is looked at.
constexpr std::chrono::milliseconds memory_interval{50};

/// The memory of larger pages is given back to the system.
constexpr std::size_t most_kept_bytes = std::size_t{2} << 20;

} // namespace

void governor_state::pump(steady_time now) {
  watch_memory(now);
  bool admitted = false;
  while (auto next = rules->next(now)) {
    admitted = true;
    auto fetcher = idle.back();
    idle.pop_back();
    trace_wait(*next);
    next->buffer = take_buffer();
    self->send(fetchers[fetcher], std::move(*next));
  }
  // After the requests that there are: slices come while those are answered, not when the first answer is there. Asking
  // counts as done, so nobody is asked before everybody can be.
  if (sources.size() == endpoints)
    for (auto& demand : rules->demands())
      self->send(sources.at(demand.endpoint), demand);
  for (const auto& wanted : rules->credentials_wanted(now))
    self->send(authenticators.at(wanted.id), wanted);
  report_failures();
  report_throttling(admitted, now);
  if (auto gone = rules->exhausted(now); gone && !quota_reported) {
    quota_reported = true;
    auto left = std::chrono::duration_cast<std::chrono::microseconds>(gone->resets_at - now);
    self->send(supervisor, quota_gone{gone->policy, gone->limit, left.count()});
  }
  if (rules->requests_spent() && !bound_reported && !rules->draining()) {
    bound_reported = true;
    self->send(supervisor, requests_spent{limits.max_requests});
  }
  if (!enough_reported && rules->enough()) {
    enough_reported = true;
    self->send(supervisor, records_enough{rules->satisfied()});
  }
  if (rules->draining() && rules->in_flight() == 0 && !drain_reported) {
    drain_reported = true;
    self->send(supervisor, drained{});
  }
  arm(rules->wake_at(), now);
}

void governor_state::keep_buffer(std::string buffer) {
  // A request without a page comes back without memory: it must not go out in the place of some.
  const bool worthless = buffer.capacity() <= std::string{}.capacity();
  if (worthless || buffer.capacity() > most_kept_bytes || buffers_bytes + buffer.capacity() > limits.output_bytes)
    return;
  buffers_bytes += buffer.capacity();
  buffers.push_back(std::move(buffer));
}

std::string governor_state::take_buffer() {
  if (buffers.empty())
    return {};
  auto buffer = std::move(buffers.back());
  buffers.pop_back();
  buffers_bytes -= buffer.capacity();
  return buffer;
}

void governor_state::trace_wait(const permit& x) {
  if (x.quota_us == 0 || trace == nullptr || !trace->on())
    return;
  const auto& s = x.request.slice;
  const message_place place{s.id, x.request.page, s.label};
  const trace_log::span span{"quota", x.ticket, "quota", self->id()};
  auto now = flight_clock::now();
  trace->begin_span(span, place, now - std::chrono::microseconds{x.quota_us}, {});
  trace->end_span(span, place, now, {});
}

void governor_state::report_failures() {
  for (auto& x : rules->take_failures())
    self->send(aggregator, std::move(x));
  for (auto& x : rules->take_given_up())
    self->send(supervisor, x);
  for (auto& x : rules->take_abandoned())
    self->send(aggregator, x);
}

void governor_state::report_throttling(bool admitted, steady_time now) {
  auto until = rules->throttled_until();
  // A moving window lets requests through one by one: only a wait that a person would notice is an episode.
  bool waits = until && *until - now >= limits.minute / 60;
  if (throttling && (admitted || !until)) {
    throttling = false;
    self->send(supervisor, throttled{false, 0});
  }
  if (throttling || !waits)
    return;
  throttling = true;
  self->send(supervisor, throttled{true, std::chrono::duration_cast<std::chrono::microseconds>(*until - now).count()});
}

void governor_state::watch_memory(steady_time now) {
  if (!memory.resident_bytes || (memory_read_at && now < *memory_read_at + memory_interval))
    return;
  memory_read_at = now;
  bool high = memory.resident_bytes() > memory.limit_bytes;
  if (high != memory_high) {
    memory_high = high;
    rules->memory_high(high, now);
    if (high && !memory_reported) {
      memory_reported = true;
      spdlog::warn(
        "The process holds more than memory.limit ({} MiB): pages are requested one at a time until it holds "
        "less. A smaller pool, smaller pages or a higher limit avoid this.",
        memory.limit_bytes >> 20);
    }
  }
}

void governor_state::warn_of_coding(const page_outcome& x) {
  // A server may send another name each time.
  constexpr std::size_t most_names = 100;
  if (x.unknown_coding.empty() || unknown_codings.size() >= most_names)
    return;
  const auto endpoint = x.request.slice.endpoint;
  if (unknown_codings.emplace(endpoint, x.unknown_coding).second)
    spdlog::warn("{}: the server says Content-Encoding {}, which is no content coding: bodies are taken as they are.",
                 plan->endpoints[endpoint].name, x.unknown_coding);
}

void governor_state::arm(steady_time wake, steady_time now) {
  // Waiting for a quota or a retry is no stall. While requests are in flight their answers are waited for: until they
  // are there, the time of a quota may only be a guess that moves on and on. Looking at the memory is no work.
  record->set_timer(wake == steady_time::max() || rules->in_flight() > 0 ? steady_time{} : wake);
  if (memory_high)
    wake = std::min(wake, now + memory_interval);
  if (wake == steady_time::max()) {
    armed.reset();
    return;
  }
  if (armed && *armed == wake)
    return;
  armed = wake;
  auto delay = wake > now ? wake - now : steady_time::duration::zero();
  self->delayed_send(self, std::chrono::duration_cast<std::chrono::nanoseconds>(delay), tick{++timer_generation});
}

std::string governor_state::describe() {
  auto now = self->clock().now();
  auto numbers = rules->report(now);
  auto text = std::to_string(numbers.in_flight) + " requests in flight, " + std::to_string(numbers.queued) + " queued, "
              + std::to_string(idle.size()) + " of " + std::to_string(fetchers.size()) + " fetchers idle, "
              + std::to_string(numbers.credit_used_bytes) + " bytes of output reserved or unwritten";
  for (const auto& q : numbers.quotas)
    text += ", quota `" + q.policy + "`: " + std::to_string(q.used) + " of " + std::to_string(q.limit) + " used";
  if (auto held = rules->held_up(now); !held.empty())
    text += "; " + held;
  if (rules->draining())
    return text + "; admits nothing more, waits for the outcomes of what is in flight";
  if (!armed)
    return text + "; waits for outcomes, slices or credit";
  auto at = language::format_datetime(wall() + std::chrono::duration_cast<std::chrono::microseconds>(*armed - now),
                                      "%Y-%m-%dT%H:%M:%SZ");
  return text + "; waits for a quota or a retry until " + at.value_or("a time that cannot be printed");
}

governor_actor::behavior_type governor(governor_self* self, plan_ptr plan, admission_limits limits,
                                       read_supervisor_actor supervisor, state_aggregator_actor aggregator,
                                       wall_clock wall, memory_watch memory) {
  install_handlers(self);
  auto& state = self->state;
  state.supervisor = std::move(supervisor);
  state.aggregator = std::move(aggregator);
  state.wall = std::move(wall);
  state.plan = plan;
  state.endpoints = plan->endpoints.size();
  state.limits = limits;
  state.memory = std::move(memory);
  state.rules = std::make_unique<admission>(std::move(plan), limits, self->clock().now());
  return {
    [self](atom::join, std::uint32_t number, const fetcher_actor& fetcher) {
      auto& s = self->state;
      if (s.fetchers.size() <= number)
        s.fetchers.resize(number + 1);
      s.fetchers[number] = fetcher;
      s.idle.push_back(number);
      s.rules->fetcher_idle();
      s.pump(self->clock().now());
    },
    [self](atom::join, endpoint_id endpoint, const slice_source_actor& source) {
      self->state.sources.emplace(endpoint, source);
      self->state.pump(self->clock().now());
    },
    [self](atom::join, credential_id id, const authenticator_actor& x) { self->state.authenticators.emplace(id, x); },
    [self](credential_ready& x) {
      const auto now = self->clock().now();
      self->state.rules->credential_is_ready(std::move(x), now);
      self->state.pump(now);
    },
    [self](credential_failed& x) {
      const auto now = self->clock().now();
      self->state.rules->credential_has_failed(std::move(x), now);
      self->state.pump(now);
    },
    [self](slices_offered& x) {
      const auto now = self->clock().now();
      self->state.rules->offer(std::move(x), now);
      self->state.pump(now);
    },
    [self](page_outcome& x) {
      self->state.warn_of_coding(x);
      self->state.idle.push_back(x.fetcher);
      self->state.rules->fetcher_idle();
      const auto now = self->clock().now();
      self->state.rules->finish(std::move(x), now, self->state.wall());
      self->state.pump(now);
    },
    [self](bytes_written& x) {
      self->state.keep_buffer(std::move(x.buffer));
      const auto now = self->clock().now();
      self->state.rules->written(x.bytes, now);
      self->state.pump(now);
    },
    [self](const drain&) {
      const auto now = self->clock().now();
      self->state.rules->drain(now);
      self->state.pump(now);
    },
    [self](const tick& x) {
      if (x.generation != self->state.timer_generation)
        return;
      self->state.armed.reset();
      self->state.pump(self->clock().now());
    },
    [self](const retune& x) {
      const auto now = self->clock().now();
      auto done = self->state.rules->change_bounds(x, now);
      self->state.pump(now);
      return done;
    },
    [self](const report_request&) { return self->state.rules->report(self->clock().now()); },
  };
}

} // namespace sluice
