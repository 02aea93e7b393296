#pragma once

#include "actors/core/clock.hpp"
#include "actors/supervision/cast.hpp"
#include "actors/supervision/run_setup.hpp"
#include "messages/report.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace sluice {

/// Tells observers how a run stands. Belongs to the READ SUPERVISOR and asks in its name; the answers come on its
/// thread.
class run_progress {
public:
  /// All three must outlive it; `supervisor` sends.
  run_progress(read_supervisor_actor::pointer supervisor, const run_setup& setup, const cast& actors)
    : self_(supervisor), setup_(setup), actors_(actors) {}

  /// The run begins now.
  void begin();
  /// Asks governor and state aggregator for their numbers and shows them. An observer that is still busy with what it
  /// was shown last is left out, lest it drown.
  void show_present();
  /// Shows the run's last numbers to all, whether they are busy or not.
  void show_last(const run_snapshot& x);
  /// A signal has asked for the end: the observers hear of it at once.
  void stop_within(std::chrono::microseconds time);
  /// Adds to a snapshot what neither governor nor state aggregator knows: times, memory, mailboxes, what is left.
  void complete(run_snapshot& x) const;

private:
  void show(const run_snapshot& x);
  void add_forecast(run_snapshot& x) const;

  read_supervisor_actor::pointer self_;
  const run_setup& setup_;
  const cast& actors_;
  steady_time started_at_;
  std::optional<steady_time> stops_at_;
  /// By observer: it has not yet shown what it was sent last.
  std::vector<bool> showing_;
};

} // namespace sluice
