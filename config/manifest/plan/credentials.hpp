#pragma once

#include "config/language/datetime.hpp"
#include "config/manifest/plan/limits.hpp"
#include "config/manifest/plan/templates.hpp"
#include "messages/credentials.hpp"
#include "messages/text/header_list.hpp"
#include "messages/text/jwt.hpp"

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
  /// Its request, error handlers and decoder; templates see `config` alone. Its own credential may be one that expires;
  /// that comes before it in `plan::credentials`. Never null.
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

/// JwtAuthenticator: a token that is made here and not asked for.
struct signed_token {
  /// A member of the header or of the claims.
  struct member {
    text_template name;
    value_or_template content;
    /// What the template renders is a text, whatever it looks like.
    bool is_text = false;
    /// From the manifest's additional ones, which must not take the place of others.
    bool is_added = false;
  };
  jwt::signing_key key;
  /// What of it is to be masked, whatever the configuration says of it.
  std::vector<std::string> secrets{};
  /// Besides `alg`.
  std::vector<member> header{};
  /// Besides `iat`, `exp` and `nbf`. Templates see `config`.
  std::vector<member> claims{};
  std::chrono::seconds duration{0};
  token_place place{};
};

/// The token of a moment.
expected<std::string> sign_token(const signed_token& how, const language::value& config, language::instant now);

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
  /// For `source::assertion`.
  std::optional<signed_token> assertion;
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

/// TokenQuota: calls that each token of a pool has for one kind of requests.
struct token_quota {
  std::string name;
  /// The requests that it is about, unless a quota before it is; none: those that no other quota is about.
  std::vector<request_matcher> matchers;
  /// Keys that lead to its numbers in what the status source answers; no `limit_path`: it tells no limit.
  std::vector<std::string> remaining_path;
  std::vector<std::string> reset_path;
  std::vector<std::string> limit_path;
  /// Headers of every answer that tell the same of the token that was used; empty: none does.
  std::string remaining_header;
  std::string reset_header;
  std::string limit_header;
  /// Statuses that mean that the token has none left.
  std::vector<int> exhaustion_statuses;
};

/// RateLimitedMultipleTokenAuthenticator: any of these tokens will do, each as long as it has calls left. How many it
/// has is asked for token by token.
struct token_pool {
  std::vector<std::string> tokens;
  token_place place;
  /// What is asked of each token's calls; it goes with that token.
  login_request status;
  /// Statuses of it that mean that the server keeps no count.
  std::vector<int> untracked_statuses;
  /// At least one.
  std::vector<token_quota> quotas;
  /// While no token has calls left, requests wait at most so long in all.
  std::chrono::microseconds longest_wait = std::chrono::hours{2};
  /// What of its limit, and how many calls at least, a token keeps back as long as another one has more than that.
  double reserve_fraction = 0.1;
  std::uint64_t least_reserve = 50;
};

/// How a credential that expires is obtained. One alternative a kind of authenticator.
using credential_source = std::variant<session_login, legacy_session_login, oauth_login, signed_token, token_pool>;

/// A credential that expires.
struct planned_credential {
  /// For people, logs and reports: `OAuth (client_credentials) at auth.example.com`.
  std::string name;
  credential_source how;
  /// Equal for two components that obtain the same: they are one credential.
  std::string identity{};
};

/// The pool that it is, if it is one.
inline const token_pool* pool_of(const planned_credential& x) {
  return std::get_if<token_pool>(&x.how);
}

/// A renewal of it changes what the connector config has to keep.
inline bool changes_config(const planned_credential& x) {
  const auto* oauth = std::get_if<oauth_login>(&x.how);
  return oauth != nullptr && oauth->store.has_value();
}

} // namespace sluice
