#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice {

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
};

/// Shared by the requests that are sent with it.
using credential_ptr = std::shared_ptr<const issued_credential>;

/// GOVERNOR to AUTHENTICATOR: obtain the credential, or another one. Asked once, however many requests want it.
struct credential_wanted {
  credential_id id = 0;
  /// The version that the server refused; 0: none, there is none yet or the one there is ends soon.
  std::uint64_t refused = 0;
};

/// AUTHENTICATOR to GOVERNOR: here it is. Its text holds no secret.
struct credential_ready {
  credential_id id = 0;
  credential_ptr credential;
  /// How long it holds from now on, microseconds; -1: nobody said.
  std::int64_t valid_us = -1;
};

/// AUTHENTICATOR to GOVERNOR: it could not be obtained.
struct credential_failed {
  credential_id id = 0;
  sluice::error error;
  /// It is worth another try after so long, microseconds; -1: it is not.
  std::int64_t retry_us = -1;
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
  return f(x.id, x.refused);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credential_ready& x) {
  return f(x.id, x.valid_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, credential_failed& x) {
  return f(x.id, x.error, x.retry_us);
}
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, config_update& x) {
  return f(x.id);
}

} // namespace sluice
