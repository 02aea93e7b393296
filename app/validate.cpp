#include "app/commands.hpp"

#include "app/config.hpp"
#include "app/console.hpp"
#include "app/validation.hpp"

#include <optional>
#include <utility>

namespace sluice {

namespace {

/// What the config is found guilty of, beside what it makes of the manifest.
finding finding_of_config(const error& problem) {
  return {finding::weight::error, {}, 0, problem.message, {}};
}

validation look_at(const manifest& m, const command_line& cl, console& c) {
  if (cl.config.empty() && cl.config_prefix.empty())
    return validate(m, nullptr);
  auto config = load_config(cl, m, c, migrated_config::used);
  if (config)
    return validate(m, &*config);
  auto result = validate(m, nullptr);
  result.findings.push_back(finding_of_config(config.error()));
  return result;
}

} // namespace

int run_validate(const command_line& cl) {
  console c{cl, console::audience::people};
  std::vector<manifest_fault> faults;
  auto m = cl.manifest.empty() ? load_built_in_manifest() : load_manifest_file(cl.manifest, &faults);
  if (!m && m.error().code == errc::unreadable_file)
    return c.fail(m.error());
  const auto origin = m ? (*m)->origin : cl.manifest;
  const auto found = m ? look_at(**m, cl, c) : validation_of(m.error(), faults);
  const auto text = cl.json ? validation_json(origin, found) : validation_text(origin, found);
  if (!c.print(c.secrets()->apply(text)))
    return 1;
  return found.errors() > 0 || (cl.deny_warnings && found.warnings() > 0) ? 1 : 0;
}

} // namespace sluice
