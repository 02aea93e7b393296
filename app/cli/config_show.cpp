#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_config_show(options& to, command_line& cl) {
  add_tuning(to, cl);
  to.group("Output");
  to.flag("--json", cl.json, "Print them as one JSON object");
  add_common(to, cl);
}

} // namespace sluice::cli
