#pragma once

#include "actors/core/auth/jwt_dialog.hpp"
#include "actors/core/auth/legacy_session_dialog.hpp"
#include "actors/core/auth/login_step.hpp"
#include "actors/core/auth/oauth_dialog.hpp"
#include "actors/core/auth/session_dialog.hpp"
#include "actors/core/auth/token_pool_dialog.hpp"
#include "config/manifest/plan/plan.hpp"

#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// How one credential is obtained, again and again: which requests are to be sent, what their answers mean, whether a
/// login that failed is worth another try and when, and what must be remembered from one login to the next. Pure: who
/// sends is the authenticator, or a probe; time comes in as arguments.
class login {
public:
  /// @param bounds on retries, where neither the manifest nor the kind of credential says another.
  login(const plan_ptr& p, credential_id id, const retry_limits& bounds);

  /// Secrets that the configuration brings along, whether it says so of them or not.
  std::vector<std::string> known_secrets() const;

  /// A credential is wanted.
  login_step begin(const credential_wanted& wanted, language::instant wall);
  /// The same for one that needs nothing else.
  /// @param refused there is one that was not to end yet, and the server refused it.
  login_step begin(bool refused, language::instant wall) {
    credential_wanted wanted;
    wanted.refused = refused ? 1 : 0;
    return begin(wanted, wall);
  }
  /// The request of the last step was answered.
  login_step hear(login_reply reply, language::instant wall);
  /// It was not, and took so long.
  login_step hear(const error& failure, std::chrono::microseconds took);

private:
  login_step noted(login_step step);

  std::variant<session_dialog, legacy_session_dialog, oauth_dialog, jwt_dialog, token_pool_dialog> dialog_;
  login_tries tries_;
};

/// The requests that one login may send, as far as they are known beforehand: for finding out which policies of the
/// budget govern them.
std::vector<built_request> requests_of_login(const plan& p, const planned_credential& x);

} // namespace sluice
