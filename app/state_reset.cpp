#include "app/commands.hpp"

#include "app/atomic_file.hpp"
#include "app/console.hpp"
#include "app/file_lock.hpp"
#include "app/state_edit.hpp"

#include <utility>

namespace sluice {

namespace {

/// Takes the states of the streams out of their file.
expected<void> reset_in_place(const std::string& path, const std::vector<std::string>& streams) {
  auto lock = file_lock::take(path, "state file");
  if (!lock)
    return tl::unexpected(std::move(lock.error()));
  return load_own_state(path)
    .and_then([&](std::vector<stream_state> states) { return without_streams(std::move(states), streams); })
    .and_then([&](const std::vector<stream_state>& left) {
      return replace_file(path, state_list(left), 0600, "state file", durability::machine);
    });
}

} // namespace

int run_state_reset(const command_line& cl) {
  console c{cl, console::audience::people};
  const auto& path = cl.state_files.front();
  if (cl.in_place) {
    auto done = reset_in_place(path, {cl.reset_streams});
    return done ? 0 : c.fail(done.error());
  }
  auto left = load_state(path).and_then(
    [&](std::vector<stream_state> states) { return without_streams(std::move(states), {cl.reset_streams}); });
  if (!left)
    return c.fail(left.error());
  return c.print(state_list(*left)) ? 0 : 1;
}

} // namespace sluice
