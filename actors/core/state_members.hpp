#pragma once

#include <string>
#include <string_view>

/// Members of a state's JSON object, taken out and put in as text: values keep theirs.
namespace sluice {

/// An object without one of its members; what is no object, or has no such member, comes back as it is.
std::string without_field(std::string_view text, std::string_view name);

/// An object with that member alone, or nothing.
std::string only_field(std::string_view text, std::string_view name);

/// An object with further members, given as they stand between its braces.
std::string with_members(std::string object, const std::string& members);

} // namespace sluice
