#pragma once

#include "config/language/datetime.hpp"
#include "config/manifest/plan/templates.hpp"
#include "messages/credentials.hpp"
#include "messages/text/header_list.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

struct endpoint;

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

/// How requests carry a token that was obtained.
struct token_place {
  credential_field::place where = credential_field::place::header;
  std::string name = "Authorization";
  /// Keys below `name` that lead on to it; in `body_json` only.
  std::vector<std::string> inner{};
  /// What stands before the token.
  std::string prefix = "Bearer ";
  /// Instead of prefix and token: a template that sees `config` and `session_token`.
  std::optional<text_template> text{};
};

/// A request that is complete when the plan is compiled. Its texts may hold secrets of the configuration.
struct login_request {
  std::string method = "POST";
  /// Absolute and percent-encoded.
  std::string url;
  header_list headers;
  std::string body;
};

/// SessionTokenAuthenticator: a request of the manifest's brings a token that requests carry for a while.
struct session_login {
  /// Its request, error handlers and decoder; templates see `config` alone. Never null.
  std::shared_ptr<const endpoint> login;
  /// Keys that lead to the token in the answer (`session_token_path`).
  std::vector<std::string> token_path;
  /// How long a token holds; none: until the server refuses it.
  std::optional<std::chrono::microseconds> valid_for;
  token_place place;
};

/// LegacySessionTokenAuthenticator: a session that the configuration brings along, if the server still knows it, else
/// one that user name and password open.
struct legacy_session_login {
  /// The session of the configuration; empty: it brings none.
  std::string session;
  /// Says with 401 that the session is no longer good. Carries it in `header`.
  login_request validation;
  /// Opens a session; none: there is no user name or no password.
  std::optional<login_request> login;
  /// The member of the answer that is the session.
  std::string token_key;
  /// The header that requests carry it in.
  std::string header;
};

/// A field of a token request.
struct token_field {
  /// Where its value comes from: it is known before the run, or it is the refresh token of the moment, or an assertion
  /// that is signed for each request.
  enum class source : std::uint8_t { plan, refresh_token, assertion };
  std::string name;
  source from = source::plan;
  /// Of `source::plan`: each is sent, under the same name.
  std::vector<std::string> values{};
  /// The values are to be masked, whatever the configuration says of them.
  bool secret = false;
  bool operator==(const token_field&) const = default;
};

/// Where a connector config keeps what a renewal changes (`refresh_token_updater`): keys, outermost first.
struct token_store {
  std::vector<std::string> access_token;
  std::vector<std::string> refresh_token;
  std::vector<std::string> expiry_date;
  bool operator==(const token_store&) const = default;
};

/// OAuthAuthenticator: an access token that a token endpoint issues (RFC 6749), whatever the grant type.
struct oauth_login {
  /// Absolute and percent-encoded.
  std::string url;
  header_list headers;
  /// In the order in which they are sent, in the query or as a form.
  std::vector<token_field> fields;
  bool in_query = false;
  /// Names of the answer's members, wherever in it they are.
  std::string access_token_name = "access_token";
  std::string expires_in_name = "expires_in";
  std::string refresh_token_name = "refresh_token";
  /// What `expires_in_name` tells is a moment, not a number of seconds.
  bool expiry_is_moment = false;
  /// That of the configuration; empty: none.
  std::string refresh_token;
  /// An access token that the configuration brings along, good until then: empty, none.
  std::string access_token;
  language::instant good_until{};
  /// Answers that mean that the refresh token is not good any more: a status of these, and in the member of this name
  /// one of these texts.
  std::vector<int> refusal_statuses;
  std::string refusal_name;
  std::vector<std::string> refusal_values;
  /// The server issues another refresh token with each access token, and the configuration has to keep both: they leave
  /// as a CONTROL line before anything is requested with them.
  std::optional<token_store> store;
};

/// How a credential that expires is obtained. One alternative a kind of authenticator.
using credential_source = std::variant<session_login, legacy_session_login, oauth_login>;

/// A credential that expires.
struct planned_credential {
  /// For people, logs and reports: `OAuth (client_credentials) at auth.example.com`.
  std::string name;
  credential_source how;
  /// Equal for two components that obtain the same: they are one credential.
  std::string identity{};
};

/// A renewal of it changes what the connector config has to keep.
inline bool changes_config(const planned_credential& x) {
  const auto* oauth = std::get_if<oauth_login>(&x.how);
  return oauth != nullptr && oauth->store.has_value();
}

} // namespace sluice
