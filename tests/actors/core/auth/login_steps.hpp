#pragma once

#include "actors/core/auth/login.hpp"
#include "tests/support/catch2.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace sluice::test {

inline constexpr language::instant noon{std::chrono::seconds{1'700'000'000}};

inline login_reply replied(int status, std::string body, header_list headers = {},
                           std::chrono::microseconds took = std::chrono::microseconds{0}) {
  return {status, std::move(headers), std::move(body), "https://api.test/login", took};
}

/// The login for `what`, of a plan whose config is `{"kind": "Token"}`.
inline login login_of(credential_source how, request_purpose purpose = request_purpose::read) {
  plan p;
  p.config = language::value{language::value_dict{{"kind", language::value{"Token"}}}};
  p.credentials = {{"the account", std::move(how)}};
  retry_limits bounds;
  bounds.purpose = purpose;
  return {std::make_shared<const plan>(std::move(p)), 0, bounds};
}

/// The step, which must be a `T`.
template <class T>
T expect(const login_step& step) {
  const auto* x = std::get_if<T>(&step);
  if (const auto* failed = std::get_if<login_failure>(&step))
    UNSCOPED_INFO(failed->error.message);
  REQUIRE(x != nullptr);
  return *x;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace sluice::test
