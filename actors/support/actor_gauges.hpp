#pragma once

#include "actors/support/flight_record.hpp"
#include "messages/report.hpp"

#include <vector>

namespace sluice {

/// What the actors of each kind did, from their records; kinds in the order in which their first actor was made. Actors
/// that have ended count with what they did.
std::vector<actor_gauge> gauges_of(const std::vector<flight_view>& actors, flight_time now);

} // namespace sluice
