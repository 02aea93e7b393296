#pragma once

#include "app/simulator/api.hpp"
#include "app/simulator/statistics.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace sluice::simulator {

/// Answers about the simulator itself, for tests from outside; they need no token and count nowhere:
/// - `/simulator/statistics`: requests, faults, refused, changes, body_bytes, and requests by endpoint, as JSON;
/// - `/simulator/requests`: the log, a request a line in the order of arrival: when it arrived and was answered, in
///   microseconds since the server's start, and the status (0: no answer yet, or none at all);
/// - `/simulator/lasting/STREAM[?since=CHANGE][&untouched=1]`: ids as in `account::for_each_lasting`, one a line.
/// Nothing if the target is not one of the simulator's own.
std::optional<api_answer> control_answer(std::string_view target, const account& a, const statistics& numbers,
                                         const std::vector<request_record>& log);

} // namespace sluice::simulator
