#include "actors/core/auth/oauth_dialog.hpp"

#include "actors/core/admission/quota_headers.hpp"
#include "actors/core/auth/jwt_dialog.hpp"
#include "actors/core/auth/login_words.hpp"
#include "config/language/datetime.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/redaction.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sluice {

namespace {

using language::value;
using std::chrono::microseconds;

/// What an access token holds of which nobody says how long, as in the reference.
constexpr std::chrono::hours usual_validity{1};
/// No token holds longer: what says so is garbage, or means for ever.
constexpr double most_seconds = 100.0 * 366 * 24 * 3600;
/// Members are looked for so deep in an answer.
constexpr int deepest_member = 5;

/// The member of this name, wherever in the answer it is: the first in its order, the outer ones first where an object
/// has it. One that is null counts only in the outermost object. An error if the answer is nested too deep to tell.
expected<const value*> find_member(const value& x, const std::string& name, int depth = 0) {
  if (depth > deepest_member)
    return fail(errc::bad_page, failure_type::config_error, "it is nested too deep to find `" + name + "` in it");
  const auto look_into = [&](const value& y) { return find_member(y, name, depth + 1); };
  if (const auto* dict = x.as_dict()) {
    if (const auto* found = x.find(name))
      return found;
    for (const auto& member : *dict)
      if (auto found = look_into(member.second); !found || (*found != nullptr && !(*found)->is_none()))
        return found;
  } else if (const auto* list = x.as_list()) {
    for (const auto& element : *list)
      if (auto found = look_into(element); !found || (*found != nullptr && !(*found)->is_none()))
        return found;
  }
  return nullptr;
}

/// As a configuration keeps it: Python's `isoformat`.
std::string moment_text(const language::datetime& t) {
  auto text = language::to_text(value{t});
  std::replace(text.begin(), text.end(), ' ', 'T');
  return text;
}

} // namespace

oauth_dialog::oauth_dialog(const oauth_login& how, plan_ptr p, std::string name, const retry_limits& bounds)
  : how_(how), plan_(std::move(p)), name_(std::move(name)), purpose_(bounds.purpose),
    refresh_token_(how.refresh_token) {
  if (!how.access_token.empty())
    ends_ = how.good_until;
}

std::vector<std::string> oauth_dialog::known_secrets() const {
  std::vector<std::string> result{how_.refresh_token, how_.access_token};
  if (how_.assertion)
    result.insert(result.end(), how_.assertion->secrets.begin(), how_.assertion->secrets.end());
  for (const auto& field : how_.fields)
    if (field.secret)
      result.insert(result.end(), field.values.begin(), field.values.end());
  return result;
}

login_step oauth_dialog::begin(bool refused, const login_tries&, language::instant wall) {
  refused_ = refused;
  if (!std::exchange(begun_, true) && !how_.access_token.empty() && wall < how_.good_until)
    return issued(how_.access_token, (how_.good_until - wall).count());
  return token_request(wall);
}

login_step oauth_dialog::token_request(language::instant wall) {
  built_request result{"POST", how_.url, how_.headers, {}};
  if (how_.assertion) {
    auto signed_now = sign_token(*how_.assertion, plan_->config, wall);
    if (!signed_now)
      return failed_login(failure_type::config_error,
                          "The assertion for " + name_ + " could not be made. " + signed_now.error().message,
                          errc::bad_config);
    assertion_ = how_.assertion->place.prefix + *signed_now;
  }
  std::string form;
  const auto send = [&](const std::string& name, const std::string& text) {
    form += (form.empty() ? "" : "&") + url::quote(name, "", true) + "=" + url::quote(text, "", true);
  };
  for (const auto& field : how_.fields) {
    if (field.from == token_field::source::plan)
      for (const auto& text : field.values)
        send(field.name, text);
    else if (field.from == token_field::source::refresh_token)
      send(field.name, refresh_token_);
    else
      send(field.name, assertion_);
  }
  if (how_.in_query) {
    if (!form.empty())
      result.url += (result.url.find('?') == std::string::npos ? "?" : "&") + form;
    return result;
  }
  if (!form.empty() && !has_header(result.headers, "Content-Type"))
    result.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  result.body = std::move(form);
  return result;
}

login_step oauth_dialog::hear(login_reply reply, const login_tries& tries, language::instant wall) {
  auto step = reply.status >= 400 ? read_refusal(reply, tries) : read_token(reply, wall);
  // Nobody else knows an assertion that came to nothing, and a server may show it.
  if (auto* failed = std::get_if<login_failure>(&step); failed != nullptr && !assertion_.empty()) {
    redactor mask;
    mask.add(secrets_of_token(assertion_));
    failed->error.message = mask.apply(failed->error.message);
  }
  return step;
}

login_step oauth_dialog::hear(const error& failure, const login_tries& tries) const {
  return unanswered_login(name_, failure, tries, purpose_);
}

login_step oauth_dialog::read_refusal(const login_reply& reply, const login_tries& tries) const {
  auto message = answered(name_, reply.status, reply.body);
  if (reply.status == 429 || reply.status >= 500)
    return try_login_again({errc::http_status, failure_type::transient_error, std::move(message), ""}, tries, purpose_);
  const auto parsed = language::parse_json(reply.body);
  const auto* told = parsed ? parsed->find(how_.refusal_name) : nullptr;
  const auto in = [](const auto& list, const auto& x) { return std::find(list.begin(), list.end(), x) != list.end(); };
  if (told != nullptr && told->as_string() != nullptr && in(how_.refusal_statuses, reply.status)
      && in(how_.refusal_values, *told->as_string()))
    return login_failure{{errc::http_status, failure_type::config_error,
                          message
                            + " The refresh token is not good any more: it has ended, was withdrawn or used before. "
                              "Authorise the connector anew and put the new token into its configuration; the state "
                              "keeps what is complete.",
                          ""},
                         -1};
  return failed_login(failure_type::config_error, std::move(message));
}

login_step oauth_dialog::read_token(const login_reply& reply, language::instant wall) {
  const auto unreadable = [&](const std::string& why, failure_type failure = failure_type::system_error) {
    return failed_login(failure,
                        "The answer to the login for " + name_ + " (HTTP status " + std::to_string(reply.status)
                          + ") cannot be used: " + why + ". Nothing can be requested without it.",
                        errc::bad_page);
  };
  const auto body = language::parse_json(reply.body);
  if (!body)
    return unreadable("it is not JSON");
  const auto token = find_member(*body, how_.access_token_name);
  if (!token)
    return unreadable(token.error().message, token.error().failure);
  auto text = *token != nullptr ? token_text(**token) : std::string{};
  if (text.empty())
    return no_token_in(name_, reply.status, how_.access_token_name);
  const auto told = find_member(*body, how_.expires_in_name);
  if (!told)
    return unreadable(told.error().message, told.error().failure);
  const bool says = *told != nullptr && !(*told)->is_none();
  // A moment is the server's; a span began at the latest when the request was sent.
  const auto server = how_.expiry_is_moment && says ? server_time(reply.headers, wall) : wall;
  const auto ends = end_of(says ? *told : nullptr, server);
  if (!ends)
    return unreadable(ends.error().message);
  auto result = issued(std::move(text), std::max<std::int64_t>(0, (ends->instant - server - reply.took).count()));
  if (how_.store) {
    const auto next = find_member(*body, how_.refresh_token_name);
    if (!next)
      return unreadable(next.error().message, next.error().failure);
    result.changes.push_back({how_.store->access_token, result.secrets.front()});
    if (*next != nullptr && !(*next)->is_none()) {
      refresh_token_ = token_text(**next);
      result.secrets.push_back(refresh_token_);
      result.changes.push_back({how_.store->refresh_token, refresh_token_});
    }
    result.changes.push_back({how_.store->expiry_date, moment_text(*ends)});
  }
  ends_ = ends->instant;
  return result;
}

expected<language::datetime> oauth_dialog::end_of(const value* told, language::instant server) const {
  const auto unknown = [this](const char* what) {
    return fail(errc::bad_page, failure_type::system_error, "`" + how_.expires_in_name + "` in it is no " + what);
  };
  if (told == nullptr)
    return language::datetime{refused_ && ends_ && *ends_ > server ? *ends_ : server + usual_validity};
  if (how_.expiry_is_moment) {
    const auto moment = told_moment(*told);
    if (!moment)
      return unknown("date and time");
    return *moment;
  }
  const auto seconds = told_number(*told);
  if (!seconds)
    return unknown("number of seconds");
  const std::chrono::seconds span{static_cast<std::int64_t>(std::clamp(*seconds, -most_seconds, most_seconds))};
  return language::datetime{server + span};
}

login_answer oauth_dialog::issued(std::string token, std::int64_t valid_us) const {
  login_answer result;
  result.fields.push_back({credential_field::place::header, "Authorization", "Bearer " + token});
  result.secrets.push_back(std::move(token));
  if (!assertion_.empty())
    result.secrets.push_back(assertion_);
  result.valid_us = valid_us;
  return result;
}

} // namespace sluice
