#include "app/commands.hpp"

#include "app/trace_view.hpp"

#include <cstdio>

namespace sluice {

int run_trace_show(const command_line& cl) {
  auto view = load_trace(cl.trace_file);
  if (!view) {
    std::fprintf(stderr, "sluice: %s\n", view.error().message.c_str());
    return 1;
  }
  auto text = cl.trace_slice.empty() ? trace_by_actor(*view) : trace_of_slice(*view, cl.trace_slice);
  std::fputs(text.c_str(), stdout);
  return 0;
}

} // namespace sluice
