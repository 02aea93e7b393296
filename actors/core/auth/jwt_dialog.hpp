#pragma once

#include "actors/core/auth/login_step.hpp"
#include "config/manifest/plan/plan.hpp"

#include <string>
#include <vector>

namespace sluice {

/// A JwtAuthenticator signs its tokens itself: its login has no requests.
class jwt_dialog {
public:
  jwt_dialog(const signed_token& how, plan_ptr p, std::string name)
    : how_(how), plan_(std::move(p)), name_(std::move(name)) {}

  std::vector<std::string> known_secrets() const { return how_.secrets; }
  login_step begin(bool refused, const login_tries& tries, language::instant wall) const;
  login_step hear(const login_reply& reply, const login_tries& tries, language::instant wall) const;
  login_step hear(const error& failure, const login_tries& tries) const;

private:
  const signed_token& how_;
  plan_ptr plan_; // keeps `how_`
  std::string name_;
};

/// Of a signed token: itself, and its parts, as far as they say more than that there is one.
std::vector<std::string> secrets_of_token(const std::string& token);

} // namespace sluice
