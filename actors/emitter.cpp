#include "actors/emitter.hpp"

#include "actors/support/trace_text.hpp"
#include "config/connector_config.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace sluice {

namespace {

/// A write that takes longer waits for whoever reads stdout, and shows in a trace.
constexpr std::chrono::milliseconds notable_write{1};

} // namespace

void emitter_state::write_batch(record_batch& batch) {
  // A run that stands still ends without waiting for its requests. What comes after a stream's end is not printed, and
  // not reported as written either: no state covers it.
  if (std::any_of(batch.receipt.counts.begin(), batch.receipt.counts.end(),
                  [this](const stream_count& c) { return streams[c.stream].ended; }))
    return;
  const auto bytes = batch.lines.size();
  bound.apply(batch);
  std::string announcements;
  for (const auto& c : batch.receipt.counts) {
    auto& s = streams[c.stream];
    s.records += c.records;
    if (c.records == 0 || s.running)
      continue;
    s.running = true;
    spdlog::info("Marking stream {} as RUNNING", s.descriptor.name);
    announcements += stream_status_line(s.descriptor, stream_status::running, epoch_ms(wall()));
  }
  if ((!announcements.empty() && !write(announcements)) || !write(batch.lines))
    return;
  // The credit is for what the page had, whatever was printed of it.
  if (governor)
    self->send(governor, bytes_written{bytes, std::move(batch.lines)});
  if (aggregator)
    self->send(aggregator, page_written{std::move(batch.receipt)});
}

void emitter_state::write_state(const state_update& x) {
  auto& s = streams[x.stream];
  if (write(state_line(s.descriptor, x.json, s.records)))
    s.records = 0;
}

void emitter_state::write_estimate(const estimate& x) {
  const auto& s = streams[x.stream];
  if (!s.ended)
    write(estimate_line(s.descriptor, x.records, x.bytes, epoch_ms(wall())));
}

void emitter_state::write_status(const status_update& x) {
  auto& s = streams[x.stream];
  s.ended = x.status == stream_status::complete || x.status == stream_status::incomplete;
  std::optional<std::int64_t> reset;
  if (x.quota_reset_ms >= 0) {
    reset = x.quota_reset_ms;
    // The next record says that the wait is over.
    s.running = false;
  }
  write(stream_status_line(s.descriptor, x.status, epoch_ms(wall()), reset));
}

void emitter_state::write_error(const error_trace& x) {
  auto masked = x.error;
  masked.message = secrets->apply(masked.message);
  masked.internal_message = secrets->apply(masked.internal_message);
  std::optional<stream_descriptor> whose;
  if (x.has_stream)
    whose = streams[x.stream].descriptor;
  write(trace_error_line(masked, whose, epoch_ms(wall())));
}

void emitter_state::write_log(const log_entry& x) {
  write(log_line(x.level, secrets->apply(x.text)));
  if (!backlog)
    return;
  if (auto refused = backlog->leave(x.text.size()); refused > 0)
    write(
      log_line(log_level::warn, std::to_string(refused)
                                  + " log lines are left out here: nobody read stdout, and too many were waiting."));
}

bool emitter_state::write_config(const config_update& x) {
  config = with_changes(config, x.changes);
  return write(control_line(language::to_json(config), epoch_ms(wall())));
}

bool emitter_state::write(std::string_view lines) {
  if (!open)
    return false;
  output_wait.about_to_block();
  const bool traced = trace != nullptr && trace->on();
  const auto begin = traced ? flight_clock::now() : flight_time{};
  auto written = [&] {
    outside_wait waiting{*record, outside::output, std::to_string(lines.size()) + " bytes"};
    return out->write(lines);
  }();
  if (traced)
    trace_write(begin, lines.size());
  if (!written) {
    open = false;
    self->send(supervisor, output_closed{written.error().message});
  }
  return open;
}

void emitter_state::trace_write(flight_time begin, std::size_t bytes) {
  const auto now = flight_clock::now();
  if (now - begin < notable_write)
    return;
  const trace_log::span span{"output", ++slow_writes, "stdout", self->id()};
  std::string args;
  trace_args{args}.number("bytes", bytes);
  trace->begin_span(span, {}, begin, args);
  trace->end_span(span, {}, now, {});
}

emitter_actor::behavior_type emitter(emitter_self* self, plan_ptr plan, std::shared_ptr<line_writer> out,
                                     std::shared_ptr<const redactor> secrets, std::shared_ptr<log_backlog> backlog,
                                     read_supervisor_actor supervisor, wall_clock wall) {
  install_handlers(self);
  auto& state = self->state;
  state.out = std::move(out);
  state.secrets = std::move(secrets);
  state.backlog = std::move(backlog);
  state.supervisor = std::move(supervisor);
  state.wall = std::move(wall);
  state.config = plan->config;
  for (const auto& s : plan->streams)
    state.streams.push_back({{s.name, s.name_space}, false, false, 0});
  state.bound = record_bound{plan->streams.size(), plan->record_limit};
  return {
    [self](atom::join, const governor_actor& governor, const state_aggregator_actor& aggregator) {
      self->state.governor = governor;
      self->state.aggregator = aggregator;
    },
    [self](record_batch& x) { self->state.write_batch(x); },
    [self](const no_page&) {
      if (self->state.governor)
        self->send(self->state.governor, bytes_written{});
    },
    [self](const state_update& x) { self->state.write_state(x); },
    [self](const estimate& x) { self->state.write_estimate(x); },
    [self](const status_update& x) { self->state.write_status(x); },
    [self](const error_trace& x) { self->state.write_error(x); },
    [self](const config_update& x) { return flushed{self->state.write_config(x)}; },
    [self](const log_entry& x) { self->state.write_log(x); },
    [self](const flush_request&) { return flushed{self->state.open}; },
  };
}

} // namespace sluice
