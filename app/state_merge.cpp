#include "app/commands.hpp"

#include "app/atomic_file.hpp"
#include "app/console.hpp"
#include "app/state_edit.hpp"

#include <utility>

namespace sluice {

int run_state_merge(const command_line& cl) {
  console c{cl, console::audience::people};
  std::vector<stream_state> all;
  for (const auto& file : cl.state_files) {
    auto states = load_state(file);
    if (!states)
      return c.fail(states.error());
    all = merged(std::move(all), std::move(*states));
  }
  const auto text = state_list(all);
  if (cl.output.empty())
    return c.print(text) ? 0 : 1;
  auto written = replace_file(cl.output, text, 0600, "state file", durability::machine);
  return written ? 0 : c.fail(written.error());
}

} // namespace sluice
