#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

namespace language {
class value;
} // namespace language

/// The HTTP status with which a server refuses a credential.
inline constexpr int unauthorized_status = 401;

/// Index into `plan::credentials`: a credential that expires.
using credential_id = std::uint32_t;

/// A header, query parameter or field of the body of a credential. The value is a secret: it is in no trace and no
/// report.
struct credential_field {
  enum class place : std::uint8_t { header, parameter, body_data, body_json };
  place where = place::header;
  std::string name;
  std::string value;
  /// Keys below `name` that lead on to the value; in `body_json` only.
  std::vector<std::string> inner{};
  bool operator==(const credential_field&) const = default;
};

using credential_fields = std::vector<credential_field>;

/// A credential that was obtained, as requests carry it. Never changed: another one takes its place.
struct issued_credential {
  /// Counts from 1 with each renewal.
  std::uint64_t version = 0;
  credential_fields fields;
  /// The connector config that came with it, as templates of requests see it; null: that of the plan.
  std::shared_ptr<const language::value> config{};
};

/// Shared by the requests that are sent with it.
using credential_ptr = std::shared_ptr<const issued_credential>;

/// GOVERNOR to AUTHENTICATOR: obtain the credential, or another one. Asked once, however many requests want it.
struct credential_wanted {
  credential_id id = 0;
  /// The version that the server refused; 0: none, there is none yet or the one there is ends soon.
  std::uint64_t refused = 0;
  /// Of a pool of tokens: which of them is asked about.
  std::uint32_t token = 0;
  /// What the login itself carries, if that is a credential that expires, too. Has no meaning as text, as it is secret.
  credential_ptr with{};
  /// A refusal of that (401) is answered by another one, and says nothing of the login yet.
  bool renewable = false;
};

/// What one token of a pool has left of one of its quotas, as the server said when it was asked about.
struct quota_left {
  /// False: the server keeps no count of it.
  bool tracked = true;
  std::uint64_t remaining = 0;
  std::uint64_t limit = 0;
  /// When there is as much as `limit` again: microseconds since the epoch by the server's clock, and from now on.
  std::int64_t resets_us = 0;
  std::int64_t resets_in_us = 0;
  bool operator==(const quota_left&) const = default;
};

/// AUTHENTICATOR to GOVERNOR: here it is. Its text holds no secret.
struct credential_ready {
  credential_id id = 0;
  credential_ptr credential;
  /// How long it holds from now on, microseconds; -1: nobody said.
  std::int64_t valid_us = -1;
  /// Of a pool of tokens: which of them it is, and what it has left of each quota, in the plan's order.
  std::uint32_t token = 0;
  std::vector<quota_left> quotas{};
};

/// AUTHENTICATOR to GOVERNOR: it could not be obtained.
struct credential_failed {
  credential_id id = 0;
  sluice::error error;
  /// It is worth another try after so long, microseconds; -1: it is not.
  std::int64_t retry_us = -1;
  /// The server refused the credential that the login carried, of this version: another one is worth a try. 0: it did
  /// not.
  std::uint64_t refused = 0;
};

/// A text of the connector config that is another one from now on.
struct config_change {
  /// Keys that lead to it, outermost first; objects that are missing are made.
  std::vector<std::string> path;
  std::string value;
  bool operator==(const config_change&) const = default;
};

/// AUTHENTICATOR to EMITTER: the connector config has changed; print it as a CONTROL line. Answered (`flushed`) when it
/// is written: what is in it may be relied upon then, and not before. Its text holds no secret.
struct config_update {
  credential_id id = 0;
  std::vector<config_change> changes;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credential_wanted& x) {
  return f(x.id, x.refused, x.token, x.renewable);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, quota_left& x) {
  return f(x.tracked, x.remaining, x.limit, x.resets_us, x.resets_in_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credential_ready& x) {
  return f(x.id, x.valid_us, x.token, x.quotas);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credential_failed& x) {
  return f(x.id, x.error, x.retry_us, x.refused);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, config_update& x) {
  return f(x.id);
}

} // namespace sluice
