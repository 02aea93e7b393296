#include "app/cli/declare.hpp"

namespace sluice::cli {

void declare_help(options& to, command_line& cl) {
  to.arguments("COMMAND", cl.words, "The command, in one word or two; without it: all");
  to.flag("--man", cl.man, "Print its manual page (roff)");
  to.path("--man-pages", cl.output, "Write the manual pages of all commands into this folder", "FOLDER");
}

} // namespace sluice::cli
