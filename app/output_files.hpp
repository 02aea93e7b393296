#pragma once

#include "app/cli.hpp"

#include <string>

namespace sluice {

/// Why the files that a command line wants written cannot be written side by side, or empty: one of them is named
/// twice, or is a file that is read, or is where stdout or stderr goes. Each of that would destroy data in silence.
/// Devices, such as /dev/null and terminals, take everything.
std::string conflict_of_outputs(const command_line& cl);

} // namespace sluice
