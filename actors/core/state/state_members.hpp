#pragma once

#include "messages/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Members of a state's JSON object, taken out and put in as text: values keep theirs.
namespace sluice {

/// An object without one of its members; what is no object, or has no such member, comes back as it is.
std::string without_field(std::string_view text, std::string_view name);

/// An object with that member alone, or nothing.
std::string only_field(std::string_view text, std::string_view name);

/// An object with further members, given as they stand between its braces.
std::string with_members(std::string object, const std::string& members);

/// A member of a state's object, as views of its text.
struct state_member {
  std::string key;
  /// As it is in the text, without quotes.
  std::string_view raw_key;
  std::string_view value;
};

/// The members of an object, which is valid JSON; of Airbyte's markers none.
std::vector<state_member> members_of(std::string_view object);

/// The value of a member, or an empty text; of equal keys the last one counts.
std::string_view value_of(const std::vector<state_member>& members, std::string_view key);

/// `errc::bad_state` if one of Airbyte's markers in the object is not `true`: it would say that there is no state, and
/// that is not what the state says. `where` completes "The state's ...".
std::optional<error> misused_marker(std::string_view object, const std::string& where = {});

} // namespace sluice
