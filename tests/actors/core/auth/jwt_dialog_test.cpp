#include "actors/core/auth/login.hpp"
#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

namespace {

constexpr language::instant now{std::chrono::seconds{1'700'000'000}};

std::shared_ptr<plan> plan_with_token() {
  auto p = std::make_shared<plan>();
  p->config = language::value{language::value_dict{}};
  signed_token how{jwt::signing_key::read(jwt::algorithm::hs256, "very-secret").value()};
  how.secrets = {"very-secret"};
  how.duration = std::chrono::minutes{10};
  p->credentials.push_back({"signed token (HS256)", std::move(how)});
  return p;
}

} // namespace

TEST_CASE("a signed token is there at once, anew each time, and all its parts are secrets") {
  const auto p = plan_with_token();
  login dialog{p, 0, {}};
  CHECK(dialog.known_secrets() == std::vector<std::string>{"very-secret"});
  const auto first = std::get<login_answer>(dialog.begin(false, now));
  REQUIRE(first.fields.size() == 1);
  CHECK(first.fields[0].name == "Authorization");
  const auto token = first.fields[0].value.substr(std::string{"Bearer "}.size());
  CHECK(first.fields[0].value == "Bearer " + token);
  CHECK(first.valid_us == 600'000'000);
  CHECK(first.secrets[0] == token);
  CHECK(first.secrets.size() == 3);
  CHECK(token.ends_with("." + first.secrets[2]));
  CHECK(token.find("." + first.secrets[1] + ".") != std::string::npos);
  const auto second = std::get<login_answer>(dialog.begin(true, now + std::chrono::seconds{1}));
  CHECK(second.fields[0].value != first.fields[0].value);
  CHECK(requests_of_login(*p, p->credentials[0]).empty());
}
