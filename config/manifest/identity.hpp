#pragma once

#include "config/language/value.hpp"

#include <string>

namespace sluice {

/// Text that is equal for two streams (checked DeclarativeStream components) if nothing in their retrievers and cursors
/// can make a difference to a request or to a page: they may share an endpoint. It holds everything that the manifest
/// says there, less a list of what is known to be only about outputs, so a field that is new to the language keeps
/// streams apart until the list names it.
/// `$parameters` count where a template reads them. The parents themselves are left out: what they have become in the
/// plan tells whether they are the same.
std::string identity_of(const language::value& stream);

/// The same for any component.
std::string identity_of_part(const language::value& component);

} // namespace sluice
