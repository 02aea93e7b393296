#pragma once

// How a request says who asks.

#include "config/manifest/components/decoders.hpp"
#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct HttpRequester;
struct HttpRequestRegexMatcher;
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

struct JwtAuthenticator;

/// `refresh_token_updater`: a part of OAuthAuthenticator, no component.
struct RefreshTokenUpdater : component<RefreshTokenUpdater> {
  static constexpr std::string_view type = "RefreshTokenUpdater";
  static constexpr std::string_view added = "next";
  static constexpr bool is_extension = true;
  text refresh_token_name{this, "refresh_token_name"};
  texts access_token_config_path{this, "access_token_config_path"};
  texts refresh_token_config_path{this, "refresh_token_config_path"};
  texts token_expiry_date_config_path{this, "token_expiry_date_config_path"};
  codes refresh_token_error_status_codes{this, "refresh_token_error_status_codes"};
  text refresh_token_error_key{this, "refresh_token_error_key"};
  texts refresh_token_error_values{this, "refresh_token_error_values"};
};

struct OAuthAuthenticator : component<OAuthAuthenticator> {
  static constexpr std::string_view type = "OAuthAuthenticator";
  static constexpr std::string_view added = "next";
  text client_id_name{this, "client_id_name"};
  text client_id{this, "client_id"};
  text client_secret_name{this, "client_secret_name"};
  text client_secret{this, "client_secret"};
  text refresh_token_name{this, "refresh_token_name"};
  text refresh_token{this, "refresh_token"};
  text token_refresh_endpoint{this, "token_refresh_endpoint"};
  text access_token_name{this, "access_token_name"};
  text access_token_value{this, "access_token_value"};
  text expires_in_name{this, "expires_in_name"};
  text grant_type_name{this, "grant_type_name"};
  text grant_type{this, "grant_type"};
  dict refresh_request_body{this, "refresh_request_body"};
  dict refresh_request_headers{this, "refresh_request_headers"};
  boolean in_query{this, "send_refresh_request_as_query_params"};
  texts scopes{this, "scopes"};
  text token_expiry_date{this, "token_expiry_date"};
  text token_expiry_date_format{this, "token_expiry_date_format"};
  codes refresh_token_error_status_codes{this, "refresh_token_error_status_codes"};
  text refresh_token_error_key{this, "refresh_token_error_key"};
  texts refresh_token_error_values{this, "refresh_token_error_values"};
  child<RefreshTokenUpdater> refresh_token_updater{this, "refresh_token_updater"};
  boolean use_profile_assertion{this, "use_profile_assertion"};
  child<JwtAuthenticator> profile_assertion{this, "profile_assertion"};
};

/// `request_authentication` of a SessionTokenAuthenticator: the reference calls it
/// SessionTokenRequestApiKeyAuthenticator.
struct SessionTokenApiKey : component<SessionTokenApiKey> {
  static constexpr std::string_view type = "ApiKey";
  static constexpr std::string_view added = "next";
  child<RequestOption> inject_into{this, "inject_into", required};
  text api_token{this, "api_token"};
};

struct SessionTokenBearer : component<SessionTokenBearer> {
  static constexpr std::string_view type = "Bearer";
  static constexpr std::string_view added = "next";
};

struct SessionTokenAuthenticator : component<SessionTokenAuthenticator> {
  static constexpr std::string_view type = "SessionTokenAuthenticator";
  static constexpr std::string_view added = "next";
  child<HttpRequester> login_requester{this, "login_requester", required};
  texts session_token_path{this, "session_token_path", required};
  text expiration_duration{this, "expiration_duration"};
  child<SessionTokenApiKey, SessionTokenBearer> request_authentication{this, "request_authentication", required};
  field<SessionTokenAuthenticator, any_decoder> decoder{this, "decoder"};
};

struct LegacySessionTokenAuthenticator : component<LegacySessionTokenAuthenticator> {
  static constexpr std::string_view type = "LegacySessionTokenAuthenticator";
  static constexpr std::string_view added = "next";
  text header{this, "header", required};
  text login_url{this, "login_url", required};
  text session_token{this, "session_token"};
  text session_token_response_key{this, "session_token_response_key", required};
  text username{this, "username"};
  text password{this, "password"};
  text validate_session_url{this, "validate_session_url", required};
};

/// Parts of a JwtAuthenticator, no components.
struct JwtHeaders : component<JwtHeaders> {
  static constexpr std::string_view type = "JwtHeaders";
  static constexpr std::string_view added = "next";
  static constexpr bool is_extension = true;
  static constexpr bool is_closed = true;
  text kid{this, "kid"};
  text typ{this, "typ"};
  text cty{this, "cty"};
};

struct JwtPayload : component<JwtPayload> {
  static constexpr std::string_view type = "JwtPayload";
  static constexpr std::string_view added = "next";
  static constexpr bool is_extension = true;
  static constexpr bool is_closed = true;
  text iss{this, "iss"};
  text sub{this, "sub"};
  text aud{this, "aud"};
};

struct JwtAuthenticator : component<JwtAuthenticator> {
  static constexpr std::string_view type = "JwtAuthenticator";
  static constexpr std::string_view added = "next";
  text secret_key{this, "secret_key", required};
  boolean base64_encode_secret_key{this, "base64_encode_secret_key"};
  choice<jwt::algorithm> algorithm{this,
                                   "algorithm",
                                   {{"HS256", jwt::algorithm::hs256},
                                    {"HS384", jwt::algorithm::hs384},
                                    {"HS512", jwt::algorithm::hs512},
                                    {"ES256", jwt::algorithm::es256},
                                    {"ES256K", jwt::algorithm::es256k},
                                    {"ES384", jwt::algorithm::es384},
                                    {"ES512", jwt::algorithm::es512},
                                    {"RS256", jwt::algorithm::rs256},
                                    {"RS384", jwt::algorithm::rs384},
                                    {"RS512", jwt::algorithm::rs512},
                                    {"PS256", jwt::algorithm::ps256},
                                    {"PS384", jwt::algorithm::ps384},
                                    {"PS512", jwt::algorithm::ps512},
                                    {"EdDSA", jwt::algorithm::ed_dsa}},
                                   required};
  text token_duration{this, "token_duration"};
  text header_prefix{this, "header_prefix"};
  child<JwtHeaders> jwt_headers{this, "jwt_headers"};
  dict additional_jwt_headers{this, "additional_jwt_headers"};
  child<JwtPayload> jwt_payload{this, "jwt_payload"};
  dict additional_jwt_payload{this, "additional_jwt_payload"};
  text passphrase{this, "passphrase"};
  child<RequestOption> request_option{this, "request_option"};
};

/// One kind of calls of a RateLimitedMultipleTokenAuthenticator's tokens.
struct TokenQuota : component<TokenQuota> {
  static constexpr std::string_view type = "TokenQuota";
  static constexpr std::string_view added = "next";
  text name{this, "name", required};
  texts remaining_path{this, "remaining_path", required};
  texts reset_path{this, "reset_path", required};
  texts limit_path{this, "limit_path"};
  children<HttpRequestRegexMatcher> matchers{this, "matchers"};
  text remaining_header{this, "remaining_header"};
  text reset_header{this, "reset_header"};
  text limit_header{this, "limit_header"};
  codes exhaustion_status_codes{this, "exhaustion_status_codes"};
};

/// Whom it asks what a token has left.
struct QuotaStatusSource : component<QuotaStatusSource> {
  static constexpr std::string_view type = "QuotaStatusSource";
  static constexpr std::string_view added = "next";
  text url{this, "url", required};
  choice<std::string_view> http_method{this, "http_method", {{"GET", "GET"}, {"POST", "POST"}}};
  text_map request_headers{this, "request_headers"};
  codes unavailable_status_codes{this, "unavailable_status_codes"};
};

struct RateLimitedMultipleTokenAuthenticator : component<RateLimitedMultipleTokenAuthenticator> {
  static constexpr std::string_view type = "RateLimitedMultipleTokenAuthenticator";
  static constexpr std::string_view added = "next";
  text_or_texts tokens{this, "tokens", required};
  text token_delimiter{this, "token_delimiter"};
  text auth_method{this, "auth_method"};
  text header{this, "header"};
  child<QuotaStatusSource> quota_status_source{this, "quota_status_source", required};
  children<TokenQuota> quotas{this, "quotas", required};
  text max_wait_time{this, "max_wait_time"};
  text budget_reserve_fraction{this, "budget_reserve_fraction"};
  text budget_min_reserve{this, "budget_min_reserve"};
};

struct SelectiveAuthenticator : component<SelectiveAuthenticator> {
  static constexpr std::string_view type = "SelectiveAuthenticator";
  static constexpr std::string_view added = "next";
  texts authenticator_selection_path{this, "authenticator_selection_path", required};
  child_map<ApiKeyAuthenticator, BasicHttpAuthenticator, BearerAuthenticator, OAuthAuthenticator,
            SessionTokenAuthenticator, LegacySessionTokenAuthenticator, JwtAuthenticator,
            RateLimitedMultipleTokenAuthenticator, NoAuth>
    authenticators{this, "authenticators", required};
};

std::vector<component_rule> auth_rules();

/// What tells the server who asks. One that expires is added to `all`, unless it is there already.
credential compile_authenticator(context& x, std::vector<planned_credential>& all,
                                 const view<HttpRequester>& requester);

} // namespace sluice::compiling
