#pragma once

#include "actors/core/requests/request_builder.hpp"
#include "messages/credentials.hpp"
#include "messages/error.hpp"
#include "messages/text/header_list.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice {

/// What a login brought.
struct login_answer {
  /// As requests carry it.
  credential_fields fields;
  /// What of it must be masked.
  std::vector<std::string> secrets;
  /// How long it holds from now on, microseconds; -1: nobody said.
  std::int64_t valid_us = -1;
  /// What the connector config must keep before the credential may be used; empty: nothing.
  std::vector<config_change> changes;
  /// Of a token of a pool: what it has left of each quota.
  std::vector<quota_left> quotas{};
};

/// A login came to nothing. Its error says whose turn it is.
struct login_failure {
  sluice::error error;
  /// It is worth another try after so long, microseconds; -1: it is not.
  std::int64_t retry_us = -1;
  /// The credential that the login carried was refused, of this version: the try does not count. 0: it was not.
  std::uint64_t refused = 0;
};

/// What is to be done next: send this request and tell what came of it, or nothing more.
using login_step = std::variant<built_request, login_answer, login_failure>;

/// An answer to a request of a login.
struct login_reply {
  int status = 0;
  header_list headers;
  /// May be changed where it stands.
  std::string body;
  /// The URL that answered.
  std::string url;
  /// From sending the request to the end of the answer.
  std::chrono::microseconds took{0};
};

/// The tries of a login that failed since the last one that did not.
struct login_tries {
  std::uint32_t count = 0;
  /// Time that they took, waits included.
  std::chrono::microseconds spent{0};
};

} // namespace sluice
