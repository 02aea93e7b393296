#pragma once

#include "app/simulator/api.hpp"
#include "app/simulator/statistics.hpp"

#include <optional>
#include <string_view>

namespace sluice::simulator {

/// Answers about the simulator itself, for tests from outside; they need no token and count nowhere:
/// - `/simulator/statistics`: requests, faults, refused, changes, body_bytes, and requests by endpoint, as JSON;
/// - `/simulator/lasting/STREAM[?since=CHANGE][&untouched=1]`: ids as in `account::for_each_lasting`, one a line.
/// Nothing if the target is not one of the simulator's own.
std::optional<api_answer> control_answer(std::string_view target, const account& a, const statistics& numbers);

} // namespace sluice::simulator
