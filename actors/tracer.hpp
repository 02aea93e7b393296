#pragma once

#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace sluice {

/// The TRACER looks at a run twenty times a second and writes what it sees into the trace's counters: requests in
/// flight, credit, quotas, mailboxes, memory. Messages are written by the actors' common base, not by it; its own are
/// not traced.
struct tracer_state {
  explicit tracer_state(tracer_actor::pointer owner) : self(owner) {}

  void look();
  void show_numbers(const governor_report& x);
  void show_mailboxes();
  void arm();

  tracer_actor::pointer self;
  governor_actor governor;
  std::shared_ptr<const flight_recorder> actors;
  std::function<std::uint64_t()> resident_bytes;
  trace_log* trace = nullptr;
  /// Counters as they were shown last: what does not change is not written again.
  std::map<std::string, std::string> shown;

  void show(const std::string& counter, std::string args);

  static constexpr const char* name = "tracer";
};

using tracer_self = actor_self<tracer_actor, tracer_state>;

/// @param governor is asked for its numbers.
/// @param actors whose mailboxes are shown.
/// @param resident_bytes the process's memory; none: not shown.
tracer_actor::behavior_type tracer(tracer_self* self, governor_actor governor,
                                   std::shared_ptr<const flight_recorder> actors,
                                   std::function<std::uint64_t()> resident_bytes);

} // namespace sluice
