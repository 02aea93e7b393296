#include "app/simulator/credentials.hpp"

#include "app/simulator/json_text.hpp"
#include "app/simulator/query.hpp"

#include <Poco/Dynamic/Var.h>
#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sluice::simulator {

namespace {

using std::chrono::microseconds;

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view refresh_prefix = "simulator-refresh-";

api_answer json(int status, std::string body) {
  api_answer result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

/// An error as RFC 6749 has them.
api_answer oauth_error(int status, std::string_view code, std::string_view description) {
  std::string body;
  object_writer out{body};
  out.text("error", code);
  out.text("error_description", description);
  out.close();
  return json(status, std::move(body));
}

api_answer unauthorized(std::string_view why) {
  auto result = oauth_error(401, "invalid_token", why);
  result.headers.emplace_back("WWW-Authenticate", "Bearer error=\"invalid_token\"");
  return result;
}

/// A form's field; the query's reader reads forms, too.
std::string field(const request_target& form, std::string_view name) {
  return std::string{form.parameter(name).value_or("")};
}

std::uint64_t whole_number(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t result = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), result);
  return status == std::errc{} && end == text.data() + text.size() && !text.empty() ? result : otherwise;
}

std::uint64_t number(const request_target& target, std::string_view name, std::uint64_t otherwise) {
  return whole_number(target.parameter(name).value_or(""), otherwise);
}

/// A text of a JSON object; nothing if there is none.
std::string json_field(const std::string& body, const char* name) {
  try {
    const auto object = Poco::JSON::Parser{}.parse(body).extract<Poco::JSON::Object::Ptr>();
    return object.isNull() ? std::string{} : object->optValue<std::string>(name, "");
  } catch (const Poco::Exception&) {
    return {};
  }
}

std::int64_t seconds(microseconds x) {
  return std::chrono::duration_cast<std::chrono::seconds>(x).count();
}

} // namespace

bool credential_desk::serves(std::string_view target) noexcept {
  return target.starts_with("/oauth/") || target.starts_with("/session/") || target.starts_with("/tokens/");
}

api_answer credential_desk::answer(const credential_request& x, microseconds now) {
  const auto path = std::string_view{x.target}.substr(0, x.target.find('?'));
  const bool posts = x.method == "POST";
  if (path == "/oauth/token")
    return posts ? give_token(x, now) : oauth_error(405, "invalid_request", "A token is asked for with POST.");
  if (path == "/session/login")
    return posts ? log_in(x, now) : oauth_error(405, "invalid_request", "A session is opened with POST.");
  const auto token = x.authorization.starts_with(bearer) ? std::string_view{x.authorization}.substr(bearer.size()) : "";
  if (path == "/oauth/orders")
    return list(x, token, now);
  if (path == "/tokens/limit" || path == "/tokens/parcels")
    return count_call(x, token, now);
  if (path == "/session/tickets")
    return list(x, x.session, now);
  return oauth_error(404, "not_found", "There is no such resource.");
}

api_answer credential_desk::give_token(const credential_request& x, microseconds now) {
  const auto form = parse_target("/?" + x.body);
  auto refused = [this](int status, std::string_view code, std::string_view description) {
    ++seen_.refused_logins;
    return oauth_error(status, code, description);
  };
  if (field(form, "client_id") != client_id || field(form, "client_secret") != client_secret)
    return refused(401, "invalid_client", "The client is not known, or its secret is another.");
  const auto grant = field(form, "grant_type");
  if (grant == "refresh_token")
    return refresh(field(form, "refresh_token"), now);
  if (grant != "client_credentials")
    return refused(400, "unsupported_grant_type", "The grant type is not refresh_token or client_credentials.");
  std::string body;
  object_writer out{body};
  out.text("access_token", issue("access", now));
  out.text("token_type", "Bearer");
  out.number("expires_in", static_cast<std::uint64_t>(seconds(chosen_.lifetime)));
  out.close();
  return json(200, std::move(body));
}

api_answer credential_desk::refresh(const std::string& token, microseconds now) {
  std::uint64_t generation = 0;
  const auto digits = std::string_view{token}.substr(std::min(refresh_prefix.size(), token.size()));
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  const bool known = token.starts_with(refresh_prefix) && status == std::errc{} && end == digits.data() + digits.size()
                     && generation >= oldest_generation_ && generation <= generation_;
  if (!known) {
    ++seen_.refused_logins;
    return oauth_error(400, "invalid_grant", "The refresh token has ended, or was used before.");
  }
  if (chosen_.single_use) {
    oldest_generation_ = generation; // those before it have had their successor used
    ++generation_;
  }
  std::string body;
  object_writer out{body};
  out.text("access_token", issue("access", now));
  out.text("token_type", "Bearer");
  out.number("expires_in", static_cast<std::uint64_t>(seconds(chosen_.lifetime)));
  out.text("refresh_token", std::string{refresh_prefix} + std::to_string(generation_));
  out.close();
  return json(200, std::move(body));
}

api_answer credential_desk::log_in(const credential_request& x, microseconds now) {
  if (json_field(x.body, "username") != username || json_field(x.body, "password") != password) {
    ++seen_.refused_logins;
    return oauth_error(401, "access_denied", "The user is not known, or the password is another.");
  }
  std::string body;
  object_writer out{body};
  out.text("id", issue("session", now));
  out.close();
  return json(200, std::move(body));
}

api_answer credential_desk::list(const credential_request& x, std::string_view token, microseconds now) {
  const auto known = tokens_.find(token);
  if (known == tokens_.end())
    return unauthorized("There is no such token.");
  if (known->second.revoked)
    return unauthorized("The token was revoked.");
  if (now >= known->second.ends) {
    ++seen_.expired_uses;
    seen_.latest_use = std::max(seen_.latest_use, now - known->second.ends);
    return unauthorized("The token has expired.");
  }
  // Who has used what came with a refresh token has got it.
  oldest_generation_ = std::max(oldest_generation_, known->second.generation);
  ++seen_.lists;
  if (chosen_.revoke_every != 0 && seen_.lists % chosen_.revoke_every == 0)
    revoke_all();
  return rows(x);
}

api_answer credential_desk::count_call(const credential_request& x, std::string_view token, microseconds now) {
  const auto digits = token.substr(std::min(pool_token.size(), token.size()));
  const auto which = token.starts_with(pool_token) ? whole_number(digits, 0) : 0;
  if (which == 0 || which > most_tokens)
    return unauthorized("There is no such token.");
  seen_.tokens_used += counted_.contains(which) ? 0 : 1;
  auto& count = counted_[which];
  if (const auto window = now / chosen_.token_window; window != count.window)
    count = {window, 0};
  const auto ends = (count.window + 1) * chosen_.token_window;
  // A second that has begun counts: nobody who waits for it comes too early.
  const auto reset = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(x.wall + (ends - now)).count());
  const bool asks = x.target.starts_with("/tokens/limit");
  const bool refuses = !asks && count.used >= chosen_.token_calls;
  count.used += asks || refuses ? 0 : 1;
  const auto left = chosen_.token_calls - count.used;
  api_answer result;
  if (asks) {
    ++seen_.quota_questions;
    std::string body = R"({"calls":)";
    object_writer out{body};
    out.number("left", left);
    out.number("limit", chosen_.token_calls);
    out.number("reset", reset);
    out.close();
    return json(200, body + "}");
  }
  if (refuses) {
    ++seen_.refused_calls;
    result = oauth_error(429, "quota_exceeded", "The token has no calls left.");
    result.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds(ends - now))));
  } else {
    ++seen_.lists;
    result = rows(x);
  }
  result.headers.emplace_back("X-Calls-Left", std::to_string(left));
  result.headers.emplace_back("X-Calls-Limit", std::to_string(chosen_.token_calls));
  result.headers.emplace_back("X-Calls-Reset", std::to_string(reset));
  return result;
}

api_answer credential_desk::rows(const credential_request& x) {
  const auto target = parse_target(x.target);
  const auto shop = number(target, "shop", 1);
  const auto page = std::max<std::uint64_t>(1, number(target, "page", 1));
  std::string body;
  object_writer out{body};
  out.key("rows");
  body += '[';
  for (std::uint64_t i = 0; page <= chosen_.pages && i < rows_per_page; ++i) {
    body += i == 0 ? "" : ",";
    object_writer row{body};
    row.text("id", std::to_string(shop) + "-" + std::to_string((page - 1) * rows_per_page + i));
    row.number("shop", shop);
    row.close();
  }
  body += ']';
  if (page < chosen_.pages)
    out.number("next", page + 1);
  out.close();
  return json(200, std::move(body));
}

std::string credential_desk::issue(std::string_view kind, microseconds now) {
  // Those whose time was over long ago are known no more, so that a long run fills no memory.
  std::erase_if(tokens_, [&](const auto& x) { return x.second.ends + chosen_.lifetime < now; });
  seen_.issued.push_back(now);
  auto token = "simulator-" + std::string{kind} + "-" + std::to_string(seen_.issued.size());
  tokens_[token] = {now + chosen_.lifetime, false, chosen_.single_use ? generation_ : 0};
  return token;
}

void credential_desk::revoke_all() {
  ++seen_.revocations;
  for (auto& [token, x] : tokens_)
    x.revoked = true;
}

} // namespace sluice::simulator
