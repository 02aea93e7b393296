#include "actors/core/auth/login.hpp"

#include "actors/core/pages/error_policy.hpp"
#include "actors/core/pages/error_text.hpp"
#include "config/language/value.hpp"
#include "messages/text/utf8.hpp"

#include <utility>

namespace sluice {

namespace {

constexpr std::size_t shown_login_text = 300;

/// A status that may be another one next time.
bool login_may_pass(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

tl::unexpected<error> refused_login(const std::string& name, int status, std::string_view body) {
  auto told = std::string{utf8_prefix(error_text(body), shown_login_text)};
  const auto message = "The login for " + name + " was answered with HTTP status " + std::to_string(status)
                       + (told.empty() ? "." : ". The server says: " + told + (told.back() == '.' ? "" : "."));
  if (login_may_pass(status))
    return fail(errc::http_status, failure_type::transient_error, message);
  return fail(errc::http_status, failure_type::config_error,
              message + " Correct the credentials in the connector configuration, then run again.");
}

} // namespace

expected<login_answer> read_login(const session_login& how, const std::string& name, int status,
                                  std::string_view body) {
  if (status < 200 || status >= 300)
    return refused_login(name, status, body);
  auto parsed = language::parse_json(body);
  const auto* at = parsed ? &*parsed : nullptr;
  for (const auto& key : how.token_path)
    at = at != nullptr ? at->find(key) : nullptr;
  const auto* token = at != nullptr ? at->as_string() : nullptr;
  if (token == nullptr || token->empty()) {
    std::string path;
    for (const auto& key : how.token_path)
      path += (path.empty() ? "" : ".") + key;
    return fail(errc::bad_page, failure_type::system_error,
                "The answer to the login for " + name + " (HTTP status " + std::to_string(status)
                  + ") holds no token at `" + path + "`, so nothing can be requested with it.");
  }
  login_answer result;
  result.fields.push_back({how.where, how.field, how.prefix + *token});
  result.secrets.push_back(*token);
  if (how.valid_for)
    result.valid_us = how.valid_for->count();
  return result;
}

} // namespace sluice
