// How a request says who asks.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"
#include "messages/text/base64.hpp"

#include <algorithm>
#include <utility>

namespace sluice::compiling {

namespace {

/// A line break in a header would let a config value add headers.
bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

named_template secret_header(context& x, const std::string& path, std::string name, const std::string& text) {
  if (has_control_characters(text))
    x.refuse_config(path, "the secret contains a control character, such as a line break");
  return {std::move(name), text_template::literal(text), true};
}

} // namespace

std::vector<component_rule> auth_rows() {
  using k = field_kind;
  return {
    {"NoAuth", {}},
    {"BearerAuthenticator", {{"api_token", k::text, {}, required}}},
    {"ApiKeyAuthenticator",
     {{"api_token", k::text, {}, required}, {"header", k::text}, {"inject_into", k::component, "=RequestOption"}}},
    {"BasicHttpAuthenticator", {{"username", k::text, {}, required}, {"password", k::text}}},
  };
}

std::vector<named_template> compile_authenticator(context& x, const component_view& requester) {
  auto c = requester.child("authenticator");
  if (!c || c->type() == "NoAuth")
    return {};
  if (c->type() == "BasicHttpAuthenticator")
    return {secret_header(
      x, c->path(), "Authorization",
      "Basic " + language::detail::base64_encode(x.fixed(*c, "username") + ":" + x.fixed(*c, "password")))};
  auto token = x.fixed(*c, "api_token");
  if (token.empty())
    x.refuse_config(c->path("api_token"), "the token is empty: is its config key missing?");
  if (c->type() == "BearerAuthenticator")
    return {secret_header(x, c->path("api_token"), "Authorization", "Bearer " + token)};
  auto option = compile_option(x, *c, "inject_into");
  if (option && option->into != inject_into::header)
    x.refuse(c->path("inject_into"),
             "a key in a query parameter is not supported here; use a header, or request_parameters of the requester");
  auto name = option ? option->name : x.fixed(*c, "header");
  if (name.empty())
    x.refuse(c->path(), "ApiKeyAuthenticator needs inject_into or header");
  return {secret_header(x, c->path("api_token"), name, token)};
}

} // namespace sluice::compiling
