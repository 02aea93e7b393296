#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_check(options& to, command_line& cl) {
  add_config(to, cl);
  add_connector(to, cl);
  add_tuning(to, cl);
  add_trace(to, cl);
  add_report(to, cl, false);
  add_common(to, cl);
}

} // namespace sluice::cli
