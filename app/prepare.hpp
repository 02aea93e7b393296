#pragma once

#include "actors/core/state/slice_ledger.hpp"
#include "app/cli.hpp"
#include "app/console.hpp"
#include "config/manifest/manifest.hpp"
#include "config/manifest/plan/plan.hpp"
#include "config/state_file.hpp"
#include "config/tuning.hpp"
#include "messages/error.hpp"

#include <vector>

namespace sluice {

/// What the files of a command line make.
struct prepared_run {
  manifest_ptr connector;
  plan_ptr plan;
  /// The plan's, opened with the states that came in.
  slice_ledger ledger;
  sluice::tuning tuning;
  /// What `--state-file` holds, streams that are not read included.
  std::vector<stream_state> known_states{};
};

/// Reads manifest, config, catalogue, state and tuning file and compiles them. Without a catalogue: all streams of the
/// source, incremental where they can be. From then on the console hides the config's secrets. Warns of streams that
/// the source does not have.
expected<prepared_run> prepare_run(const command_line& cl, console& c);

} // namespace sluice
