#include "app/commands.hpp"

#include "app/console.hpp"
#include "app/state_edit.hpp"
#include "app/terminal.hpp"

#include <unistd.h>

namespace sluice {

int run_state_show(const command_line& cl) {
  console c{cl, console::audience::people};
  auto states = load_state(cl.state_files.front());
  if (!states)
    return c.fail(states.error());
  return c.print(cl.json ? state_list(*states) : state_table(*states, screen_of(STDOUT_FILENO))) ? 0 : 1;
}

} // namespace sluice
