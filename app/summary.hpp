#pragma once

#include "messages/run.hpp"

#include <string>

namespace sluice {

/// The table and the sentences that end a run, for people.
std::string summary_text(const run_result& r);

/// What limited the run, from measured times, with advice: `Limited by the rate limit 81 % of the time; a larger pool
/// will not help.`
std::string bottleneck_text(const run_snapshot& x);

/// The same numbers as JSON, one object; the keys are documented in the user guide.
std::string summary_json(const run_result& r);

} // namespace sluice
