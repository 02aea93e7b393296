#include "app/config.hpp"

#include "actors/core/clock.hpp"
#include "app/atomic_file.hpp"
#include "config/config_source.hpp"
#include "config/manifest/compile.hpp"
#include "messages/protocol.hpp"

#include <spdlog/spdlog.h>

#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice {

namespace {

std::vector<std::string> environment() {
  std::vector<std::string> result;
  for (auto** line = environ; *line != nullptr; ++line)
    result.emplace_back(*line);
  return result;
}

/// The rules, as far as a command depends on them: a catalogue is printed without, should they not be supported.
expected<config_rules> rules_for(const command_line& cl, const manifest& m) {
  auto rules = compile_config_rules(m);
  if (rules || cl.command != verb::discover)
    return rules;
  spdlog::warn("The config is taken as it is, and not as the manifest would change it. {}", rules.error().message);
  return config_rules{};
}

/// The CONTROL line is what an orchestrator keeps; the file is for people who keep it themselves.
void keep(const config_source& from, const std::string& config, console& c) {
  if (!from.is_file()) {
    spdlog::info(
      "The manifest has migrated the config. It is in the CONTROL message, and in no file, because it did not "
      "come from one alone: as long as it is not kept, each run migrates it anew.");
  } else if (auto written = rewrite_file(from.path, config + "\n", "config file"); !written) {
    spdlog::warn(
      "The manifest has migrated the config. It is in the CONTROL message; as long as it is not kept, each run "
      "migrates it anew. {}",
      written.error().message);
  } else {
    spdlog::info("The manifest has migrated the config; {} was rewritten.", from.path);
  }
  c.print(control_line(config, epoch_ms(system_wall_clock())));
}

} // namespace

expected<connector_config> load_config(const command_line& cl, const manifest& m, console& c, migrated_config what) {
  auto rules = rules_for(cl, m);
  if (!rules)
    return tl::unexpected(std::move(rules.error()));
  const config_source from{cl.config, cl.config_prefix};
  auto text = read_config(from, environment(), m.connection_specification);
  if (!text)
    return tl::unexpected(std::move(text.error()));
  auto migrated = migrate_config(*text, *rules);
  if (!migrated)
    return tl::unexpected(std::move(migrated.error()));
  if (*migrated) {
    c.hide(secrets_in(*text, m.connection_specification));
    text = std::move(**migrated);
    if (what == migrated_config::kept)
      keep(from, *text, c);
  }
  auto config = validate_config(*text, m.connection_specification, *rules);
  if (config)
    c.take(*config);
  return config;
}

} // namespace sluice
