#pragma once

#include "app/json_object.hpp"
#include "messages/report.hpp"

namespace sluice {

/// Adds the numbers of a run to an object: what the summary file and the status of a run under way have in common. The
/// keys are documented in docs/user-guide.md.
void add_snapshot(json_object& o, const run_snapshot& x);

} // namespace sluice
