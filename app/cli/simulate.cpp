#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_simulate(options& to, command_line& cl) {
  to.number("--port", cl.simulator.port, "Loopback port, 0 for any free one", "PORT").show_default();
  to.text("--token", cl.simulator.token, "The only valid access token; empty accepts any", "TOKEN").show_default();
  add_simulator(to, cl);
  add_common(to, cl);
}

} // namespace sluice::cli
