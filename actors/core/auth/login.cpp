#include "actors/core/auth/login.hpp"

#include <algorithm>
#include <utility>

namespace sluice {

namespace {

session_dialog dialog_of(const session_login& how, const plan_ptr& p, const std::string& name,
                         const retry_limits& bounds) {
  return {how, p, name, bounds};
}
legacy_session_dialog dialog_of(const legacy_session_login& how, const plan_ptr& p, const std::string& name,
                                const retry_limits& bounds) {
  return {how, p, name, bounds};
}
jwt_dialog dialog_of(const signed_token& how, const plan_ptr& p, const std::string& name, const retry_limits&) {
  return {how, p, name};
}
oauth_dialog dialog_of(const oauth_login& how, const plan_ptr& p, const std::string& name, const retry_limits& bounds) {
  return {how, p, name, bounds};
}
token_pool_dialog dialog_of(const token_pool& how, const plan_ptr& p, const std::string& name,
                            const retry_limits& bounds) {
  return {how, p, name, bounds};
}

// What a dialog needs to know of what is wanted.
login_step begin(session_dialog& x, const credential_wanted& w, const login_tries& tries, language::instant) {
  return x.begin(w, tries);
}
login_step begin(token_pool_dialog& x, const credential_wanted& w, const login_tries&, language::instant) {
  return x.begin(w.token);
}
template <class Dialog>
login_step begin(Dialog& x, const credential_wanted& w, const login_tries& tries, language::instant wall) {
  return x.begin(w.refused != 0, tries, wall);
}

std::vector<built_request> requests_of(const plan& p, const session_login& how) {
  auto built = build_shape(p, *how.login, {});
  return built ? std::vector{std::move(*built)} : std::vector<built_request>{};
}

std::vector<built_request> requests_of(const plan&, const legacy_session_login& how) {
  std::vector<built_request> result;
  if (!how.session.empty())
    result.push_back({how.validation.method, how.validation.url, {}, {}});
  if (how.login)
    result.push_back({how.login->method, how.login->url, how.login->headers, {}});
  return result;
}

std::vector<built_request> requests_of(const plan&, const oauth_login& how) {
  return {{"POST", how.url, how.headers, {}}};
}

std::vector<built_request> requests_of(const plan&, const token_pool& how) {
  return {{how.status.method, how.status.url, how.status.headers, {}}};
}

std::vector<built_request> requests_of(const plan&, const signed_token&) {
  return {};
}

} // namespace

std::vector<built_request> requests_of_login(const plan& p, const planned_credential& x) {
  return std::visit([&p](const auto& how) { return requests_of(p, how); }, x.how);
}

login::login(const plan_ptr& p, credential_id id, const retry_limits& bounds)
  : dialog_(
    std::visit([&](const auto& how) -> decltype(dialog_) { return dialog_of(how, p, p->credentials[id].name, bounds); },
               p->credentials[id].how)) {}

std::vector<std::string> login::known_secrets() const {
  return std::visit([](const auto& x) { return x.known_secrets(); }, dialog_);
}

login_step login::begin(const credential_wanted& wanted, language::instant wall) {
  return noted(std::visit([&](auto& x) { return sluice::begin(x, wanted, tries_, wall); }, dialog_));
}

login_step login::hear(login_reply reply, language::instant wall) {
  tries_.spent += reply.took;
  return noted(std::visit([&](auto& x) { return x.hear(std::move(reply), tries_, wall); }, dialog_));
}

login_step login::hear(const error& failure, std::chrono::microseconds took) {
  tries_.spent += took;
  return noted(std::visit([&](auto& x) { return x.hear(failure, tries_); }, dialog_));
}

login_step login::noted(login_step step) {
  if (const auto* failed = std::get_if<login_failure>(&step); failed != nullptr && failed->refused == 0) {
    ++tries_.count;
    tries_.spent += std::chrono::microseconds{std::max<std::int64_t>(failed->retry_us, 0)};
  } else if (std::holds_alternative<login_answer>(step)) {
    tries_ = {};
  }
  return step;
}

} // namespace sluice
