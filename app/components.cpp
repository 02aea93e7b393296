#include "app/commands.hpp"
#include "app/console.hpp"
#include "config/manifest/components/document.hpp"
#include "config/manifest/components/json_schema.hpp"
#include "config/tuning.hpp"

namespace sluice {

int run_components(const command_line& cl) {
  console c{cl, console::audience::people};
  switch (cl.schema) {
    case schema_of::manifest:
      return c.print(manifest_json_schema()) ? 0 : 1;
    case schema_of::tuning:
      return c.print(tuning_json_schema()) ? 0 : 1;
    case schema_of::nothing:
      break;
  }
  return c.print(cl.json ? components_json(SLUICE_VERSION) : components_markdown(SLUICE_VERSION)) ? 0 : 1;
}

} // namespace sluice
