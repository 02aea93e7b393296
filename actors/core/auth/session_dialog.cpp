#include "actors/core/auth/session_dialog.hpp"

#include "actors/core/auth/login_words.hpp"
#include "actors/core/decode/decoder.hpp"
#include "config/language/value_path.hpp"

#include <utility>

namespace sluice {

namespace {

/// An answer to a login that is larger is none.
constexpr std::size_t most_login_bytes = std::size_t{16} << 20;

std::string path_text(const std::vector<std::string>& keys) {
  std::string result;
  for (const auto& key : keys)
    result += (result.empty() ? "" : ".") + key;
  return result;
}

} // namespace

session_dialog::session_dialog(const session_login& how, plan_ptr p, std::string name, const retry_limits& bounds)
  : how_(how), plan_(std::move(p)), name_(std::move(name)), bounds_(bounds) {}

page_request session_dialog::request(const login_tries& tries) const {
  page_request result;
  result.slice.label = "login for " + name_;
  result.attempt = tries.count;
  result.retrying_us = tries.spent.count();
  return result;
}

login_step session_dialog::begin(const credential_wanted& wanted, const login_tries& tries) {
  with_ = wanted.with;
  renewable_ = wanted.renewable;
  auto built = build_request(*plan_, *how_.login, request(tries), with_.get());
  if (!built)
    return login_failure{std::move(built.error()), -1};
  return std::move(*built);
}

login_step session_dialog::hear(login_reply reply, const login_tries& tries, language::instant wall) {
  answer_view view;
  view.status = reply.status;
  view.headers = &reply.headers;
  view.body = reply.body;
  auto parsed = language::parse_json(reply.body);
  view.response = parsed && !parsed->is_none() ? std::move(*parsed) : language::value{language::value_dict{}};
  view.url = reply.url;
  view.renewable = renewable_;
  const auto v = judge_answer(*plan_, *how_.login, request(tries), view, bounds_, wall);
  if (with_ && renewable_ && (reply.status == unauthorized_status || v.action == response_action::renew_credential)) {
    auto result = judged(v, reply);
    result.retry_us = 0;
    result.refused = with_->version;
    return result;
  }
  // An ignored answer is an answer: it may hold the token all the same.
  if (v.action == response_action::success || v.action == response_action::ignore)
    return read_token(std::move(reply));
  return judged(v, reply);
}

login_step session_dialog::hear(const error& failure, const login_tries& tries) const {
  const auto v = judge_failure(*how_.login, request(tries), failure, how_.login->request.url_base, bounds_);
  if (failure.code == errc::interrupted)
    return login_failure{failure, -1};
  auto told = v.error;
  told.message = "The login for " + name_ + " got no answer. " + told.message;
  return login_failure{std::move(told), v.action == response_action::retry ? v.wait.count() : -1};
}

login_failure session_dialog::judged(const verdict& v, const login_reply& reply) const {
  login_failure result{v.error, -1};
  result.error.message = "The login for " + name_ + " was answered with HTTP status " + std::to_string(reply.status)
                         + ". " + v.error.message;
  if (v.action == response_action::retry || v.action == response_action::rate_limited)
    result.retry_us = v.wait.count();
  return result;
}

login_step session_dialog::read_token(login_reply reply) const {
  if (auto decoded = decode_body(how_.login->decoder, reply.body, most_login_bytes); !decoded)
    return login_failure{std::move(decoded.error()), -1};
  const auto body = language::parse_json(reply.body);
  const language::value* token = nullptr;
  if (body) {
    // The reference's decoders take a list for the answers that it holds, and a login is the first.
    const auto* list = body->as_list();
    const auto& first = list != nullptr && !list->empty() ? list->front() : *body;
    token = language::only_value_at(first, how_.token_path);
  }
  auto text = token != nullptr ? token_text(*token) : std::string{};
  if (text.empty())
    return no_token_in(name_, reply.status, path_text(how_.token_path));
  auto sent = sent_text(text);
  if (!sent)
    return login_failure{std::move(sent.error()), -1};
  login_answer result;
  result.fields.push_back({how_.place.where, how_.place.name, *sent, how_.place.inner});
  // What a template has made of it is another secret, unless it is in there as it is.
  if (sent->find(text) == std::string::npos)
    result.secrets.push_back(std::move(*sent));
  result.secrets.push_back(std::move(text));
  if (how_.valid_for)
    result.valid_us = how_.valid_for->count();
  return result;
}

expected<std::string> session_dialog::sent_text(const std::string& token) const {
  if (!how_.place.text)
    return how_.place.prefix + token;
  language::scope s;
  s.set("config", plan_->config);
  s.set("session_token", language::value{token});
  return how_.place.text->render(s);
}

} // namespace sluice
