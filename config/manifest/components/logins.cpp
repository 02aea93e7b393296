#include "config/manifest/components/logins.hpp"

#include "config/language/value_path.hpp"
#include "config/manifest/components/all.hpp"
#include "config/manifest/identity.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/text/url.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

token_place place_of(context&, const view<SessionTokenBearer>&) {
  return {};
}

token_place place_of(context& x, const view<SessionTokenApiKey>& c) {
  using fields = SessionTokenApiKey;
  const auto option = compile_option(x, c[&fields::inject_into].get()).value_or(request_option{});
  token_place result{secret_place(option.into), option.name, option.inner, "", std::nullopt};
  if (const auto template_field = c[&fields::api_token]; !template_field.text().empty())
    result.text = x.dynamic(template_field, {"session_token"});
  return result;
}

std::optional<std::chrono::microseconds> validity_of(context& x, const text_ref& field) {
  if (field.text().empty())
    return std::nullopt;
  const auto span = language::parse_iso8601_duration(field.text());
  if (!span) {
    x.refuse(field, "it is no duration, such as PT1H: " + span.error().message);
    return std::nullopt;
  }
  return language::add(x.input().now, *span) - x.input().now;
}

} // namespace

std::string host_of(std::string_view text) {
  const auto parts = url::split(text);
  return parts ? parts->authority() : std::string{"an address that depends on the configuration"};
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

credential_field::place secret_place(inject_into into) {
  switch (into) {
    case inject_into::parameter:
      return credential_field::place::parameter;
    case inject_into::body_data:
      return credential_field::place::body_data;
    case inject_into::body_json:
      return credential_field::place::body_json;
    default:
      return credential_field::place::header;
  }
}

planned_credential compile_session(context& x, std::vector<planned_credential>& all,
                                   const view<SessionTokenAuthenticator>& c) {
  using fields = SessionTokenAuthenticator;
  const auto requester = *c[&fields::login_requester].get();
  auto login = std::make_shared<endpoint>();
  login->name = "login";
  login->request = compile_request(x, all, requester);
  const auto* own = std::get_if<expiring_credential>(&login->request.credential);
  if (own != nullptr && pool_of(all[own->id]) != nullptr)
    x.refuse(requester, "a login with one of several tokens that each have a quota is not supported");
  login->errors = compile_error_handlers(x, requester);
  if (!x.failed())
    check_collisions(x, requester, *login);
  session_login how;
  how.token_path = c[&fields::session_token_path].list();
  how.valid_for = validity_of(x, c[&fields::expiration_duration]);
  how.place = std::visit([&x](const auto& a) { return place_of(x, a); }, *c[&fields::request_authentication].get());
  planned_credential result{"session token at " + host_of(login->request.url_base), {}, identity_of_part(c.whole())};
  how.login = std::move(login);
  result.how = std::move(how);
  return result;
}

planned_credential compile_legacy_session(context& x, const std::string& url_base,
                                          const view<LegacySessionTokenAuthenticator>& c) {
  using fields = LegacySessionTokenAuthenticator;
  const auto url_of = [&](const text_ref& field) {
    auto text = url_base + x.fixed(field);
    if (const auto parts = url::split(text); !parts && !x.failed())
      x.refuse_config(field, "with the requester's url_base it is no http or https URL: " + std::string{parts.error()});
    return url::encode_illegal(text);
  };
  legacy_session_login how;
  how.session = x.fixed(c[&fields::session_token]);
  how.header = x.fixed(c[&fields::header]);
  how.token_key = x.fixed(c[&fields::session_token_response_key]);
  if (has_control_characters(how.session))
    x.refuse_config(c[&fields::session_token], "the secret contains a control character, such as a line break");
  if (how.header.empty())
    x.refuse(c[&fields::header], "must not be empty");
  how.validation = {"GET", url_of(c[&fields::validate_session_url]), {{how.header, how.session}}, ""};
  const auto login_url = url_of(c[&fields::login_url]);
  auto user = x.fixed(c[&fields::username]);
  auto password = x.fixed(c[&fields::password]);
  if (!user.empty() && !password.empty())
    how.login
      = {"POST",
         login_url,
         {{"Content-Type", "application/json"}},
         language::to_json(value{language::value_dict{{"username", value{user}}, {"password", value{password}}}})};
  planned_credential result{"session at " + host_of(login_url), {}, {}};
  result.identity = "legacy session " + login_url + " " + how.header + " " + how.token_key + " " + how.validation.url
                    + " " + how.session + " " + (how.login ? how.login->body : "");
  result.how = std::move(how);
  return result;
}

} // namespace sluice::compiling
