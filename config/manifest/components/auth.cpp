#include "config/manifest/components/auth.hpp"

#include "config/language/value_path.hpp"
#include "config/manifest/components/all.hpp"
#include "config/manifest/components/logins.hpp"

#include "messages/text/base64.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

/// `place` is the field or the component that says it.
template <class Place>
credential secret_header(context& x, const Place& place, std::string name, std::string text) {
  if (has_control_characters(text))
    x.refuse_config(place, "the secret contains a control character, such as a line break");
  return static_credential{{{credential_field::place::header, std::move(name), std::move(text)}}};
}

std::string token_of(context& x, const text_ref& field) {
  auto token = x.fixed(field);
  if (token.empty())
    x.refuse_config(field, "the token is empty: is its config key missing?");
  return token;
}

/// The plan's credentials that expire.
using expiring = std::vector<planned_credential>;

credential add_expiring(expiring& all, planned_credential made) {
  const auto known
    = std::find_if(all.begin(), all.end(), [&made](const auto& y) { return y.identity == made.identity; });
  const auto id = static_cast<credential_id>(known - all.begin());
  if (known == all.end())
    all.push_back(std::move(made));
  return expiring_credential{id};
}

credential credential_of(context&, expiring&, const view<HttpRequester>&, const view<NoAuth>&) {
  return no_credential{};
}

credential credential_of(context& x, expiring&, const view<HttpRequester>&, const view<BasicHttpAuthenticator>& c) {
  auto pair = x.fixed(c[&BasicHttpAuthenticator::username]) + ":" + x.fixed(c[&BasicHttpAuthenticator::password]);
  return secret_header(x, c, "Authorization", "Basic " + base64_encode(pair));
}

credential credential_of(context& x, expiring&, const view<HttpRequester>&, const view<BearerAuthenticator>& c) {
  auto token = c[&BearerAuthenticator::api_token];
  return secret_header(x, token, "Authorization", "Bearer " + token_of(x, token));
}

credential credential_of(context& x, expiring&, const view<HttpRequester>&, const view<ApiKeyAuthenticator>& c) {
  using fields = ApiKeyAuthenticator;
  auto token = token_of(x, c[&fields::api_token]);
  auto option = compile_option(x, c[&fields::inject_into].get());
  if (option && c[&fields::header].has())
    x.refuse(c, "ApiKeyAuthenticator has both inject_into and header; give only one of them");
  if (!option)
    option = request_option{inject_into::header, x.fixed(c[&fields::header]), {}};
  if (option->name.empty())
    x.refuse(c, "ApiKeyAuthenticator needs inject_into or header");
  if (option->into == inject_into::header)
    return secret_header(x, c[&fields::api_token], std::move(option->name), std::move(token));
  return static_credential{
    {{secret_place(option->into), std::move(option->name), std::move(token), std::move(option->inner)}}};
}

credential credential_of(context& x, expiring& all, const view<HttpRequester>&, const view<OAuthAuthenticator>& c) {
  if (!c[&OAuthAuthenticator::token_refresh_endpoint].has() && !c[&OAuthAuthenticator::refresh_token_updater].has()) {
    const auto token = c[&OAuthAuthenticator::access_token_value];
    check_oauth_fields(x, c);
    if (!token.has())
      x.refuse(c,
               "OAuthAuthenticator needs token_refresh_endpoint, or an access_token_value that is good for the whole "
               "run");
    return secret_header(x, token, "Authorization", "Bearer " + token_of(x, token));
  }
  return add_expiring(all, compile_oauth(x, c));
}

credential credential_of(context& x, expiring& all, const view<HttpRequester>&,
                         const view<SessionTokenAuthenticator>& c) {
  return add_expiring(all, compile_session(x, all, c));
}

credential credential_of(context& x, expiring& all, const view<HttpRequester>& requester,
                         const view<LegacySessionTokenAuthenticator>& c) {
  return add_expiring(all, compile_legacy_session(x, fixed_base(x, requester), c));
}

credential credential_of(context& x, expiring& all, const view<HttpRequester>&, const view<JwtAuthenticator>& c) {
  return add_expiring(all, compile_jwt(x, c));
}

credential credential_of(context& x, expiring& all, const view<HttpRequester>&,
                         const view<RateLimitedMultipleTokenAuthenticator>& c) {
  return add_expiring(all, compile_token_pool(x, c));
}

/// One of several, as the configuration says.
credential credential_of(context& x, expiring& all, const view<HttpRequester>& requester,
                         const view<SelectiveAuthenticator>& c) {
  using fields = SelectiveAuthenticator;
  const auto path = c[&fields::authenticator_selection_path];
  const auto* chosen = language::only_value_at(x.input().config, path.list());
  if (chosen == nullptr) {
    x.refuse_config(path, "the configuration has no value there: it says which of the authenticators is meant");
    return no_credential{};
  }
  const auto choice = c[&fields::authenticators];
  const auto name = language::to_text(*chosen);
  if (!choice.has(name)) {
    x.refuse_config(choice, "there is no authenticator for what the configuration says; there are: " + choice.names());
    return no_credential{};
  }
  const auto found = choice.get(name);
  if (!found) {
    for (const auto& fault : found.error())
      x.refuse(fault);
    return no_credential{};
  }
  return std::visit([&](const auto& a) { return credential_of(x, all, requester, a); }, *found);
}

} // namespace

std::vector<component_rule> auth_rules() {
  return rules_of<NoAuth, BearerAuthenticator, ApiKeyAuthenticator, BasicHttpAuthenticator, OAuthAuthenticator,
                  RefreshTokenUpdater, SessionTokenAuthenticator, SessionTokenApiKey, SessionTokenBearer,
                  LegacySessionTokenAuthenticator, JwtAuthenticator, JwtHeaders, JwtPayload,
                  RateLimitedMultipleTokenAuthenticator, QuotaStatusSource, TokenQuota, SelectiveAuthenticator>();
}

credential compile_authenticator(context& x, std::vector<planned_credential>& all,
                                 const view<HttpRequester>& requester) {
  auto c = requester[&HttpRequester::authenticator].get();
  return c ? std::visit([&](const auto& a) { return credential_of(x, all, requester, a); }, *c) : no_credential{};
}

} // namespace sluice::compiling
