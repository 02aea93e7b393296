#pragma once

#include "actors/net/transport.hpp"
#include "actors/support/actor_base.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/interfaces.hpp"
#include "messages/text/redaction.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

/// An AUTHENTICATOR obtains one credential that expires, with a connection of its own, whenever the governor wants it.
/// What it learns is masked from then on: nobody can print a secret before the redactor knows it. Detached, because
/// HTTP blocks; in tests scheduled.
struct authenticator_state {
  explicit authenticator_state(authenticator_actor::pointer owner) : self(owner) {}

  /// Obtains it anew; always ends with an answer to the governor.
  void obtain();
  /// From now on these are masked, and those of the versions before for a while: they may be in texts that are under
  /// way.
  void hide(std::vector<std::string> secrets);
  std::string describe() const { return "credential " + planned().name + ": waits for credential_wanted"; }
  const planned_credential& planned() const { return plan->credentials[id]; }

  authenticator_actor::pointer self;
  plan_ptr plan;
  credential_id id = 0;
  std::unique_ptr<net::http_session> session;
  std::shared_ptr<redactor> secrets;
  governor_actor governor;
  /// Of the last one; 0: there was none.
  std::uint64_t version = 0;
  /// The secrets of the last few versions, newest first.
  std::deque<std::vector<std::string>> learnt;
  std::shared_ptr<flight_record> record;

  static constexpr const char* name = "authenticator";
};

using authenticator_self = actor_self<authenticator_actor, authenticator_state>;

/// @param plan what the run consists of.
/// @param id which of its credentials to obtain.
/// @param transport opens the authenticator's own connection.
/// @param secrets learns what is obtained.
/// @param governor hands the credential out.
authenticator_actor::behavior_type authenticator(authenticator_self* self, plan_ptr plan, credential_id id,
                                                 std::shared_ptr<net::transport> transport,
                                                 std::shared_ptr<redactor> secrets, governor_actor governor);

} // namespace sluice
