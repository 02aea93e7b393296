#pragma once

#include "app/bottleneck.hpp"
#include "app/cli.hpp"
#include "app/console.hpp"
#include "app/run.hpp"
#include "app/signals.hpp"
#include "config/manifest/plan/plan.hpp"
#include "config/tuning.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace sluice {

/// The target of `--metrics`, if it is asked for.
std::optional<metrics_target> metrics_of(const command_line& cl);

/// Runs the ledger's plan as `read` and `demo` do: with all that the command line asks for, and its end with the
/// summary on stderr, and in the file of `--summary`. Returns the exit code.
/// @param pool_size fetchers of the run.
/// @param out takes the messages.
/// @param facts which knobs the summary's advice may name.
int run_and_report(slice_ledger ledger, const tuning& settings, std::uint32_t pool_size,
                   std::shared_ptr<line_writer> out, const run_facts& facts, const command_line& cl, console& c,
                   signal_watch& signals);

} // namespace sluice
