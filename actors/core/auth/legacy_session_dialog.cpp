#include "actors/core/auth/legacy_session_dialog.hpp"

#include "actors/core/auth/login_words.hpp"

#include <chrono>
#include <utility>

namespace sluice {

namespace {

constexpr std::chrono::microseconds session_lifetime = std::chrono::hours{24};

built_request request_of(const login_request& x) {
  return {x.method, x.url, x.headers, x.body};
}

} // namespace

legacy_session_dialog::legacy_session_dialog(const legacy_session_login& how, plan_ptr p, std::string name,
                                             const retry_limits& bounds)
  : how_(how), plan_(std::move(p)), name_(std::move(name)), purpose_(bounds.purpose), own_ended_(how.session.empty()) {}

login_step legacy_session_dialog::begin(bool refused, const login_tries&, language::instant) {
  // One that was refused in the middle of a run would be validated in vain where requests are the judge.
  validating_ = !own_ended_ && !refused;
  return validating_ ? login_step{request_of(how_.validation)} : open();
}

login_step legacy_session_dialog::open() {
  own_ended_ = true;
  validating_ = false;
  if (!how_.login)
    return failed_login(failure_type::config_error,
                        "There is no session for " + name_
                          + ": the configuration's own is not good, and it has no user name and password to open "
                            "another.",
                        errc::bad_config);
  return request_of(*how_.login);
}

login_step legacy_session_dialog::hear(login_reply reply, const login_tries& tries, language::instant) {
  return validating_ ? read_validation(reply, tries) : read_session(reply, tries);
}

login_step legacy_session_dialog::hear(const error& failure, const login_tries& tries) const {
  return unanswered_login(name_, failure, tries, purpose_);
}

login_step legacy_session_dialog::read_validation(const login_reply& reply, const login_tries& tries) {
  if (reply.status == unauthorized_status)
    return open();
  if (reply.status >= 400)
    return refused(reply, tries);
  return issued(how_.session, -1);
}

login_step legacy_session_dialog::read_session(const login_reply& reply, const login_tries& tries) const {
  if (reply.status >= 400)
    return refused(reply, tries);
  const auto body = language::parse_json(reply.body);
  const auto* session = body ? body->find(how_.token_key) : nullptr;
  auto text = session != nullptr ? token_text(*session) : std::string{};
  if (text.empty())
    return no_token_in(name_, reply.status, how_.token_key);
  return issued(std::move(text), session_lifetime.count());
}

login_answer legacy_session_dialog::issued(std::string session, std::int64_t valid_us) const {
  login_answer result;
  result.fields.push_back({credential_field::place::header, how_.header, session});
  result.secrets.push_back(std::move(session));
  result.valid_us = valid_us;
  return result;
}

login_step legacy_session_dialog::refused(const login_reply& reply, const login_tries& tries) const {
  auto message = answered(name_, reply.status, reply.body);
  if (reply.status == 429 || reply.status >= 500)
    return try_login_again({errc::http_status, failure_type::transient_error, std::move(message), ""}, tries, purpose_);
  return failed_login(failure_type::config_error, std::move(message));
}

} // namespace sluice
