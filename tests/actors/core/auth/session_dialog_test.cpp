#include "tests/actors/core/auth/login_steps.hpp"

#include <cstdint>
#include <optional>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

session_login bearer() {
  endpoint login;
  login.request.method = "POST";
  login.request.url_base = "https://api.test/login";
  login.request.body = text_body{text_template::literal("user=u")};
  session_login how;
  how.login = std::make_shared<const endpoint>(std::move(login));
  how.token_path = {"session", "id"};
  return how;
}

login_answer issued(const session_login& how, const std::string& body) {
  auto l = login_of(how);
  expect<built_request>(l.begin(false, noon));
  return expect<login_answer>(l.hear(replied(200, body), noon));
}

login_failure refused(int status, const std::string& body) {
  auto l = login_of(bearer());
  expect<built_request>(l.begin(false, noon));
  return expect<login_failure>(l.hear(replied(status, body), noon));
}

} // namespace

TEST_CASE("a session's login is the manifest's request") {
  auto l = login_of(bearer());
  const auto request = expect<built_request>(l.begin(false, noon));
  CHECK(request.method == "POST");
  CHECK(request.url == "https://api.test/login");
  CHECK(request.body == "user=u");
}

TEST_CASE("a session token becomes a field of requests and a secret") {
  auto answer = issued(bearer(), R"({"session":{"id":"t0ken"}})");
  CHECK(answer.fields == credential_fields{{credential_field::place::header, "Authorization", "Bearer t0ken"}});
  CHECK(answer.secrets == std::vector<std::string>{"t0ken"});
  CHECK(answer.valid_us == -1);
  CHECK(answer.changes.empty());

  auto how = bearer();
  how.place = {credential_field::place::body_json, "auth", {"sid"}, "", std::nullopt};
  how.valid_for = 90s;
  answer = issued(how, R"({"session":{"id":17}})");
  CHECK(answer.fields == credential_fields{{credential_field::place::body_json, "auth", "17", {"sid"}}});
  CHECK(answer.valid_us == 90'000'000);
}

TEST_CASE("the text that is sent may be a template of token and config") {
  auto how = bearer();
  auto text = text_template::parse("{{ config['kind'] }} {{ session_token }}", {"config", "session_token"});
  REQUIRE(text);
  how.place.text = *text;
  CHECK(issued(how, R"({"session":{"id":"abc"}})").fields.at(0).value == "Token abc");
  how.place.text = *text_template::parse("{{ session_token[::-1] }}", {"session_token"});
  CHECK(issued(how, R"({"session":{"id":"abc"}})").secrets == std::vector<std::string>{"cba", "abc"});
}

TEST_CASE("a token is found as dpath finds it") {
  auto how = bearer();
  how.token_path = {"data", "0", "*"};
  CHECK(issued(how, R"({"data":[{"only":"abc"},{"only":"def"}]})").fields.at(0).value == "Bearer abc");
  how.token_path = {"token"};
  CHECK(issued(how, R"([{"token":"first"},{"token":"second"}])").fields.at(0).value == "Bearer first");
}

TEST_CASE("a login is judged by its handler, and by the default table") {
  for (int status : {401, 403}) {
    auto failed = refused(status, R"({"message":"wrong password"})");
    CHECK(failed.error.failure == failure_type::config_error);
    CHECK(failed.retry_us == -1);
    CHECK(contains(failed.error.message, "the account"));
    CHECK(contains(failed.error.message, std::to_string(status)));
    CHECK(contains(failed.error.message, "wrong password"));
  }
  for (int status : {429, 500, 503}) {
    auto failed = refused(status, "{}");
    CHECK(failed.error.failure == failure_type::transient_error);
    CHECK(failed.retry_us == 1'000'000);
  }
}

TEST_CASE("a login is tried as often as a page") {
  auto l = login_of(bearer());
  std::vector<std::int64_t> waits;
  for (;;) {
    expect<built_request>(l.begin(false, noon));
    auto failed = expect<login_failure>(l.hear(replied(500, "{}"), noon));
    if (failed.retry_us < 0)
      break;
    waits.push_back(failed.retry_us);
  }
  CHECK(waits == std::vector<std::int64_t>{1'000'000, 2'000'000, 4'000'000, 8'000'000, 16'000'000});
  // One that succeeds begins the tries anew.
  expect<built_request>(l.begin(false, noon));
  expect<login_answer>(l.hear(replied(200, R"({"session":{"id":"t"}})"), noon));
  expect<built_request>(l.begin(false, noon));
  CHECK(expect<login_failure>(l.hear(replied(500, "{}"), noon)).retry_us == 1'000'000);
}

TEST_CASE("no answer is worth another try, unless the run ends") {
  auto l = login_of(bearer());
  expect<built_request>(l.begin(false, noon));
  auto failed
    = expect<login_failure>(l.hear(error{errc::timed_out, failure_type::transient_error, "too slow", ""}, 1s));
  CHECK(failed.retry_us == 1'000'000);
  CHECK(contains(failed.error.message, "too slow"));
  failed = expect<login_failure>(l.hear(error{errc::interrupted, failure_type::transient_error, "over", ""}, 0s));
  CHECK(failed.retry_us == -1);
  CHECK(failed.error.code == errc::interrupted);
}

TEST_CASE("an answer without a token is an error that does not show the answer") {
  for (const auto* body : {"", "no JSON", "{}", R"({"session":"s3cret"})", R"({"session":{"id":null,"x":"s3cret"}})",
                           R"({"session":{"id":"","x":"s3cret"}})", R"([{"id":"s3cret"}])"}) {
    auto l = login_of(bearer());
    expect<built_request>(l.begin(false, noon));
    auto failed = expect<login_failure>(l.hear(replied(200, body), noon));
    INFO(body);
    CHECK(failed.error.failure == failure_type::system_error);
    CHECK(contains(failed.error.message, "session.id"));
    CHECK_FALSE(contains(failed.error.message + failed.error.internal_message, "s3cret"));
  }
}

TEST_CASE("a login carries the credential that it is given, and a refusal of that is no answer yet") {
  auto how = bearer();
  auto login = *how.login;
  login.request.credential = expiring_credential{0};
  how.login = std::make_shared<const endpoint>(std::move(login));
  auto l = login_of(how);
  credential_wanted wanted;
  wanted.with = std::make_shared<const issued_credential>(
    issued_credential{7, {{credential_field::place::header, "X-Inner", "inner"}}});
  wanted.renewable = true;
  CHECK(find_header(expect<built_request>(l.begin(wanted, noon)).headers, "X-Inner") == "inner");
  auto failed = expect<login_failure>(l.hear(replied(401, "{}"), noon));
  CHECK(failed.refused == 7);
  CHECK(failed.retry_us == 0);

  // With another one it is the login's own answer.
  wanted.renewable = false;
  expect<built_request>(l.begin(wanted, noon));
  failed = expect<login_failure>(l.hear(replied(401, "{}"), noon));
  CHECK(failed.refused == 0);
  CHECK(failed.retry_us == -1);
  CHECK(failed.error.failure == failure_type::config_error);
}
