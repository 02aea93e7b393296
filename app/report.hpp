#pragma once

#include "app/bottleneck.hpp"
#include "app/cli.hpp"
#include "app/console.hpp"
#include "messages/run.hpp"

namespace sluice {

/// The end of `read` and `demo`: the summary on stderr, and in the file of `--summary`. Returns the run's exit code.
/// @param facts which knobs its advice may name.
int report_result(const run_result& result, const run_facts& facts, const command_line& cl, console& c);

/// The file of `--summary` alone, if one is asked for.
expected<void> write_summary(const run_result& result, const run_facts& facts, const command_line& cl, console& c);

} // namespace sluice
