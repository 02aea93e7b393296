#pragma once

#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// `config`, a JSON object, with the settings that variables of the environment name. Behind the prefix a name is the
/// setting's, in any case, `_` for what no variable can have in its name; `__` leads into an object:
/// `PREFIX_CREDENTIALS__CLIENT_ID` is `credentials.client_id`. An empty variable sets nothing.
///
/// A value is text unless the specification wants another type: numbers, `true` and `false` are then read as such,
/// lists and objects as JSON. What cannot be read so stays text, for the validation to refuse.
///
/// Errors are `errc::bad_config`: a name that the specification does not have, a list or object that is no JSON. They
/// show no value.
expected<std::string> with_environment(std::string config, std::string_view prefix,
                                       const std::vector<std::string>& environment,
                                       std::string_view connection_specification);

} // namespace sluice
