#include "actors/core/state/cursor.hpp"

namespace sluice {

cursor_windows cursor_state::windows(bool for_children) const {
  return track_.windows(cursor_, for_children);
}

void cursor_state::close(const cursor_window& w, std::optional<instant> newest) {
  track_.close(cursor_, w, newest);
}

void cursor_state::advance(const cursor_window& w, instant newest) {
  track_.advance(cursor_, w, newest);
}

} // namespace sluice
