#include "app/commands.hpp"

#include "app/cli/command_docs.hpp"
#include "app/cli/shell_completions.hpp"
#include "app/console.hpp"

namespace sluice {

int run_completions(const command_line& cl) {
  console c{cl, console::audience::people};
  const auto docs = cli::all_docs();
  const auto& shell = cl.words.front();
  if (shell == "bash")
    return c.print(cli::bash_completion(docs)) ? 0 : 1;
  if (shell == "zsh")
    return c.print(cli::zsh_completion(docs)) ? 0 : 1;
  if (shell == "fish")
    return c.print(cli::fish_completion(docs)) ? 0 : 1;
  return c.fail({errc::bad_arguments,
                 failure_type::config_error,
                 "'" + shell + "' is no shell that is known here: bash, zsh or fish.",
                 {}});
}

} // namespace sluice
