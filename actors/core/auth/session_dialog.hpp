#pragma once

#include "actors/core/auth/login_step.hpp"
#include "actors/core/pages/error_policy.hpp"
#include "config/manifest/plan/plan.hpp"

#include <string>
#include <vector>

namespace sluice {

/// The login of a SessionTokenAuthenticator: a request like any other, judged by its own error handler. Without
/// `expiration_duration` the token is used until the server refuses it (the reference logs in before every request). If
/// its own credential is one that expires, it carries the one that it is given; a refusal of that (401) is no answer
/// yet.
class session_dialog {
public:
  session_dialog(const session_login& how, plan_ptr p, std::string name, const retry_limits& bounds);

  std::vector<std::string> known_secrets() const { return {}; }
  login_step begin(const credential_wanted& wanted, const login_tries& tries);
  login_step hear(login_reply reply, const login_tries& tries, language::instant wall);
  login_step hear(const error& failure, const login_tries& tries) const;

private:
  page_request request(const login_tries& tries) const;
  login_failure judged(const verdict& v, const login_reply& reply) const;
  login_step read_token(login_reply reply) const;
  expected<std::string> sent_text(const std::string& token) const;

  const session_login& how_;
  plan_ptr plan_; // keeps `how_`
  std::string name_;
  retry_limits bounds_;
  /// What the request that was sent last carried.
  credential_ptr with_;
  bool renewable_ = false;
};

} // namespace sluice
