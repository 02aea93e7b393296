#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_discover(options& to, command_line& cl) {
  add_config(to, cl);
  add_connector(to, cl);
  to.group("Output");
  to.flag("--configured", cl.configured, "Print a configured catalogue of all streams, ready for `read --catalog`");
  add_common(to, cl);
  add_tuning(to, cl, false);
  add_trace(to, cl, false);
  add_report(to, cl, false);
}

} // namespace sluice::cli
