#pragma once

#include "config/state_file.hpp"

#include <string>
#include <vector>

namespace sluice {

/// Makes states of Airbyte's published SurveyMonkey connector those of the built-in one: its stream `survey_responses`,
/// which is incremental in each survey, is `survey_responses_bulk` here. A state that this stream has already stays.
/// Returns sentences for the log about what was changed.
std::vector<std::string> adopt_published_states(std::vector<stream_state>& states);

} // namespace sluice
