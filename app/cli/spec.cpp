#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_spec(options& to, command_line& cl) {
  add_connector(to, cl);
  add_common(to, cl);
  add_tuning(to, cl, false);
  add_trace(to, cl, false);
  add_report(to, cl, false);
}

} // namespace sluice::cli
