#pragma once

#include "messages/credentials.hpp"

#include <variant>

namespace sluice {

/// The requests need none.
struct no_credential {};

/// Known when the plan is compiled, and good for the whole run.
struct static_credential {
  credential_fields fields;
};

/// What a request carries besides its shape, so that the server knows whose it is.
using credential = std::variant<no_credential, static_credential>;

/// The fields that are known before the run: those of a static credential.
inline const credential_fields& known_fields(const credential& x) {
  static const credential_fields none;
  const auto* known = std::get_if<static_credential>(&x);
  return known != nullptr ? known->fields : none;
}

} // namespace sluice
