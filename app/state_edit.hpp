#pragma once

#include "app/text/lines.hpp"
#include "config/state_file.hpp"
#include "messages/error.hpp"

#include <string>
#include <vector>

/// What the commands on states do with them.
namespace sluice {

/// States of `newer` replace those of the same streams.
std::vector<stream_state> merged(std::vector<stream_state> older, std::vector<stream_state> newer);

/// Without the states of these streams: `NAME[,NAME...]` each, names or patterns. `errc::bad_arguments` if there is no
/// state of a name: the nearest is named.
expected<std::vector<stream_state>> without_streams(std::vector<stream_state> states,
                                                    const std::vector<std::string>& names);

/// A row for each state, for people.
std::string state_table(const std::vector<stream_state>& states, const screen& on);

} // namespace sluice
