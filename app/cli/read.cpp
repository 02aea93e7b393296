#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_read(options& to, command_line& cl) {
  add_config(to, cl);
  to.text("--catalog", cl.catalog, "Configured catalogue, JSON").required();
  add_state(to, cl);
  add_common(to, cl);
  add_connector(to, cl);
  add_tuning(to, cl);
  add_run(to, cl);
  add_bounds(to, cl);
}

} // namespace sluice::cli
