#pragma once

#include "config/language/datetime.hpp"

#include <chrono>
#include <cstdint>
#include <functional>

namespace sluice {

/// A moment of the actor system's own clock, by which waits are measured. Virtual in tests.
using steady_time = std::chrono::steady_clock::time_point;

/// Where the date and time come from: the system's clock, or a test's.
using wall_clock = std::function<language::instant()>;

/// The system's clock.
inline language::instant system_wall_clock() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// Milliseconds since the epoch, as the protocol counts.
inline std::int64_t epoch_ms(language::instant t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

} // namespace sluice
