#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_validate(options& to, command_line& cl) {
  add_connector(to, cl);
  to.text("--config", cl.config, "Connector configuration: look at what the manifest makes of it, too");
  to.group("Output");
  to.flag("--json", cl.json, "Print what is found as one JSON object");
  to.flag("--deny-warnings", cl.deny_warnings, "Exit with 1 for warnings, too");
  add_common(to, cl);
}

} // namespace sluice::cli
