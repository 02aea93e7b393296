#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

using namespace sluice;
using namespace sluice::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// How a manifest gets its credential, and where its lists are.
struct access_kind {
  std::string name;
  std::string path;
  std::string authenticator;
};

access_kind oauth(const std::string& more = {}) {
  return {"oauth", "/oauth/orders",
          R"yaml(
          type: OAuthAuthenticator
          token_refresh_endpoint: "{{ config['url'] }}/oauth/token"
          client_id: "{{ config['credentials']['client_id'] }}"
          client_secret: "{{ config['credentials']['client_secret'] }}"
          refresh_token: "{{ config['credentials']['refresh_token'] }}")yaml"
            + more};
}

access_kind client_credentials() {
  return {"client credentials", "/oauth/orders", R"yaml(
          type: OAuthAuthenticator
          token_refresh_endpoint: "{{ config['url'] }}/oauth/token"
          grant_type: client_credentials
          client_id: "{{ config['credentials']['client_id'] }}"
          client_secret: "{{ config['credentials']['client_secret'] }}")yaml"};
}

access_kind session() {
  return {"session", "/session/tickets", R"yaml(
          type: SessionTokenAuthenticator
          expiration_duration: PT5S
          session_token_path: [id]
          login_requester:
            type: HttpRequester
            url_base: "{{ config['url'] }}"
            path: /session/login
            http_method: POST
            request_body_json:
              username: "{{ config['credentials']['username'] }}"
              password: "{{ config['credentials']['password'] }}"
          request_authentication:
            type: ApiKey
            inject_into: {type: RequestOption, inject_into: header, field_name: X-Session})yaml"};
}

/// So many tokens, each with a quota; without the headers of answers if they do not tell.
access_kind tokens(unsigned count, bool told) {
  std::string all;
  for (unsigned i = 1; i <= count; ++i)
    all += (i == 1 ? "" : ",") + std::string{simulator::credential_desk::pool_token} + std::to_string(i);
  return {"tokens", "/tokens/parcels",
          R"yaml(
          type: RateLimitedMultipleTokenAuthenticator
          tokens: ")yaml"
            + all + R"yaml("
          quota_status_source: {type: QuotaStatusSource, url: "{{ config['url'] }}/tokens/limit"}
          budget_min_reserve: 0
          budget_reserve_fraction: 0
          quotas:
            - type: TokenQuota
              name: calls
              remaining_path: [calls, left]
              reset_path: [calls, reset]
              limit_path: [calls, limit])yaml"
            + (told ? R"yaml(
              remaining_header: X-Calls-Left
              reset_header: X-Calls-Reset
              limit_header: X-Calls-Limit
              exhaustion_status_codes: [429])yaml"
                    : "")};
}

/// A simulator whose tokens end, and the files of a run against it.
class expiring_account {
public:
  expiring_account(const access_kind& kind, const simulator::options& o, unsigned shops) : shops_(shops) {
    auto started = simulator::server::start(o);
    REQUIRE(started);
    server_ = std::move(*started);
    files_.write("manifest.yaml", manifest(kind));
    files_.write("catalog.json", R"({"streams":[{"stream":{"name":"rows","json_schema":{},"supported_sync_modes":)"
                                 R"(["full_refresh"]},"sync_mode":"full_refresh","destination_sync_mode":"append"}]})");
    keep(R"({"url":")" + server_->url() + R"(","credentials":{"client_id":"simulator-client",)"
         + R"("client_secret":"simulator-secret","refresh_token":"simulator-refresh-0","username":"simulator-user",)"
         + R"("password":"simulator-password"}})");
  }

  simulator::server& server() { return *server_; }
  /// From now on this is the config.
  void keep(const std::string& config) { files_.write("config.json", config); }

  std::vector<std::string> command(const std::string& verb) const {
    std::vector<std::string> result{
      SLUICE_BINARY, verb, "--manifest", files_.path("manifest.yaml"), "--config", files_.path("config.json")};
    if (verb == "read")
      result.insert(result.end(), {"--catalog", files_.path("catalog.json"), "--progress", "never"});
    return result;
  }

  /// Each row once, and no other.
  void check_records(const sync_result& r, std::uint64_t pages) const {
    const auto found = r.messages.record_set("rows");
    const std::set<std::string> distinct{found.begin(), found.end()};
    CHECK(distinct.size() == shops_ * pages * simulator::credential_desk::rows_per_page);
    CHECK(found.size() == distinct.size());
  }

private:
  std::string manifest(const access_kind& kind) const {
    std::string shops;
    for (unsigned i = 1; i <= shops_; ++i)
      shops += (i == 1 ? "\"" : ", \"") + std::to_string(i) + "\"";
    return R"yaml(type: DeclarativeSource
version: 7.0.0
check: {type: CheckStream, stream_names: [rows]}
spec:
  type: Spec
  connection_specification:
    type: object
    properties:
      credentials:
        type: object
        properties:
          client_secret: {type: string, airbyte_secret: true}
          refresh_token: {type: string, airbyte_secret: true}
          password: {type: string, airbyte_secret: true}
concurrency_level: {type: ConcurrencyLevel, default_concurrency: )yaml"
           + std::to_string(shops_) + R"yaml(}
streams:
  - type: DeclarativeStream
    name: rows
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: "{{ config['url'] }}"
        path: )yaml"
           + kind.path + R"yaml(
        authenticator:)yaml"
           + kind.authenticator + R"yaml(
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [rows]}}
      paginator:
        type: DefaultPaginator
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page}
        pagination_strategy:
          type: CursorPagination
          cursor_value: "{{ response.next }}"
          stop_condition: "{{ not response.next }}"
      partition_router:
        type: ListPartitionRouter
        cursor_field: shop
        values: [)yaml"
           + shops + R"yaml(]
        request_option: {type: RequestOption, inject_into: request_parameter, field_name: shop}
)yaml";
  }

  unsigned shops_;
  temporary_directory files_;
  std::unique_ptr<simulator::server> server_;
};

/// No credential in what people read.
void check_silence(const sync_result& r) {
  for (const auto& text : {r.messages.talk(), r.err})
    for (const auto* secret : {"simulator-secret", "simulator-refresh-", "simulator-access-", "simulator-session-",
                               "simulator-password", "simulator-pool-"})
      CHECK(text.find(secret) == std::string::npos);
}

std::uint64_t kills_wanted(std::uint64_t otherwise) {
  const auto* text = std::getenv("SLUICE_TORTURE_KILLS");
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

access_kind single_use() {
  return oauth("\n          refresh_token_updater: {}");
}

/// Kills reads around the renewals of a token for one use. Each time the config of the last CONTROL line must do.
void kill_around_renewals(std::uint64_t kills, std::uint64_t seed) {
  simulator::options o;
  o.latency = milliseconds{2};
  o.credentials.single_use = true;
  o.credentials.revoke_every = 5; // so that a run renews again and again
  o.credentials.pages = 30;
  expiring_account a{single_use(), o, 2};
  std::mt19937_64 random{seed};
  for (std::uint64_t round = 0; round < kills; ++round) {
    INFO("kill " << round << ", seed " << seed);
    const auto before = a.server().credentials().issued.size();
    program p{a.command("read")};
    if (random() % 2 == 0) { // as soon as a token was given out, before the client can know
      const auto wanted = before + 1 + random() % 4;
      while (a.server().credentials().issued.size() < wanted && !p.ended())
        std::this_thread::yield();
    } else {
      p.wait_for_bytes(random() % 6000);
    }
    p.send(SIGKILL);
    const sync_result killed{p.wait()};
    if (!killed.messages.configs.empty())
      a.keep(killed.messages.configs.back());
    check_silence(killed);
    const sync_result next{run_program(a.command("check"))};
    INFO(describe(killed) << "\n" << describe(next));
    REQUIRE(next.messages.check_status == "SUCCEEDED");
    if (!next.messages.configs.empty())
      a.keep(next.messages.configs.back());
  }
  CHECK(a.server().credentials().refused_logins == 0);
}

} // namespace

TEST_CASE("a credential that ends in mid-run is renewed once, however many requests want it") {
  // All at once: they spend their time waiting.
  std::vector<std::thread> runs;
  struct outcome {
    std::string name;
    std::unique_ptr<expiring_account> account;
    std::unique_ptr<sync_result> result;
  };
  constexpr std::uint64_t pages = 40;
  std::vector<outcome> all;
  for (const auto& kind : {oauth(), client_credentials(), session()})
    for (unsigned pool : {1U, 10U, 40U}) {
      simulator::options o;
      o.latency = milliseconds{200};
      o.credentials.lifetime = seconds{5};
      o.credentials.pages = pages;
      all.push_back(
        {kind.name + ", pool " + std::to_string(pool), std::make_unique<expiring_account>(kind, o, pool), nullptr});
    }
  for (auto& x : all)
    runs.emplace_back([&x] { x.result = std::make_unique<sync_result>(run_program(x.account->command("read"))); });
  for (auto& run : runs)
    run.join();
  for (const auto& x : all) {
    INFO(x.name << "\n" << describe(*x.result));
    CHECK(x.result->exit_code == 0);
    x.account->check_records(*x.result, pages);
    check_silence(*x.result);
    const auto seen = x.account->server().credentials();
    CHECK(seen.issued.size() >= 2);
    // One for each expiry: the next is asked for a quarter of its time before the end.
    for (std::size_t i = 1; i < seen.issued.size(); ++i)
      CHECK(seen.issued[i] - seen.issued[i - 1] >= milliseconds{3000});
    // On the way when it ended.
    CHECK(seen.latest_use <= milliseconds{1000});
  }
}

TEST_CASE("tokens that are revoked in mid-run cost one renewal each time, and no record") {
  simulator::options o;
  o.latency = milliseconds{20};
  o.credentials.revoke_every = 60;
  o.credentials.pages = 20;
  for (const auto& kind : {oauth(), session()}) {
    expiring_account a{kind, o, 10};
    const sync_result r{run_program(a.command("read"))};
    INFO(kind.name << "\n" << describe(r));
    CHECK(r.exit_code == 0);
    a.check_records(r, 20);
    const auto seen = a.server().credentials();
    CHECK(seen.revocations == 3);
    CHECK(seen.issued.size() == 4);
    check_silence(r);
  }
}

TEST_CASE("a wrong secret is the configuration's fault, said once and not shown") {
  simulator::options o;
  for (const auto& kind : {oauth(), client_credentials(), session()}) {
    expiring_account a{kind, o, 10};
    a.keep(R"({"url":")" + a.server().url()
           + R"(","credentials":{"client_id":"simulator-client","client_secret":"simulator-secret-2",)"
             R"("refresh_token":"simulator-refresh-0","username":"x","password":"simulator-password-2"}})");
    const sync_result r{run_program(a.command("read"))};
    INFO(kind.name << "\n" << describe(r));
    CHECK(r.exit_code == 1);
    REQUIRE(r.messages.errors.size() == 2); // the stream's, and that of the run
    CHECK(r.messages.errors[0].stream == "rows");
    CHECK(r.messages.errors[0].failure_type == "config_error");
    CHECK(a.server().credentials().refused_logins == 1);
    check_silence(r);
    const sync_result check{run_program(a.command("check"))};
    CHECK(check.messages.check_status == "FAILED");
    CHECK(check.messages.check_message.find("simulator-secret") == std::string::npos);
  }
}

TEST_CASE("no token of a pool is used beyond its quota, and no record is lost while all wait for a reset") {
  struct outcome {
    std::string name;
    std::unique_ptr<expiring_account> account;
    std::unique_ptr<sync_result> result;
  };
  constexpr std::uint64_t pages = 5;
  std::vector<outcome> all;
  std::vector<std::thread> runs;
  for (const bool told : {false, true})
    for (unsigned pool : {1U, 10U, 40U}) {
      simulator::options o;
      o.latency = milliseconds{10};
      o.credentials.pages = pages;
      o.credentials.token_window = seconds{2};
      o.credentials.token_calls = pool == 1 ? 1 : pool; // three tokens, five pages: two windows
      all.push_back({"pool " + std::to_string(pool) + (told ? ", told by headers" : ""),
                     std::make_unique<expiring_account>(tokens(3, told), o, pool), nullptr});
    }
  for (auto& x : all)
    runs.emplace_back([&x] { x.result = std::make_unique<sync_result>(run_program(x.account->command("read"))); });
  for (auto& run : runs)
    run.join();
  for (const auto& x : all) {
    INFO(x.name << "\n" << describe(*x.result));
    CHECK(x.result->exit_code == 0);
    x.account->check_records(*x.result, pages);
    check_silence(*x.result);
    const auto seen = x.account->server().credentials();
    CHECK(seen.tokens_used == 3);
    CHECK(seen.refused_calls == 0);
    // Each once at first, and once for each window that was waited for.
    CHECK(seen.quota_questions >= 4);
    CHECK(seen.quota_questions <= 12);
  }
}

TEST_CASE("two runs with the same tokens may meet refusals, and lose no record") {
  simulator::options o;
  o.credentials.token_calls = 8;
  o.credentials.token_window = seconds{2};
  o.credentials.pages = 4;
  expiring_account a{tokens(2, true), o, 4};
  program other{a.command("read")};
  const sync_result r{run_program(a.command("read"))};
  const sync_result r2{other.wait()};
  for (const auto* x : {&r, &r2}) {
    INFO(describe(*x));
    CHECK(x->exit_code == 0);
    a.check_records(*x, 4);
    check_silence(*x);
  }
  CHECK(a.server().credentials().lists == 32);
}

TEST_CASE("a check knows of each token of a pool") {
  simulator::options o;
  auto kind = tokens(2, false);
  kind.authenticator.replace(kind.authenticator.find(",simulator-pool-2"), 17, ",simulator-pool-500");
  expiring_account a{kind, o, 1};
  const sync_result check{run_program(a.command("check"))};
  INFO(describe(check));
  CHECK(check.messages.check_status == "FAILED");
  CHECK(check.messages.check_message.find("token 2 of 2") != std::string::npos);
  check_silence(check);
}

TEST_CASE("the example reads all its APIs, with each kind of credential") {
  const auto example = source_directory() + "/config/examples/shop.yaml";
  for (const std::string kind : {"refresh_token", "client_credentials", "session", "single_use", "tokens"}) {
    simulator::options o;
    o.credentials.single_use = kind == "single_use";
    expiring_account a{oauth(), o, 8}; // the example has 8 shops, too
    a.keep(R"({"url":")" + a.server().url() + R"(","credentials":{"kind":")" + kind
           + R"(","client_id":"simulator-client","client_secret":"simulator-secret",)"
             R"("refresh_token":"simulator-refresh-0","username":"simulator-user","password":"simulator-password",)"
             R"("tokens":"simulator-pool-1,simulator-pool-2"}})");
    auto command = a.command("read");
    *(std::find(command.begin(), command.end(), "--manifest") + 1) = example;
    const sync_result r{run_program(command)};
    INFO(kind << "\n" << describe(r));
    CHECK(r.exit_code == 0);
    CHECK(r.messages.configs.size() == (kind == "single_use" ? 1 : 0));
    a.check_records(r, o.credentials.pages);
    check_silence(r);
  }
}

TEST_CASE("a run that is killed around the renewal of a token for one use leaves a config that can log in") {
  kill_around_renewals(6, 15);
}

// Hidden: `./run torture [KILLS]` runs it.
TEST_CASE("runs that are killed around renewals again and again can always log in", "[.torture]") {
  const auto seed = std::random_device{}();
  const auto kills = kills_wanted(100);
  kill_around_renewals(kills, seed);
  std::cout << "survived " << kills << " kills around renewals\n";
}
