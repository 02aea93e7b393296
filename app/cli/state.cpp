#include "app/cli/declare.hpp"
#include "app/cli/groups.hpp"

namespace sluice::cli {

void declare_state_show(options& to, command_line& cl) {
  to.arguments("FILE", cl.state_files, "A list of states, a legacy object, or messages of a run").one().required();
  to.flag("--json", cl.json, "Print the states as a list, as --state takes it");
  add_common(to, cl);
}

void declare_state_merge(options& to, command_line& cl) {
  to.arguments("FILE", cl.state_files,
               "Lists of states, legacy objects, messages of runs; of each stream the last counts")
    .required();
  to.path("--output", cl.output, "Write the list to this file, replaced as a whole; it may be one of the others");
  add_common(to, cl);
}

void declare_state_reset(options& to, command_line& cl) {
  to.argument("STREAM", cl.reset_streams, "Streams to forget, NAME[,NAME...]; names or patterns").required();
  to.arguments("FILE", cl.state_files, "A list of states, a legacy object, or messages of a run").one().required();
  to.flag("--in-place", cl.in_place, "Replace the file instead of printing what is left");
  add_common(to, cl);
}

} // namespace sluice::cli
