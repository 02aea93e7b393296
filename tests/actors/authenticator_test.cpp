#include "actors/authenticator.hpp"

#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <caf/deep_to_string.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using answer = tl::expected<net::response, net::transport_failure>;

answer replied(int status, std::string body) {
  net::response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

/// What the server of a test was asked, and what it answers.
struct script {
  std::vector<net::request> requests;
  std::deque<answer> answers;
  std::size_t sessions = 0;
};

class scripted_session final : public net::http_session {
public:
  explicit scripted_session(std::shared_ptr<script> s) : script_(std::move(s)) {}
  answer send(const net::request& r) override {
    script_->requests.push_back(r);
    auto next = std::move(script_->answers.front());
    script_->answers.pop_front();
    return next;
  }

private:
  std::shared_ptr<script> script_;
};

class scripted_transport final : public net::transport {
public:
  explicit scripted_transport(std::shared_ptr<script> s) : script_(std::move(s)) {}
  std::unique_ptr<net::http_session> open_session() override {
    ++script_->sessions;
    return std::make_unique<scripted_session>(script_);
  }
  void abort_all() noexcept override {}

private:
  std::shared_ptr<script> script_;
};

/// The authenticator of a plan's second credential.
struct authenticator_case {
  authenticator_case() {
    plan p;
    endpoint login;
    login.request.method = "POST";
    login.request.url_base = "https://api.example.com/login";
    login.request.headers = {{"X-Client", text_template::literal("c"), true}};
    login.request.body = text_body{text_template::literal("user=u")};
    session_login how;
    how.login = std::make_shared<const endpoint>(std::move(login));
    how.token_path = {"token"};
    how.valid_for = 600s;
    p.credentials = {{"other", how}, {"session", how}};
    begin(std::move(p));
  }
  explicit authenticator_case(oauth_login how) {
    plan p;
    p.credentials = {{"other", how}, {"OAuth", how}};
    begin(std::move(p));
  }

  void begin(plan p) {
    under_test = f.spawn(authenticator, std::make_shared<const plan>(std::move(p)), credential_id{1},
                         std::shared_ptr<net::transport>{std::make_shared<scripted_transport>(server)}, secrets,
                         authenticator_links{governor.handle(), emitter.handle()}, retry_limits{},
                         wall_clock{[] { return language::instant{std::chrono::seconds{actor_fixture::start_s}}; }});
  }

  void obtain(answer a) {
    server->answers.push_back(std::move(a));
    f.send(under_test, credential_wanted{1, 0});
  }

  actor_fixture f;
  probe<governor_actor> governor = f.probe_of<governor_actor>("governor");
  probe<emitter_actor> emitter = f.probe_of<emitter_actor>("emitter");
  std::shared_ptr<script> server = std::make_shared<script>();
  std::shared_ptr<redactor> secrets = std::make_shared<redactor>();
  authenticator_actor under_test;
};

std::string token_body(const std::string& token) {
  return R"({"token":")" + token + R"("})";
}

} // namespace

TEST_CASE("an authenticator does nothing until it is asked") {
  authenticator_case c;
  CHECK(c.server->sessions == 1);
  CHECK(c.server->requests.empty());
  CHECK(c.governor.names().empty());
}

TEST_CASE("a login's answer becomes a credential of the next version") {
  authenticator_case c;
  c.obtain(replied(200, token_body("first-token")));
  REQUIRE(c.server->requests.size() == 1);
  CHECK(c.server->requests[0].method == "POST");
  CHECK(c.server->requests[0].url == "https://api.example.com/login");
  CHECK(c.server->requests[0].headers == header_list{{"X-Client", "c"}});
  CHECK(c.server->requests[0].body == "user=u");
  c.obtain(replied(200, token_body("second-token")));
  auto ready = c.governor.all<credential_ready>();
  REQUIRE(ready.size() == 2);
  CHECK(ready[0].id == 1);
  CHECK(ready[0].valid_us == 600'000'000);
  CHECK(ready[0].credential->version == 1);
  CHECK(ready[0].credential->fields
        == credential_fields{{credential_field::place::header, "Authorization", "Bearer first-token"}});
  CHECK(ready[1].credential->version == 2);
  CHECK(ready[1].credential->fields[0].value == "Bearer second-token");
  CHECK(c.server->sessions == 1); // it keeps its connection
}

TEST_CASE("what an authenticator learns is masked, that of the last few versions too") {
  authenticator_case c;
  for (int i = 1; i <= 6; ++i)
    c.obtain(replied(200, token_body("token-number-" + std::to_string(i))));
  CHECK(c.secrets->apply("Bearer token-number-6") == "Bearer ****");
  CHECK(c.secrets->apply("token-number-3") == "****");
  // A long run fills no memory with those that ended long ago.
  CHECK(c.secrets->apply("x token-number-1") != "x ****");
}

TEST_CASE("no text of a message shows a token") {
  authenticator_case c;
  c.obtain(replied(200, token_body("first-token")));
  auto ready = c.governor.all<credential_ready>();
  REQUIRE(ready.size() == 1);
  CHECK(caf::deep_to_string(ready[0]).find("first-token") == std::string::npos);
  permit carrying;
  carrying.credential = ready[0].credential;
  CHECK(caf::deep_to_string(carrying).find("first-token") == std::string::npos);
}

TEST_CASE("a login that fails is told, with whose turn it is") {
  authenticator_case c;
  c.obtain(replied(403, R"({"message":"unknown user"})"));
  c.obtain(replied(503, ""));
  c.obtain(tl::unexpected(net::transport_failure{{errc::timed_out, failure_type::transient_error, "no answer", ""}}));
  auto failed = c.governor.all<credential_failed>();
  REQUIRE(failed.size() == 3);
  CHECK(failed[0].id == 1);
  CHECK(failed[0].error.failure == failure_type::config_error);
  CHECK(failed[0].error.message.find("unknown user") != std::string::npos);
  CHECK(failed[1].error.failure == failure_type::transient_error);
  CHECK(failed[2].error.code == errc::timed_out);
  // Versions count what was obtained.
  c.obtain(replied(200, token_body("first-token")));
  CHECK(c.governor.all<credential_ready>().at(0).credential->version == 1);
}

// -- tokens that the configuration has to keep ------------------------------------

namespace {

oauth_login single_use() {
  oauth_login how;
  how.url = "https://api.example.com/token";
  how.refresh_token = "refresh-1-s3cret";
  how.fields = {{"refresh_token", token_field::source::refresh_token}};
  how.store = token_store{{"access"}, {"refresh"}, {"ends"}};
  return how;
}

std::string tokens(int number) {
  const auto n = std::to_string(number);
  return R"({"access_token":"access-)" + n + R"(-s3cret","refresh_token":"refresh-)" + n + R"(-s3cret"})";
}

} // namespace

TEST_CASE("a single-use token is handed out when the configuration with it is written, and not before") {
  authenticator_case c{single_use()};
  c.obtain(replied(200, tokens(2)));
  CHECK(c.server->requests.at(0).body == "refresh_token=refresh-1-s3cret");
  // The emitter has not answered yet.
  REQUIRE(c.emitter.all<config_update>().size() == 1);
  CHECK(c.emitter.all<config_update>()[0].changes.at(1) == config_change{{"refresh"}, "refresh-2-s3cret"});
  CHECK(c.governor.names().empty());
  CHECK(c.secrets->apply("access-2-s3cret refresh-2-s3cret") == "**** ****");

  authenticator_case other{single_use()};
  other.emitter.answers<config_update>([](const config_update&) { return flushed{true}; });
  other.obtain(replied(200, tokens(2)));
  auto ready = other.governor.all<credential_ready>();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].credential->fields[0].value == "Bearer access-2-s3cret");
  other.obtain(replied(200, tokens(3)));
  CHECK(other.server->requests.at(1).body == "refresh_token=refresh-2-s3cret");
}

TEST_CASE("a single-use token that could not be written down is not used") {
  authenticator_case c{single_use()};
  c.emitter.answers<config_update>([](const config_update&) { return flushed{false}; });
  c.obtain(replied(200, tokens(2)));
  CHECK(c.governor.count<credential_ready>() == 0);
  auto failed = c.governor.all<credential_failed>();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].retry_us == -1);
  CHECK(failed[0].error.message.find("could not be written") != std::string::npos);
}

TEST_CASE("whoever ends a run waits until a token is written down") {
  authenticator_case c{single_use()};
  auto idle = c.f.begin_asking<flushed>(c.under_test, flush_request{});
  CHECK(*idle);
  c.obtain(replied(200, tokens(2)));
  auto busy = c.f.begin_asking<flushed>(c.under_test, flush_request{});
  CHECK_FALSE(*busy); // the emitter has not answered
}

TEST_CASE("secrets of the configuration are masked before anything is asked, and stay so") {
  authenticator_case c{single_use()};
  CHECK(c.secrets->apply("refresh-1-s3cret") == "****");
  c.emitter.answers<config_update>([](const config_update&) { return flushed{true}; });
  for (int i = 2; i < 9; ++i)
    c.obtain(replied(200, tokens(i)));
  CHECK(c.secrets->apply("refresh-1-s3cret") == "****");
}

TEST_CASE("no text of a message shows what the configuration keeps") {
  config_update x{0, {{{"refresh"}, "refresh-2-s3cret"}}};
  CHECK(caf::deep_to_string(x).find("s3cret") == std::string::npos);
}
