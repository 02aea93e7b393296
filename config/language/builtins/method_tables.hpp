#pragma once

#include "config/language/signature.hpp"

#include <string_view>
#include <vector>

namespace sluice::language::detail {

// The methods of each type, sorted by name.

/// Of strings: those that cut, search and replace.
const std::vector<builtin>& string_methods();
/// Of strings: those that look at each character, or lay texts out.
const std::vector<builtin>& text_methods();
const std::vector<builtin>& datetime_methods();
const std::vector<builtin>& date_methods();
const std::vector<builtin>& duration_methods();
const std::vector<builtin>& integer_methods();
const std::vector<builtin>& float_methods();

/// A method of that name changes the list or dict that it belongs to.
bool changes_its_object(std::string_view name) noexcept;

} // namespace sluice::language::detail
