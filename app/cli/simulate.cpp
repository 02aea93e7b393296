#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

namespace {

constexpr std::uint64_t largest_port = 65535;

} // namespace

void declare_simulate(options& to, command_line& cl) {
  to.group("The simulator");
  to.number("--port", cl.simulator.port, "Loopback port, 0 for any free one", "PORT")
    .between(0, largest_port)
    .fallback("0");
  to.text("--token", cl.simulator.token, "The only valid access token; empty accepts any", "TOKEN")
    .fallback(cl.simulator.token);
  add_simulator(to, cl);
  add_common(to, cl);
}

} // namespace sluice::cli
