#pragma once

#include "actors/core/auth/login.hpp"
#include "actors/core/clock.hpp"
#include "actors/net/transport.hpp"
#include "actors/support/actor_base.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/interfaces.hpp"
#include "messages/text/redaction.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// Whom an authenticator speaks to.
struct authenticator_links {
  governor_actor governor;
  emitter_actor emitter;
};

/// An AUTHENTICATOR obtains one credential that expires, with a connection of its own, whenever the governor wants it.
/// What it learns is masked from then on: nobody can print a secret before the redactor knows it. What the connector
/// config has to keep goes to the emitter first; the credential is handed out when that is written. Detached, because
/// HTTP blocks; in tests scheduled.
struct authenticator_state {
  explicit authenticator_state(authenticator_actor::pointer owner) : self(owner) {}

  /// Obtains it anew; always ends with an answer to the governor.
  void obtain(const credential_wanted& x);
  /// Sends a request of the login, and says what follows from what came of it.
  login_step ask(const built_request& x);
  tl::expected<net::response, net::transport_failure> send(const net::request& x);
  void keep(login_answer x);
  void hand_out(login_answer x);
  void give_up(login_failure x);
  /// Tells the log what a token of a pool has left.
  void say_left(const std::vector<quota_left>& left) const;
  /// From now on these are masked, and those of the versions before for a while: they may be in texts that are under
  /// way.
  void hide(std::vector<std::string> secrets);
  void tell_redactor();
  caf::result<flushed> wait_until_kept();
  std::string describe() const;
  const planned_credential& planned() const { return plan->credentials[id]; }

  authenticator_actor::pointer self;
  plan_ptr plan;
  credential_id id = 0;
  std::unique_ptr<net::http_session> session;
  std::shared_ptr<redactor> secrets;
  authenticator_links links;
  wall_clock wall;
  std::optional<login> dialog;
  /// Of the last one; 0: there was none.
  std::uint64_t version = 0;
  /// Of a pool: which token was asked about last.
  std::uint32_t token = 0;
  /// The connector config with all that was changed in it; null: nothing was.
  std::shared_ptr<const language::value> config;
  /// What the configuration brought, and the secrets of the last few versions, newest first.
  std::vector<std::string> known;
  std::deque<std::vector<std::string>> learnt;
  /// The emitter has been told what the config must keep, and has not said that it is written; who waits for that.
  bool keeping = false;
  std::vector<caf::typed_response_promise<flushed>> to_answer;
  std::shared_ptr<flight_record> record;
  trace_log* trace = nullptr;
  /// Numbers the requests in a trace.
  std::uint64_t requests = 0;

  static constexpr const char* name = "authenticator";
};

using authenticator_self = actor_self<authenticator_actor, authenticator_state>;

/// @param plan what the run consists of.
/// @param id which of its credentials to obtain.
/// @param transport opens the authenticator's own connection.
/// @param secrets learns what is obtained.
/// @param links governor: hands the credential out; emitter: prints what the config has to keep.
/// @param bounds on retries.
/// @param wall the date, for what is good until a moment.
authenticator_actor::behavior_type authenticator(authenticator_self* self, plan_ptr plan, credential_id id,
                                                 std::shared_ptr<net::transport> transport,
                                                 std::shared_ptr<redactor> secrets, authenticator_links links,
                                                 retry_limits bounds, wall_clock wall);

} // namespace sluice
