#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What is said of a name that templates do not have: whether the reference has it, and which one may be meant.
namespace sluice::language::detail {

std::string unknown_filter(const std::string& name);
std::string unknown_test(const std::string& name);
/// Neither a variable nor a function.
/// @param allowed the variables of this place.
std::string unknown_name(const std::string& name, const std::vector<std::string>& allowed);

} // namespace sluice::language::detail
