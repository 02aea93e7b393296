#pragma once

// How a request says who asks.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct HttpRequester;
struct RequestOption;

struct NoAuth : component<NoAuth> {
  static constexpr std::string_view type = "NoAuth";
};

struct BearerAuthenticator : component<BearerAuthenticator> {
  static constexpr std::string_view type = "BearerAuthenticator";
  text api_token{this, "api_token", required};
};

struct ApiKeyAuthenticator : component<ApiKeyAuthenticator> {
  static constexpr std::string_view type = "ApiKeyAuthenticator";
  text api_token{this, "api_token", required};
  text header{this, "header"};
  child<RequestOption> inject_into{this, "inject_into"};
};

struct BasicHttpAuthenticator : component<BasicHttpAuthenticator> {
  static constexpr std::string_view type = "BasicHttpAuthenticator";
  text username{this, "username", required};
  text password{this, "password"};
};

std::vector<component_rule> auth_rules();

/// What tells the server who asks.
credential compile_authenticator(context& x, const view<HttpRequester>& requester);

} // namespace sluice::compiling
