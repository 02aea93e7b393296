#pragma once

#include "messages/credentials.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice {

/// The requests need none.
struct no_credential {};

/// Known when the plan is compiled, and good for the whole run.
struct static_credential {
  credential_fields fields;
};

/// Obtained during the run, by an actor of its own, and anew when it ends.
struct expiring_credential {
  /// Index into `plan::credentials`.
  credential_id id = 0;
};

/// What a request carries besides its shape, so that the server knows whose it is.
using credential = std::variant<no_credential, static_credential, expiring_credential>;

/// The fields that are known before the run: those of a static credential.
inline const credential_fields& known_fields(const credential& x) {
  static const credential_fields none;
  const auto* known = std::get_if<static_credential>(&x);
  return known != nullptr ? known->fields : none;
}

/// A request that is complete when the plan is compiled. Its texts may hold secrets of the configuration.
struct login_request {
  std::string method = "POST";
  /// Absolute and percent-encoded.
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// A login brings a token that requests carry for a while.
struct session_login {
  login_request request;
  /// Keys that lead to the token in the answer, which is JSON.
  std::vector<std::string> token_path;
  /// How long a token holds; none: until the server refuses it.
  std::optional<std::chrono::microseconds> valid_for;
  /// What requests carry: this field, with the token behind the prefix.
  credential_field::place where = credential_field::place::header;
  std::string field = "Authorization";
  std::string prefix = "Bearer ";
};

/// How a credential that expires is obtained. One alternative a kind of authenticator.
using credential_source = std::variant<session_login>;

/// A credential that expires.
struct planned_credential {
  /// For people, logs and reports.
  std::string name;
  credential_source how;
};

} // namespace sluice
