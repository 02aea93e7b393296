#pragma once

#include "app/cli.hpp"
#include "app/console.hpp"
#include "messages/run.hpp"

namespace sluice {

/// The end of `read` and `demo`: the summary on stderr, and in the file of `--summary`. Returns the run's exit code.
int report_result(const run_result& result, const command_line& cl, console& c);

} // namespace sluice
