#pragma once

#include "app/cli/command_doc.hpp"

#include <string>
#include <vector>

namespace sluice::cli {

/// Scripts that complete commands, options, words and file names in a shell.
std::string bash_completion(const std::vector<command_doc>& commands);
std::string zsh_completion(const std::vector<command_doc>& commands);
std::string fish_completion(const std::vector<command_doc>& commands);

} // namespace sluice::cli
