#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

namespace {

constexpr std::uint64_t most_workers = 1000;

} // namespace

void declare_demo(options& to, command_line& cl) {
  to.group("The demo");
  to.number("--num-workers", cl.num_workers, "Concurrency level: size of the fetcher pool")
    .between(1, most_workers)
    .fallback("fetchers.pool_size of the tuning, 10");
  to.flag("--records", cl.show_records, "Print the protocol messages even when stdout is a terminal");
  add_simulator(to, cl);
  add_connector(to, cl);
  add_bounds(to, cl);
  add_report(to, cl);
  add_trace(to, cl);
  add_tuning(to, cl);
  add_common(to, cl);
}

} // namespace sluice::cli
