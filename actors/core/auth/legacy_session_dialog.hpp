#pragma once

#include "actors/core/auth/login_step.hpp"
#include "actors/core/pages/error_policy.hpp"
#include "config/manifest/plan/plan.hpp"

#include <string>
#include <vector>

namespace sluice {

/// The sessions of a LegacySessionTokenAuthenticator: the configuration's own is looked at once (the reference does so
/// before every request), and one that a login opens holds for a day, as in the reference.
class legacy_session_dialog {
public:
  legacy_session_dialog(const legacy_session_login& how, plan_ptr p, std::string name, const retry_limits& bounds);

  std::vector<std::string> known_secrets() const { return {how_.session}; }
  login_step begin(bool refused, const login_tries& tries, language::instant wall);
  login_step hear(login_reply reply, const login_tries& tries, language::instant wall);
  login_step hear(const error& failure, const login_tries& tries) const;

private:
  login_step open();
  login_step read_validation(const login_reply& reply, const login_tries& tries);
  login_step read_session(const login_reply& reply, const login_tries& tries) const;
  login_answer issued(std::string session, std::int64_t valid_us) const;
  login_step refused(const login_reply& reply, const login_tries& tries) const;

  const legacy_session_login& how_;
  plan_ptr plan_; // keeps `how_`
  std::string name_;
  request_purpose purpose_;
  /// The configuration's session is not good, or there is none.
  bool own_ended_;
  /// The request under way asks whether it is good.
  bool validating_ = false;
};

} // namespace sluice
