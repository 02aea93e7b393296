#pragma once

#include "app/cli.hpp"
#include "app/console.hpp"
#include "config/connector_config.hpp"
#include "config/manifest/manifest.hpp"
#include "messages/error.hpp"

#include <cstdint>

namespace sluice {

/// What becomes of a config that the manifest's migrations change.
enum class migrated_config : std::uint8_t {
  /// It is kept: the `--config` file is rewritten, and a CONTROL line tells whoever keeps the config.
  kept,
  /// Nothing is written or printed, for a command that looks and leaves no trace.
  used
};

/// The config that the command line names, as the manifest's rules make it, checked. From then on the console hides its
/// secrets. A migrated config is kept before it is checked, as in the reference.
expected<connector_config> load_config(const command_line& cl, const manifest& m, console& c, migrated_config what);

} // namespace sluice
