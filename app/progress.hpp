#pragma once

#include "actors/support/actor_base.hpp"
#include "app/cli.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace sluice {

/// PROGRESS shows on stderr how a run stands: one line in place on a terminal, `key=value` lines every 10 s elsewhere.
/// Detached: a terminal that does not scroll must hold up nobody else.
struct progress_state {
  explicit progress_state(progress_actor::pointer owner) : self(owner) {}
  ~progress_state();

  void show(const run_snapshot& x);

  progress_actor::pointer self;
  bool in_place = false;
  bool line_open = false;
  std::int64_t last_shown_us = 0;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "progress";
};

using progress_self = actor_self<progress_actor, progress_state>;

/// @param mode `always` shows lines in place also where stderr is no terminal.
progress_actor::behavior_type progress(progress_self* self, progress_mode mode);

/// One line for a terminal of `width` columns.
std::string progress_line(const run_snapshot& x, std::size_t width);

/// One line of `key=value` pairs for a log.
std::string progress_pairs(const run_snapshot& x);

} // namespace sluice
