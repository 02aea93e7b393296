#include "actors/core/auth/jwt_dialog.hpp"

#include "actors/core/auth/login_words.hpp"

#include <utility>

namespace sluice {

std::vector<std::string> secrets_of_token(const std::string& token) {
  const auto claims = token.find('.') + 1;
  const auto signature = token.find('.', claims) + 1;
  return {token, token.substr(claims, signature - 1 - claims), token.substr(signature)};
}

login_step jwt_dialog::begin(bool, const login_tries&, language::instant wall) const {
  auto token = sign_token(how_, plan_->config, wall);
  if (!token)
    return failed_login(failure_type::config_error,
                        "The token for " + name_ + " could not be made. " + token.error().message, errc::bad_config);
  login_answer result;
  result.fields.push_back({how_.place.where, how_.place.name, how_.place.prefix + *token, how_.place.inner});
  result.secrets = secrets_of_token(*token);
  result.valid_us = std::chrono::microseconds{how_.duration}.count();
  return result;
}

login_step jwt_dialog::hear(const login_reply&, const login_tries&, language::instant) const {
  return failed_login(failure_type::system_error, "Nothing was asked for " + name_ + ", and yet there is an answer.",
                      errc::internal);
}

login_step jwt_dialog::hear(const error& failure, const login_tries&) const {
  return login_failure{failure, -1};
}

} // namespace sluice
