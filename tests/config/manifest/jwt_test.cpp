#include "config/manifest/compile.hpp"
#include "messages/text/base64.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

using namespace sluice;

namespace {

constexpr language::instant now{std::chrono::seconds{1'700'000'000}};

std::string url_decoded(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.resize((text.size() + 3) / 4 * 4, '=');
  return base64_decode(text).value();
}

/// The plan of a stream with this authenticator.
expected<plan> compiled(const std::string& authenticator, const std::string& config) {
  const auto m = load_manifest(R"yaml(
check: {stream_names: [rows]}
streams:
  - name: rows
    retriever:
      requester: {url_base: "http://api.test", path: rows, authenticator: )yaml"
                                 + authenticator + R"yaml(}
      record_selector: {extractor: {field_path: []}}
    schema_loader: {schema: {type: object}}
)yaml",
                               "m.yaml");
  if (!m)
    return tl::unexpected(m.error());
  compile_input input;
  input.config = language::parse_json(config).value();
  input.streams = {{"rows", "", false, ""}};
  input.now = now;
  return compile_plan(**m, input);
}

std::string signed_by(const std::string& members) {
  return "{type: JwtAuthenticator, secret_key: \"{{ config['secret'] }}\", algorithm: HS256, " + members + "}";
}

const signed_token& token_of(const plan& p) {
  REQUIRE(p.credentials.size() == 1);
  REQUIRE(std::holds_alternative<signed_token>(p.credentials[0].how));
  return std::get<signed_token>(p.credentials[0].how);
}

/// `HEADER CLAIMS` of the token of that moment.
std::string signed_as(const std::string& members, const std::string& config = R"({"secret":"s3cr3t"})") {
  const auto p = compiled(signed_by(members), config);
  if (!p)
    return p.error().message;
  const auto token = sign_token(token_of(*p), p->config, now + std::chrono::milliseconds{999}).value();
  const auto dot = token.find('.');
  return url_decoded(token.substr(0, dot)) + " " + url_decoded(token.substr(dot + 1, token.rfind('.') - dot - 1));
}

std::string problem(const std::string& authenticator, const std::string& config = R"({"secret":"s3cr3t"})") {
  const auto p = compiled(authenticator, config);
  return p ? std::string{} : p.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a token says when it was made, and until when it holds") {
  CHECK(signed_as("token_duration: 60")
        == R"({"alg":"HS256","typ":"JWT"} {"iat":1700000000,"exp":1700000060,"nbf":1700000000})");
  CHECK(signed_as("") == R"({"alg":"HS256","typ":"JWT"} {"iat":1700000000,"exp":1700001200,"nbf":1700000000})");
}

TEST_CASE("header and claims are templates") {
  CHECK(
    signed_as("token_duration: 0, jwt_headers: {kid: \"{{ config['kid'] }}\", typ: \"{{ config.get('none', '') }}\"},"
              " additional_jwt_headers: {b: 1, a: \"{{ config['kid'] }}\"},"
              " jwt_payload: {iss: \"{{ config['kid'] }}\", sub: \"{{ config['n'] }}\", aud: \"{{ ['a', 'b'] }}\"},"
              " additional_jwt_payload: {n: \"{{ config['n'] + 1 }}\", none: \"{{ config.get('x') }}\"}",
              R"({"secret":"s","kid":"12","n":3})")
    == R"({"a":12,"alg":"HS256","b":1,"kid":"12"} )"
       R"({"n":4,"none":null,"iss":"12","sub":3,"aud":["a","b"],"iat":1700000000,"exp":1700000000,"nbf":1700000000})");
}

TEST_CASE("json_loads is there for signed tokens alone") {
  CHECK(contains(
    signed_as("jwt_payload: {iss: \"{{ json_loads(config['a'])['m'] }}\"}", R"({"secret":"s","a":"{\"m\":\"me\"}"})"),
    R"("iss":"me")"));
  CHECK(contains(signed_as("jwt_payload: {iss: \"{{ json_loads(config['a'])['m'] }}\"}", R"({"secret":"s","a":"{"})"),
                 "the text is no JSON"));
  CHECK(contains(problem("{type: BearerAuthenticator, api_token: \"{{ json_loads('1') }}\"}"),
                 "'json_loads' is not known here"));
}

TEST_CASE("a token goes where it is told to, with its prefix") {
  const auto p = compiled(signed_by("header_prefix: Bearer"), R"({"secret":"s"})").value();
  CHECK(token_of(p).place.name == "Authorization");
  CHECK(token_of(p).place.prefix == "Bearer ");
  const auto q
    = compiled(signed_by("request_option: {inject_into: request_parameter, field_name: jwt}"), R"({"secret":"s"})")
        .value();
  CHECK(token_of(q).place.where == credential_field::place::parameter);
  CHECK(token_of(q).place.name == "jwt");
  CHECK(token_of(q).place.prefix.empty());
}

TEST_CASE("a key that cannot sign is the configuration's fault, and is not shown") {
  const std::string config = R"({"secret":"very-secret-words"})";
  const auto told
    = problem("{type: JwtAuthenticator, secret_key: \"{{ config['secret'] }}\", algorithm: RS256}", config);
  CHECK(contains(told, "secret_key: the secret key cannot be used: it is no private key in PEM form"));
  CHECK_FALSE(contains(told, "very-secret"));
  CHECK(
    compiled("{type: JwtAuthenticator, secret_key: \"{{ config['secret'] }}\", algorithm: RS256}", config).error().code
    == errc::bad_config);
  CHECK(contains(problem(signed_by(""), R"({"secret":""})"), "the secret is empty"));
  CHECK(contains(problem(signed_by("passphrase: x"), config), "only a private key has a passphrase"));
  CHECK(contains(problem(signed_by("additional_jwt_payload: {exp: 1}"), config), "`exp` has a place of its own"));
  CHECK(contains(problem(signed_by("additional_jwt_headers: {alg: none}"), config), "`alg` has a place of its own"));
  CHECK(contains(problem(signed_by("header_prefix: \"a\\nb\""), config), "control character"));
  CHECK(contains(problem(signed_by("token_duration: -1"), config), "whole number of at least 0"));
  CHECK(
    contains(problem("{type: JwtAuthenticator, secret_key: x, algorithm: none}", config), "'none' is not supported"));
}

TEST_CASE("an assertion takes the place of a client") {
  const auto p = compiled("{type: OAuthAuthenticator, token_refresh_endpoint: \"http://auth.test/token\","
                          " use_profile_assertion: true, profile_assertion: "
                            + signed_by("") + "}",
                          R"({"secret":"s"})")
                   .value();
  const auto& how = std::get<oauth_login>(p.credentials.at(0).how);
  REQUIRE(how.assertion.has_value());
  REQUIRE(how.fields.size() == 2);
  CHECK(how.fields[0].values == std::vector<std::string>{"urn:ietf:params:oauth:grant-type:jwt-bearer"});
  CHECK(how.fields[1].from == token_field::source::assertion);
  CHECK(contains(problem("{type: OAuthAuthenticator, token_refresh_endpoint: \"http://auth.test/token\","
                         " use_profile_assertion: true}"),
                 "needs a profile_assertion"));
}
