#include "actors/core/auth/login.hpp"

#include "tests/support/catch2.hpp"

#include <chrono>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

session_login bearer() {
  session_login how;
  how.token_path = {"session", "id"};
  how.field = "Authorization";
  how.prefix = "Bearer ";
  return how;
}

error refused(int status, const std::string& body) {
  auto read = read_login(bearer(), "login", status, body);
  REQUIRE_FALSE(read);
  return read.error();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a login's token becomes a field of requests and a secret") {
  auto read = read_login(bearer(), "login", 200, R"({"session":{"id":"t0ken"}})");
  REQUIRE(read);
  CHECK(read->fields == credential_fields{{credential_field::place::header, "Authorization", "Bearer t0ken"}});
  CHECK(read->secrets == std::vector<std::string>{"t0ken"});
  CHECK(read->valid_us == -1);

  auto how = bearer();
  how.where = credential_field::place::parameter;
  how.field = "sid";
  how.prefix.clear();
  how.valid_for = 90s;
  read = read_login(how, "login", 201, R"({"session":{"id":"t"}})");
  REQUIRE(read);
  CHECK(read->fields == credential_fields{{credential_field::place::parameter, "sid", "t"}});
  CHECK(read->valid_us == 90'000'000);
}

TEST_CASE("a login that is refused says whose turn it is") {
  for (int status : {400, 401, 403, 404, 302})
    CHECK(refused(status, "{}").failure == failure_type::config_error);
  for (int status : {408, 425, 429, 500, 503})
    CHECK(refused(status, "{}").failure == failure_type::transient_error);
  auto e = refused(401, R"({"message":"wrong password"})");
  CHECK(contains(e.message, "login"));
  CHECK(contains(e.message, "401"));
  CHECK(contains(e.message, "wrong password"));
}

TEST_CASE("an answer without a token is an error that does not show the answer") {
  for (const auto* body : {"", "no JSON", "{}", R"({"session":"s3cret"})", R"({"session":{"id":17,"x":"s3cret"}})",
                           R"({"session":{"id":"","x":"s3cret"}})", R"([{"id":"s3cret"}])"}) {
    auto e = refused(200, body);
    INFO(body);
    CHECK(e.failure == failure_type::system_error);
    CHECK(contains(e.message, "session.id"));
    CHECK_FALSE(contains(e.message + e.internal_message, "s3cret"));
  }
}
