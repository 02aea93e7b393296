#pragma once

#include "actors/core/state/cursor_windows.hpp"

#include <vector>

namespace sluice::test {

/// The windows, made.
inline std::vector<cursor_window> all(cursor_windows windows) {
  std::vector<cursor_window> made;
  for (; !windows.empty(); windows.pop_front())
    made.push_back(windows.front());
  return made;
}

} // namespace sluice::test
