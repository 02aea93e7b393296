#pragma once

#include "actors/core/auth/login_step.hpp"
#include "actors/core/pages/error_policy.hpp"
#include "config/manifest/plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Token requests of an OAuthAuthenticator and what their answers mean (reference: `AbstractOauth2Authenticator` and
/// `SingleUseRefreshTokenOauth2Authenticator`). One request a token; 429 and 5xx are tried again, another refusal is the
/// configuration's fault.
class oauth_dialog {
public:
  oauth_dialog(const oauth_login& how, plan_ptr p, std::string name, const retry_limits& bounds);

  std::vector<std::string> known_secrets() const;
  login_step begin(bool refused, const login_tries& tries, language::instant wall);
  login_step hear(login_reply reply, const login_tries& tries, language::instant wall);
  login_step hear(const error& failure, const login_tries& tries) const;

private:
  built_request token_request() const;
  login_step read_refusal(const login_reply& reply, const login_tries& tries) const;
  login_step read_token(const login_reply& reply, language::instant wall);
  /// Until when an access token holds, by the server's clock.
  expected<language::datetime> end_of(const language::value* told, language::instant server) const;
  login_answer issued(std::string token, std::int64_t valid_us) const;

  const oauth_login& how_;
  plan_ptr plan_; // keeps `how_`
  std::string name_;
  request_purpose purpose_;
  /// The one that the next request carries; empty: none.
  std::string refresh_token_;
  /// The configuration's own access token has had its turn.
  bool begun_ = false;
  /// The present one was refused before its end.
  bool refused_ = false;
  /// The end of the present access token; none: there is none.
  std::optional<language::instant> ends_;
};

} // namespace sluice
