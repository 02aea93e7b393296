#pragma once

#include "config/manifest/plan/credentials.hpp"
#include "messages/credentials.hpp"
#include "messages/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
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
};

/// Reads the answer of a login. An answer that is none says whether it may pass (`transient_error`) or the user must
/// act (`config_error`).
/// @param name of the credential, for messages.
expected<login_answer> read_login(const session_login& how, const std::string& name, int status, std::string_view body);

} // namespace sluice
