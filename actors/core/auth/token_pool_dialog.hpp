#pragma once

#include "actors/core/auth/login_step.hpp"
#include "actors/core/pages/error_policy.hpp"
#include "config/manifest/plan/plan.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

/// Asks the status source of a pool of tokens what one of them has left. The token itself is known; what the question
/// brings is whether it may be used.
class token_pool_dialog {
public:
  token_pool_dialog(const token_pool& how, plan_ptr p, std::string name, const retry_limits& bounds);

  std::vector<std::string> known_secrets() const { return how_.tokens; }
  /// @param token which of the pool's.
  login_step begin(std::uint32_t token);
  login_step hear(const login_reply& reply, const login_tries& tries, language::instant wall) const;
  login_step hear(const error& failure, const login_tries& tries) const;

private:
  login_answer answer() const;
  login_step refused(const login_reply& reply, const login_tries& tries) const;
  /// `tokens at api.example.com, token 2 of 3`
  std::string name() const;

  const token_pool& how_;
  plan_ptr plan_; // keeps `how_`
  std::string name_;
  request_purpose purpose_;
  std::uint32_t token_ = 0;
};

} // namespace sluice
