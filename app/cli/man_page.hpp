#pragma once

#include "app/cli/command_doc.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::cli {

/// The manual page of a command (`sluice-read.1`) and of the program (`sluice.1`), as roff.
/// @param version `0.2.0`
std::string man_page(const command_doc& command, std::string_view version);
std::string man_page(const std::vector<command_doc>& commands, std::string_view version);
/// `sluice-trace-show.1`
std::string man_name(const command_doc& command);

} // namespace sluice::cli
