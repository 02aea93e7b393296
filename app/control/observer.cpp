#include "app/control/observer.hpp"

#include <utility>

namespace sluice {

void snapshot_board::put(run_snapshot x) {
  {
    std::lock_guard lock{mutex_};
    newest_ = std::move(x);
  }
  changed_.notify_all();
}

std::optional<run_snapshot> snapshot_board::newest(std::chrono::milliseconds patience) const {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, patience, [this] { return newest_.has_value(); });
  return newest_;
}

observer_actor::behavior_type control(control_self* self, std::shared_ptr<snapshot_board> board) {
  install_handlers(self);
  return {
    [board = std::move(board)](run_snapshot& x) {
      board->put(std::move(x));
      return snapshot_shown{};
    },
  };
}

} // namespace sluice
