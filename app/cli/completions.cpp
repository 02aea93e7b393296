#include "app/cli/declare.hpp"

namespace sluice::cli {

void declare_completions(options& to, command_line& cl) {
  to.arguments("SHELL", cl.words, "bash, zsh or fish").one().required();
}

} // namespace sluice::cli
