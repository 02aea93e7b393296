#include "tests/actors/core/auth/login_steps.hpp"

#include <string>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

legacy_session_login with(const std::string& session, bool has_user) {
  legacy_session_login how;
  how.session = session;
  how.header = "X-Session";
  how.token_key = "id";
  how.validation = {"GET", "https://api.test/me", {{"X-Session", session}}, ""};
  if (has_user)
    how.login = login_request{"POST", "https://api.test/session", {}, "{}"};
  return how;
}

std::string asks(const login_step& step) {
  return expect<built_request>(step).url;
}

} // namespace

TEST_CASE("a session of the configuration is looked at before it is used") {
  auto l = login_of(with("old", true));
  CHECK(asks(l.begin(false, noon)) == "https://api.test/me");
  auto answer = expect<login_answer>(l.hear(replied(200, "{}"), noon));
  CHECK(answer.fields == credential_fields{{credential_field::place::header, "X-Session", "old"}});
  CHECK(answer.valid_us == -1);
  CHECK(l.known_secrets() == std::vector<std::string>{"old"});
  // One that a request was refused with is not looked at again.
  CHECK(asks(l.begin(true, noon)) == "https://api.test/session");
}

TEST_CASE("a session that has ended is replaced by one of a login, for a day") {
  auto l = login_of(with("old", true));
  expect<built_request>(l.begin(false, noon));
  CHECK(asks(l.hear(replied(401, "{}"), noon)) == "https://api.test/session");
  auto answer = expect<login_answer>(l.hear(replied(200, R"({"id":"new"})"), noon));
  CHECK(answer.fields.at(0).value == "new");
  CHECK(answer.secrets == std::vector<std::string>{"new"});
  CHECK(answer.valid_us == std::chrono::microseconds{24h}.count());
  CHECK(asks(l.begin(false, noon)) == "https://api.test/session");
}

TEST_CASE("without session and user name there is nothing to ask with") {
  auto l = login_of(with("old", false));
  expect<built_request>(l.begin(false, noon));
  auto failed = expect<login_failure>(l.hear(replied(401, "{}"), noon));
  CHECK(failed.error.failure == failure_type::config_error);
  CHECK(failed.retry_us == -1);
  auto none = login_of(with("", false));
  CHECK(expect<login_failure>(none.begin(false, noon)).error.failure == failure_type::config_error);
}

TEST_CASE("a login that is refused, and one whose server has a bad moment") {
  auto l = login_of(with("", true));
  expect<built_request>(l.begin(false, noon));
  CHECK(expect<login_failure>(l.hear(replied(403, "{}"), noon)).retry_us == -1);
  expect<built_request>(l.begin(false, noon));
  CHECK(expect<login_failure>(l.hear(replied(502, "{}"), noon)).retry_us > 0);
  expect<built_request>(l.begin(false, noon));
  CHECK(expect<login_failure>(l.hear(replied(200, R"({"key":"s3cret"})"), noon)).error.failure
        == failure_type::system_error);
}
