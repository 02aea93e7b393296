#pragma once

#include "config/language/signature.hpp"

#include <vector>

namespace sluice::language::detail {

// The methods of each type, sorted by name.

const std::vector<builtin>& string_methods();
const std::vector<builtin>& datetime_methods();
const std::vector<builtin>& date_methods();
const std::vector<builtin>& duration_methods();

} // namespace sluice::language::detail
