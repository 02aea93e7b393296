#include "actors/tracer.hpp"

#include "actors/support/trace_text.hpp"

#include <chrono>
#include <utility>

namespace sluice {

namespace {

constexpr std::chrono::milliseconds sampling_interval{50};

} // namespace

void tracer_state::look() {
  if (trace == nullptr || !trace->on())
    return;
  show_mailboxes();
  if (resident_bytes) {
    std::string args;
    trace_args{args}.number("resident MiB", resident_bytes() >> 20);
    show("memory", std::move(args));
  }
  trace->flush();
  self->request(governor, caf::infinite, report_request{})
    .then(
      [this](const governor_report& x) {
        show_numbers(x);
        arm();
      },
      [](const caf::error&) { /* nop: the governor has ended, and so does the run */ });
}

void tracer_state::show_numbers(const governor_report& x) {
  std::string args;
  trace_args requests{args};
  requests.number("in flight", x.in_flight);
  requests.number("queued", x.queued);
  show("requests", std::move(args));
  args.clear();
  trace_args{args}.number("bytes", x.credit_used_bytes);
  show("output credit", std::move(args));
  for (const auto& q : x.quotas) {
    args.clear();
    trace_args{args}.number("left", q.limit > q.used ? q.limit - q.used : 0);
    show("quota " + q.policy, std::move(args));
  }
}

void tracer_state::show_mailboxes() {
  std::map<std::string, std::int64_t> mailboxes;
  for (const auto& record : actors->records()) {
    auto [kind, messages] = record->mailbox();
    if (kind != name)
      mailboxes[kind] += messages;
  }
  for (const auto& [kind, messages] : mailboxes) {
    std::string args;
    trace_args{args}.number("messages", messages);
    show("mailbox " + kind, std::move(args));
  }
}

void tracer_state::show(const std::string& counter, std::string args) {
  auto& last = shown[counter];
  if (last == args)
    return;
  trace->counter(counter, args, flight_clock::now());
  last = std::move(args);
}

void tracer_state::arm() {
  self->delayed_send(self, sampling_interval, tick{});
}

tracer_actor::behavior_type tracer(tracer_self* self, governor_actor governor,
                                   std::shared_ptr<const flight_recorder> actors,
                                   std::function<std::uint64_t()> resident_bytes) {
  install_handlers(self);
  self->watch_only();
  auto& state = self->state;
  state.governor = std::move(governor);
  state.actors = std::move(actors);
  state.resident_bytes = std::move(resident_bytes);
  state.arm();
  return {
    [self](const tick&) { self->state.look(); },
  };
}

} // namespace sluice
