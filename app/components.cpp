#include "app/commands.hpp"
#include "app/console.hpp"
#include "config/manifest/components/document.hpp"

namespace sluice {

int run_components(const command_line& cl) {
  console c{cl, console::audience::people};
  return c.print(cl.json ? components_json(SLUICE_VERSION) : components_markdown(SLUICE_VERSION)) ? 0 : 1;
}

} // namespace sluice
