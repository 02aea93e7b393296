// The real program with credentials that end in the middle of a run, against a server that counts.
#include "tests/integration/protocol_output.hpp"
#include "tests/integration/simulated_account.hpp"
#include "tests/integration/token_server.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_file.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr const char* plain_oauth = R"yaml(
          type: OAuthAuthenticator
          token_refresh_endpoint: "{{ config['url'] }}/token"
          client_id: "{{ config['id'] }}"
          client_secret: "{{ config['secret'] }}"
          refresh_token: "{{ config['refresh'] }}"
)yaml";

constexpr const char* single_use = R"yaml(
          type: OAuthAuthenticator
          token_refresh_endpoint: "{{ config['url'] }}/token"
          client_id: "{{ config['id'] }}"
          client_secret: "{{ config['secret'] }}"
          refresh_token: "{{ config['refresh'] }}"
          refresh_token_updater:
            access_token_config_path: [access]
            refresh_token_config_path: [refresh]
            token_expiry_date_config_path: [ends]
)yaml";

constexpr const char* session = R"yaml(
          type: SessionTokenAuthenticator
          login_requester:
            type: HttpRequester
            url_base: "{{ config['url'] }}"
            path: login
            http_method: POST
            request_body_json: {user: me, password: "{{ config['secret'] }}"}
          session_token_path: [data, token]
          request_authentication: {type: Bearer}
)yaml";

constexpr const char* legacy_session = R"yaml(
          type: LegacySessionTokenAuthenticator
          header: X-Session
          login_url: /login
          validate_session_url: /me
          session_token_response_key: id
          session_token: "{{ config['refresh'] }}"
          username: me
          password: "{{ config['secret'] }}"
)yaml";

/// Each token is another one.
constexpr const char* signed_token = R"yaml(
          type: JwtAuthenticator
          secret_key: "{{ config['secret'] }}"
          algorithm: HS256
          token_duration: 3600
          header_prefix: Bearer
          jwt_payload: {iss: me}
          additional_jwt_payload: {jti: "{{ generate_uuid() }}"}
)yaml";

/// The login wants a key that ends, too.
constexpr const char* session_with_key = R"yaml(
          type: SessionTokenAuthenticator
          login_requester:
            type: HttpRequester
            url_base: "{{ config['url'] }}"
            path: login
            http_method: POST
            request_body_json: {user: me, password: "{{ config['secret'] }}"}
            authenticator:
              type: OAuthAuthenticator
              token_refresh_endpoint: "{{ config['url'] }}/key"
              grant_type: client_credentials
              client_id: "{{ config['id'] }}"
              client_secret: "{{ config['secret'] }}"
          session_token_path: [data, token]
          request_authentication: {type: Bearer}
)yaml";

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// A source of one stream, `rows`, and what a run of it needs.
struct token_source {
  token_source(const token_account& account, const std::string& authenticator)
    : server{account}, lists{account.lists}, rows_a_list{account.pages * account.rows} {
    std::string names;
    for (int i = 0; i < lists; ++i)
      names += (i == 0 ? "l" : ", l") + std::to_string(i);
    manifest = files.write("manifest.yaml", R"yaml(
version: 6.0.0
check: {stream_names: [rows]}
streams:
  - name: rows
    primary_key: id
    retriever:
      requester:
        url_base: "{{ config['url'] }}"
        path: rows
        authenticator:)yaml" + authenticator + R"yaml(
      record_selector: {extractor: {field_path: [rows]}}
      partition_router:
        type: ListPartitionRouter
        values: [)yaml" + names + R"yaml(]
        cursor_field: list
        request_option: {inject_into: request_parameter, field_name: list}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy: {type: PageIncrement, page_size: 5}
    schema_loader: {schema: {type: object, properties: {}}}
spec: {connection_specification: {type: object, properties: {secret: {type: string, airbyte_secret: true}}}}
)yaml");
    catalog = files.write("catalog.json", R"({"streams":[{"stream":{"name":"rows","json_schema":{},
      "supported_sync_modes":["full_refresh"]},"sync_mode":"full_refresh","destination_sync_mode":"append"}]})");
    write_config(R"({"url":")" + server.url() + R"(","id":"me","secret":"pass-s3cret","refresh":")"
                 + token_server::refresh_token(0) + R"(","n":1.50})");
  }

  void write_config(const std::string& json) { config = files.write("config.json", json); }

  std::vector<std::string> command(const std::string& verb, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{SLUICE_BINARY, verb, "--manifest", manifest, "--config", config};
    if (verb == "read" || verb == "plan")
      all.insert(all.end(), {"--catalog", catalog});
    if (verb == "read")
      all.insert(all.end(), {"--set", "fetchers.pool_size=3"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  sync_result run(const std::string& verb, const std::vector<std::string>& more = {}) const {
    return sync_result{run_program(command(verb, more))};
  }

  /// Every row came, and none twice.
  void check_complete(const sync_result& r) const {
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    const auto ids = r.messages.ids("rows");
    CHECK(ids.size() == static_cast<std::size_t>(lists * rows_a_list));
    CHECK(r.messages.record_set("rows").size() == ids.size());
    CHECK(r.messages.bad_lines.empty());
  }

  token_server server;
  int lists;
  int rows_a_list;
  temporary_directory files;
  std::string manifest;
  std::string catalog;
  std::string config;
};

void check_silence(const std::string& text) {
  CHECK(text.find("s3cret") == std::string::npos);
}

/// stdout without its CONTROL lines, which are for whoever keeps the configuration.
std::string without_controls(const sync_result& r) {
  std::string result;
  for (const auto& line : r.messages.lines)
    if (line.rfind(R"({"type":"CONTROL")", 0) != 0)
      result += line + "\n";
  return result;
}

} // namespace

TEST_CASE("a credential that ends in the middle of a run is renewed once each time, whatever the pool") {
  const auto* kind = GENERATE(plain_oauth, single_use, session, legacy_session, signed_token);
  for (const std::string pool : {"1", "10", "40"}) {
    INFO(kind << "pool " << pool);
    token_account account;
    account.lists = 60;
    account.uses = 100;
    account.lasting = kind == plain_oauth;
    const token_source source{account, kind};
    const auto r = source.run("read", {"--set", "fetchers.pool_size=" + pool});
    source.check_complete(r);
    const auto expected = (source.server.uses() + account.uses - 1) / account.uses;
    CHECK(source.server.issued() == expected);
    CHECK(source.server.refused() <= (expected - 1) * std::stoi(pool));
    CHECK(r.messages.configs.size() == static_cast<std::size_t>(kind == single_use ? expected : 0));
    check_silence(without_controls(r) + r.err);
  }
}

TEST_CASE("a login whose key ends, too, is repeated with another one, once each time, whatever the pool") {
  for (const std::string pool : {"1", "10", "40"}) {
    INFO("pool " << pool);
    token_account account;
    account.lists = 60;
    account.uses = 60;
    account.key_uses = 2;
    const token_source source{account, session_with_key};
    const auto r = source.run("read", {"--set", "fetchers.pool_size=" + pool});
    source.check_complete(r);
    const auto expected = (source.server.uses() + account.uses - 1) / account.uses;
    CHECK(source.server.issued() == expected);
    // Every key was good for two logins, and refused at the third.
    CHECK(source.server.keys() == (expected + 1) / 2);
    CHECK(source.server.refused_keys() == source.server.keys() - 1);
    check_silence(r.out + r.err);
  }
}

TEST_CASE("what a run says of itself when it is in trouble holds no secret") {
  for (const auto* kind : {plain_oauth, single_use, session, legacy_session, signed_token, session_with_key}) {
    token_account account;
    account.uses = 10;
    account.lasting = kind == plain_oauth;
    account.key_uses = kind == session_with_key ? 100 : 0;
    const token_source source{account, kind};
    const auto& files = source.files;
    for (const int signal : {SIGQUIT, SIGABRT}) {
      auto command = source.command("read", {"--trace", files.path("trace")});
      program p{command};
      p.wait_for_bytes(3000);
      p.send(signal);
      const sync_result r{p.wait()};
      INFO(kind << describe(r));
      check_silence(without_controls(r) + r.err + content_of(files.path("trace")));
    }
  }
}

TEST_CASE("the configuration with a new token is printed by every command, and changes in nothing else") {
  for (const std::string verb : {"check", "read"}) {
    token_source source{{}, single_use};
    const auto r = source.run(verb);
    INFO(describe(r));
    CHECK(r.exit_code == 0);
    REQUIRE(r.messages.configs.size() == 1);
    const auto& config = r.messages.configs.front();
    CHECK(config.find(
            R"("id":"me","secret":"pass-s3cret","refresh":"ref-1-s3cret","n":1.5,"access":"acc-1-s3cret","ends":")")
          != std::string::npos);
    // With it the next run asks for no token.
    source.write_config(config);
    source.check_complete(source.run("read"));
    CHECK(source.server.issued() == 1);
  }
}

TEST_CASE("a wrong secret fails a check with what the server says, and nobody reads the secret") {
  token_account account;
  account.refusal = R"({"error":"invalid_client","error_description":"not good: {}"})";
  for (const auto* kind : {plain_oauth, single_use, session}) {
    token_source source{account, kind};
    source.write_config(R"({"url":")" + source.server.url()
                        + R"(","id":"me","secret":"other s3cret/1","refresh":"stale-s3cret/2"})");
    for (const std::string verb : {"check", "read"}) {
      const auto r = source.run(verb, {"--trace", source.files.path("trace")});
      INFO(describe(r));
      if (verb == "check") {
        CHECK(r.messages.check_status == "FAILED");
        CHECK(r.messages.check_message.find(kind == session ? "unknown" : "invalid_client") != std::string::npos);
      } else {
        CHECK(r.exit_code == 1);
        CHECK(r.messages.errors.at(0).failure_type == "config_error");
      }
      check_silence(r.out + r.err + content_of(source.files.path("trace")));
    }
    CHECK(source.server.refused_logins() == 2);
  }
}

TEST_CASE("a plan names the credential and asks nobody; a probe logs in") {
  for (const auto* kind : {plain_oauth, single_use, session}) {
    const token_source source{{}, kind};
    auto plan = source.run("plan");
    INFO(describe(plan));
    CHECK(plan.exit_code == 0);
    CHECK(plan.out.find(kind == session ? "session token at 127.0.0.1" : "OAuth (refresh_token) at 127.0.0.1")
          != std::string::npos);
    CHECK(source.server.issued() == 0);
    plan = source.run("plan", {"--probe"});
    INFO(describe(plan));
    // A probe changes no configuration.
    CHECK(source.server.issued() == (kind == single_use ? 0 : 1));
    check_silence(plan.out + plan.err);
  }
}

TEST_CASE("no secret is in any output, trace, state or file of a run") {
  for (const auto* kind : {plain_oauth, single_use, session, legacy_session, signed_token, session_with_key}) {
    token_account account;
    account.uses = 10;
    account.lasting = kind == plain_oauth;
    account.key_uses = kind == session_with_key ? 2 : 0;
    const token_source source{account, kind};
    const auto& files = source.files;
    const auto r = source.run("read", {"--debug", "--trace", files.path("trace"), "--summary", files.path("summary"),
                                       "--metrics", files.path("metrics")});
    source.check_complete(r);
    check_silence(without_controls(r));
    check_silence(r.err);
    for (const auto* name : {"trace", "summary", "metrics"})
      check_silence(content_of(files.path(name)));
    // Nobody is asked for a token that is signed here.
    CHECK((content_of(files.path("trace")).find(R"("cat":"login")") != std::string::npos) == (kind != signed_token));
  }
}

TEST_CASE("a run that is killed at any moment leaves a configuration with which the next one can log in") {
  token_account account;
  account.uses = 4;
  token_source source{account, single_use};
  std::mt19937_64 random{15};
  const auto whole = source.run("read");
  source.check_complete(whole);
  source.write_config(whole.messages.configs.back());
  for (int round = 0; round < 100; ++round) {
    const auto moment = random() % (whole.out.size() / 4);
    INFO("round " << round << ", killed after " << moment << " bytes of stdout");
    program p{source.command("read")};
    p.wait_for_bytes(moment);
    p.send(SIGKILL);
    const sync_result ended{p.wait()};
    INFO(ended.messages.talk());
    REQUIRE(ended.messages.errors.empty());
    if (!ended.messages.configs.empty())
      source.write_config(ended.messages.configs.back());
  }
  source.check_complete(source.run("read"));
  CHECK(source.server.refused_logins() == 0);
}

TEST_CASE("a run that is asked to end in the middle of a renewal prints what it brings") {
  token_account account;
  account.uses = 3;
  token_source source{account, single_use};
  std::mt19937_64 random{16};
  for (int round = 0; round < 20; ++round) {
    INFO("round " << round);
    program p{source.command("read")};
    p.wait_for_bytes(random() % 3000);
    p.send(SIGTERM);
    const sync_result ended{p.wait()};
    REQUIRE(ended.messages.errors.empty());
    if (!ended.messages.configs.empty()) {
      CHECK(ended.messages.configs.back().find(token_server::refresh_token(source.server.issued()))
            != std::string::npos);
      source.write_config(ended.messages.configs.back());
    }
  }
  CHECK(source.server.refused_logins() == 0);
}
