// Credentials that expire, as manifests declare them.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;

namespace {

constexpr const char* config = R"({"url":"https://example.com/api","id":"me","key":"s3cret","refresh":"r-s3cret",
  "empty":"","none":null,"tokens":{"refresh_token":"r-1","access_token":"a-1","token_expiry_date":"2026-01-01T00:00:00Z"},
  "kind":"oauth","flag":true,"date":"yesterday"})";

/// The small manifest, its parents and children with these authenticators.
expected<plan> compiled(const std::string& parents, const std::string& children = "{type: NoAuth}") {
  auto yaml = with("path: parents", "path: parents\n        authenticator: " + parents);
  const std::string path = "path: /parents/{{ stream_partition.parent_id }}/children";
  const auto at = yaml.find(path);
  REQUIRE(at != std::string::npos);
  yaml.insert(at + path.size(), "\n        authenticator: " + children);
  compile_input input;
  input.config = *language::parse_json(config);
  input.streams = {{"parents", "", false, ""}, {"children", "", false, ""}};
  return compile_plan(*load(yaml), input);
}

std::string oauth(const std::string& more = "refresh_token: \"{{ config['refresh'] }}\"") {
  return "{type: OAuthAuthenticator, token_refresh_endpoint: \"https://auth.test/token\", client_id: \"{{ config['id'] "
         "}}\", "
         "client_secret: \"{{ config['key'] }}\""
         + (more.empty() ? "" : ", " + more) + "}";
}

oauth_login login_of(const expected<plan>& p) {
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  REQUIRE(p->credentials.size() == 1);
  return std::get<oauth_login>(p->credentials[0].how);
}

std::string refusal_of(const expected<plan>& p) {
  REQUIRE_FALSE(p);
  CHECK(p.error().failure == failure_type::config_error);
  CHECK_FALSE(contains(p.error().message + p.error().internal_message, "s3cret"));
  return p.error().message;
}

std::string session(const std::string& more) {
  return "{type: SessionTokenAuthenticator, login_requester: {type: HttpRequester, url_base: \"{{ config['url'] }}\", "
         "path: "
         "login, http_method: POST}, session_token_path: [token], "
         + more + "}";
}

std::string selective(const std::string& path, const std::string& authenticators) {
  return "{type: SelectiveAuthenticator, authenticator_selection_path: " + path + ", authenticators: {" + authenticators
         + "}}";
}

} // namespace

TEST_CASE("streams whose authenticators obtain the same share one credential") {
  auto p = compiled(oauth(), oauth());
  REQUIRE(p);
  CHECK(p->credentials.size() == 1);
  CHECK(std::get<expiring_credential>(p->endpoints[0].request.credential).id == 0);
  CHECK(std::get<expiring_credential>(p->endpoints[1].request.credential).id == 0);
  CHECK(p->credentials[0].name == "OAuth (refresh_token) at auth.test");
  CHECK(contains(describe_plan(*p), "with the credential: OAuth (refresh_token) at auth.test"));
  CHECK_FALSE(contains(describe_plan(*p), "s3cret"));

  p = compiled(oauth(), oauth("refresh_token: \"{{ config['refresh'] }}\", scopes: [other]"));
  REQUIRE(p);
  CHECK(p->credentials.size() == 2);

  const std::string bearer = "request_authentication: {type: Bearer}";
  p = compiled(session(bearer), session(bearer));
  REQUIRE(p);
  CHECK(p->credentials.size() == 1);
  CHECK(p->credentials[0].name == "session token at example.com");
}

TEST_CASE("single-use tokens at the same place of the configuration are one credential") {
  const auto single_use = [](const std::string& more) {
    return oauth(
      "refresh_token_updater: {refresh_token_config_path: [tokens, refresh_token], access_token_config_path: "
      "[tokens, access_token], token_expiry_date_config_path: [tokens, token_expiry_date]}"
      + more);
  };
  auto p = compiled(single_use(""), single_use(", scopes: [other]"));
  const auto how = login_of(p);
  CHECK(how.refresh_token == "r-1");
  CHECK(how.access_token == "a-1");
  CHECK(how.good_until.time_since_epoch() == std::chrono::seconds{1767225600});
  REQUIRE(how.store);
  CHECK(how.store->refresh_token == std::vector<std::string>{"tokens", "refresh_token"});
  CHECK(changes_config(p->credentials[0]));
}

TEST_CASE("without an endpoint an access token is a static credential") {
  const std::string head = "{type: OAuthAuthenticator, client_id: a, client_secret: b, refresh_token: c";
  auto p = compiled(head + ", access_token_value: \"{{ config['key'] }}\"}");
  REQUIRE(p);
  CHECK(p->credentials.empty());
  CHECK(known_fields(p->endpoints[0].request.credential)
        == credential_fields{{credential_field::place::header, "Authorization", "Bearer s3cret"}});
  CHECK(contains(refusal_of(compiled(head + "}")), "needs token_refresh_endpoint"));
  CHECK(contains(refusal_of(compiled(head + ", access_token_value: \"{{ config['empty'] }}\"}")), "token is empty"));
}

TEST_CASE("an OAuthAuthenticator that cannot work is refused before anything is asked") {
  CHECK(contains(refusal_of(compiled(oauth(""))), "needs a refresh_token"));
  CHECK(contains(
    refusal_of(compiled("{type: OAuthAuthenticator, token_refresh_endpoint: \"https://auth.test\", client_id: a, "
                        "refresh_token: b}")),
    "both client_id and client_secret"));
  CHECK(contains(
    refusal_of(compiled("{type: OAuthAuthenticator, token_refresh_endpoint: \"ftp://auth.test\", client_id: a, "
                        "client_secret: b, refresh_token: c}")),
    "no http or https URL"));
  CHECK(
    contains(refusal_of(compiled("{type: OAuthAuthenticator, token_refresh_endpoint: \"https://auth.test\", client_id: "
                                 "\"{{ config['no'] }}\", client_secret: b, refresh_token: c}")),
             "client id is empty"));
  CHECK(contains(refusal_of(compiled(oauth("refresh_token: a, access_token_value: b, token_expiry_date: \"{{ "
                                           "config['date'] }}\""))),
                 "neither seconds since the epoch nor ISO 8601"));
  CHECK(contains(refusal_of(compiled(oauth("refresh_token: a, refresh_token_error_key: error, refresh_token_updater: "
                                           "{refresh_token_error_key: error}"))),
                 "leave it in OAuthAuthenticator"));
  CHECK(contains(refusal_of(compiled(oauth("refresh_token: a, refresh_request_headers: {X: \"{{ '\\n' }}\"}"))),
                 "control character"));
}

TEST_CASE("a client secret may be nothing, and is masked whatever the specification says of it") {
  const auto how = login_of(compiled(
    "{type: OAuthAuthenticator, token_refresh_endpoint: \"https://auth.test/token\", client_id: a, client_secret: \"{{ "
    "config['none'] }}\", grant_type: client_credentials}"));
  REQUIRE(how.fields.size() == 3);
  CHECK(how.fields[2].name == "client_secret");
  CHECK(how.fields[2].values.empty());
  CHECK(how.fields[2].secret);
}

TEST_CASE("a session's login is compiled like any request") {
  auto p = compiled(session("expiration_duration: P1DT1H, request_authentication: {type: ApiKey, api_token: \"Token {{ "
                            "session_token }}\", inject_into: {inject_into: header, field_name: X-S}}"));
  REQUIRE(p);
  const auto& how = std::get<session_login>(p->credentials[0].how);
  CHECK(how.login->request.method == "POST");
  CHECK(how.valid_for == std::chrono::hours{25});
  CHECK(how.place.name == "X-S");
  CHECK(how.place.text);
  const std::string bearer = "request_authentication: {type: Bearer}";
  CHECK(contains(refusal_of(compiled(session("expiration_duration: soon, " + bearer))), "no duration"));
}

TEST_CASE("the configuration chooses an authenticator, and only that one must be right") {
  const std::string good = "oauth: " + oauth()
                           + ", \"True\": {type: NoAuth}, other: {type: CustomAuthenticator, class_name: "
                             "source.Auth}, wrong: {type: BearerAuthenticator}";
  auto p = compiled(selective("[kind]", good));
  REQUIRE(p);
  CHECK(p->credentials.size() == 1);
  p = compiled(selective("[flag]", good));
  REQUIRE(p);
  CHECK(std::holds_alternative<no_credential>(p->endpoints[0].request.credential));
  CHECK(contains(refusal_of(compiled(selective("[nothing, here]", good))), "has no value there"));
  CHECK(contains(refusal_of(compiled(selective("[id]", good))), "there are: oauth, True, other, wrong"));
  auto renamed = good;
  renamed.replace(renamed.find("other:"), 6, "me:");
  CHECK(contains(refusal_of(compiled(selective("[id]", renamed))), "custom components are Python code"));
  renamed = good;
  renamed.replace(renamed.find("wrong:"), 6, "me:");
  CHECK(contains(refusal_of(compiled(selective("[id]", renamed))), "authenticators.me"));
}

namespace {

std::string pool_of(const std::string& tokens, const std::string& more = "", const std::string& source = "",
                    const std::string& quota = "") {
  return "{type: RateLimitedMultipleTokenAuthenticator, tokens: " + tokens
         + ", quota_status_source: {type: QuotaStatusSource, url: \"{{ config['url'] }}/rate_limit\"" + source
         + "}, quotas: [{type: TokenQuota, name: core, remaining_path: [core, left], reset_path: [core, reset]" + quota
         + "}]" + more + "}";
}

token_pool pool_in(const expected<plan>& p) {
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  REQUIRE(p->credentials.size() == 1);
  return std::get<token_pool>(p->credentials[0].how);
}

} // namespace

TEST_CASE("a pool of tokens is a list, or a text with delimiters") {
  auto p = compiled(pool_of("[\"{{ config['key'] }}\", \"{{ config['empty'] }}\", \" b \"]"));
  auto how = pool_in(p);
  CHECK(how.tokens == std::vector<std::string>{"s3cret", "b"});
  CHECK(p->credentials[0].name == "2 tokens with quotas at example.com");
  CHECK(contains(describe_plan(*p), "with the credential: 2 tokens with quotas at example.com"));
  CHECK_FALSE(contains(describe_plan(*p), "s3cret"));
  CHECK(how.status.method == "GET");
  CHECK(how.status.url == "https://example.com/api/rate_limit");
  CHECK(how.place.name == "Authorization");
  CHECK(how.place.prefix == "Bearer ");
  CHECK(how.longest_wait == std::chrono::hours{2});
  CHECK(how.reserve_fraction == 0.1);
  CHECK(how.least_reserve == 50);

  CHECK(pool_in(compiled(pool_of("' a, b ,,a '"))).tokens == std::vector<std::string>{"a", "b"});
  CHECK(pool_in(compiled(pool_of("'a;b,c'", ", token_delimiter: ';'"))).tokens == std::vector<std::string>{"a", "b,c"});
}

TEST_CASE("what a manifest says of a pool counts") {
  const auto how = pool_in(compiled(pool_of(
    "a",
    ", auth_method: token, header: X-T, max_wait_time: \"PT{{ 5 * 6 }}M\", budget_reserve_fraction: 0, "
    "budget_min_reserve: 7",
    ", http_method: POST, request_headers: {X: \"{{ config['id'] }}\"}, unavailable_status_codes: [404]",
    ", limit_path: [core, limit], matchers: [{type: HttpRequestRegexMatcher, url_path_pattern: /x}], remaining_header: "
    "R, reset_header: S, limit_header: L, exhaustion_status_codes: [429, 403]")));
  CHECK(how.place.prefix == "token ");
  CHECK(how.place.name == "X-T");
  CHECK(how.longest_wait == std::chrono::minutes{30});
  CHECK(how.reserve_fraction == 0);
  CHECK(how.least_reserve == 7);
  CHECK(how.status.method == "POST");
  CHECK(how.status.headers == header_list{{"X", "me"}});
  CHECK(how.untracked_statuses == std::vector<int>{404});
  REQUIRE(how.quotas.size() == 1);
  const auto& q = how.quotas[0];
  CHECK(q.limit_path == std::vector<std::string>{"core", "limit"});
  REQUIRE(q.matchers.size() == 1);
  CHECK(q.matchers[0].path_pattern == "/x");
  CHECK(q.remaining_header + q.reset_header + q.limit_header == "RSL");
  CHECK(q.exhaustion_statuses == std::vector<int>{429, 403});
}

TEST_CASE("streams with the same pool share its counts") {
  auto p = compiled(pool_of("'a,b'", "", ", unavailable_status_codes: [404, 404]"),
                    pool_of("[a, b]", "", ", unavailable_status_codes: [404]"));
  REQUIRE(p);
  CHECK(p->credentials.size() == 1);
  p = compiled(pool_of("'a,b'"), pool_of("'a,b,c'"));
  REQUIRE(p);
  CHECK(p->credentials.size() == 2);
}

TEST_CASE("a pool that cannot work is refused before anything is asked") {
  CHECK(contains(refusal_of(compiled(pool_of("\"{{ config['empty'] }}\""))), "there is no token"));
  CHECK(contains(refusal_of(compiled(pool_of("[\"{{ '\\n' }}x\\ny\"]"))), "control character"));
  CHECK(contains(refusal_of(compiled(pool_of("a", ", max_wait_time: P1M"))), "fixed length"));
  CHECK(contains(refusal_of(compiled(pool_of("a", ", budget_min_reserve: -1"))), "at least 0"));
  CHECK(contains(refusal_of(compiled(pool_of("a", "", "",
                                             ", matchers: [{type: HttpRequestRegexMatcher, "
                                             "url_path_pattern: '('}]"))),
                 "regular expression"));
}

TEST_CASE("a login may have a credential of its own that expires, but no pool") {
  const std::string bearer = "request_authentication: {type: Bearer}";
  const auto with_own = [&bearer](const std::string& own) {
    auto text = session(bearer);
    text.replace(text.find("http_method: POST"), 17, "http_method: POST, authenticator: " + own);
    return text;
  };
  auto p = compiled(with_own(oauth()), oauth());
  REQUIRE(p);
  REQUIRE(p->credentials.size() == 2);
  // What a login carries comes before it, and may be the streams' own, too.
  const auto& how = std::get<session_login>(p->credentials[1].how);
  CHECK(std::get<expiring_credential>(how.login->request.credential).id == 0);
  CHECK(std::get<expiring_credential>(p->endpoints[0].request.credential).id == 1);
  CHECK(std::get<expiring_credential>(p->endpoints[1].request.credential).id == 0);
  CHECK(contains(refusal_of(compiled(with_own(pool_of("a")))), "is not supported"));
}
