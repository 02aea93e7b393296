#pragma once

#include "config/manifest/plan/casts.hpp"

#include <string>
#include <string_view>

namespace sluice {

/// Appends what `rule` makes of `text`, the text of a JSON value, with all that is in it: Python's `str`, `float`,
/// `int`, `bool`, a list around a single value. False, and nothing appended, if it stays as it is: it has the type, it
/// cannot be cast, or the number would lose digits.
bool append_cast(std::string& out, std::string_view text, const cast_rule& rule);

} // namespace sluice
