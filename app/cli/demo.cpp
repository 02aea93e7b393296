#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_demo(options& to, command_line& cl) {
  to.number("--num-workers", cl.num_workers, "Concurrency level: size of the fetcher pool")
    .between(1, 1000)
    .show_default();
  to.flag("--records", cl.show_records, "Print the protocol messages even when stdout is a terminal");
  add_simulator(to, cl);
  add_common(to, cl);
  add_connector(to, cl);
  add_tuning(to, cl);
  add_run(to, cl);
  add_bounds(to, cl);
}

} // namespace sluice::cli
