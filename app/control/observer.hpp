#pragma once

#include "actors/support/actor_base.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace sluice {

/// The newest snapshot of a run, for the threads of the control socket.
class snapshot_board {
public:
  void put(run_snapshot x);
  /// Waits for the first one, at most so long.
  std::optional<run_snapshot> newest(std::chrono::milliseconds patience) const;

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::optional<run_snapshot> newest_;
};

/// CONTROL keeps the newest snapshot for whoever asks through the control socket.
struct control_state {
  explicit control_state(observer_actor::pointer owner) : self(owner) {}

  observer_actor::pointer self;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "control";
};

using control_self = actor_self<observer_actor, control_state>;

/// @param board where it puts the snapshots.
observer_actor::behavior_type control(control_self* self, std::shared_ptr<snapshot_board> board);

} // namespace sluice
