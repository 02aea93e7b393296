#include "config/manifest/components/auth.hpp"

#include "config/manifest/components/all.hpp"

#include "messages/text/base64.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sluice::compiling {

namespace {

/// A line break in a header would let a config value add headers.
bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

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

credential credential_of(context&, const view<NoAuth>&) {
  return no_credential{};
}

credential credential_of(context& x, const view<BasicHttpAuthenticator>& c) {
  auto pair = x.fixed(c[&BasicHttpAuthenticator::username]) + ":" + x.fixed(c[&BasicHttpAuthenticator::password]);
  return secret_header(x, c, "Authorization", "Basic " + base64_encode(pair));
}

credential credential_of(context& x, const view<BearerAuthenticator>& c) {
  auto token = c[&BearerAuthenticator::api_token];
  return secret_header(x, token, "Authorization", "Bearer " + token_of(x, token));
}

credential credential_of(context& x, const view<ApiKeyAuthenticator>& c) {
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

} // namespace

std::vector<component_rule> auth_rules() {
  return rules_of<NoAuth, BearerAuthenticator, ApiKeyAuthenticator, BasicHttpAuthenticator>();
}

credential compile_authenticator(context& x, const view<HttpRequester>& requester) {
  auto c = requester[&HttpRequester::authenticator].get();
  return c ? std::visit([&](const auto& a) { return credential_of(x, a); }, *c) : no_credential{};
}

} // namespace sluice::compiling
