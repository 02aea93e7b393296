#include "tests/actors/core/auth/login_steps.hpp"

#include <algorithm>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

token_pool two_tokens() {
  token_pool how;
  how.tokens = {"t-one", "t-two"};
  how.status = {"GET", "https://api.test/rate_limit", {{"Accept", "application/json"}}, ""};
  how.quotas = {{"core", {}, {"core", "left"}, {"core", "reset"}, {"core", "limit"}, "", "", "", {}},
                {"search", {}, {"search", "left"}, {"search", "reset"}, {}, "", "", "", {}}};
  how.untracked_statuses = {404};
  return how;
}

built_request asked(login& l, std::uint32_t token) {
  credential_wanted wanted;
  wanted.token = token;
  return expect<built_request>(l.begin(wanted, noon));
}

std::string status_body(const std::string& search = R"({"left":"7","reset":"2023-11-14T22:14:20Z"})") {
  return R"({"core":{"left":4999,"limit":5000,"reset":1700000600},"search":)" + search + "}";
}

} // namespace

TEST_CASE("what a token has left is asked for with that token") {
  auto l = login_of(two_tokens());
  const auto request = asked(l, 1);
  CHECK(request.method == "GET");
  CHECK(request.url == "https://api.test/rate_limit");
  CHECK(request.headers == header_list{{"Accept", "application/json"}, {"Authorization", "Bearer t-two"}});
  CHECK(l.known_secrets() == std::vector<std::string>{"t-one", "t-two"});
}

TEST_CASE("header and prefix are the manifest's, and take the place of a header of the same name") {
  auto how = two_tokens();
  how.place.name = "X-Token";
  how.place.prefix = "";
  how.status.headers = {{"x-token", "another"}};
  auto l = login_of(how);
  CHECK(asked(l, 0).headers == header_list{{"X-Token", "t-one"}});
}

TEST_CASE("an answer tells each quota, by numbers or texts, seconds or ISO 8601") {
  auto l = login_of(two_tokens());
  asked(l, 0);
  const auto got = expect<login_answer>(l.hear(replied(200, status_body()), noon));
  CHECK(got.fields == credential_fields{{credential_field::place::header, "Authorization", "Bearer t-one"}});
  REQUIRE(got.quotas.size() == 2);
  CHECK(got.quotas[0] == quota_left{true, 4999, 5000, 1'700'000'600'000'000, 600'000'000});
  // Without a path to the limit it is what was left at first.
  CHECK(got.quotas[1] == quota_left{true, 7, 7, 1'700'000'060'000'000, 60'000'000});
}

TEST_CASE("the server's clock counts, and what is past has been reset") {
  auto l = login_of(two_tokens());
  asked(l, 0);
  // 22:13:20 here.
  const auto got
    = expect<login_answer>(l.hear(replied(200, status_body(), {{"Date", "Tue, 14 Nov 2023 22:14:30 GMT"}}), noon));
  CHECK(got.quotas[0].resets_in_us == 530'000'000);
  CHECK(got.quotas[1].resets_in_us == 0);
}

TEST_CASE("a server that keeps no count says so with a status of the manifest's") {
  auto l = login_of(two_tokens());
  asked(l, 0);
  const auto got = expect<login_answer>(l.hear(replied(404, "gone"), noon));
  REQUIRE(got.quotas.size() == 2);
  CHECK_FALSE(got.quotas[0].tracked);
  CHECK_FALSE(got.quotas[1].tracked);
}

TEST_CASE("an answer that does not tell a quota is the manifest's fault, and says which") {
  struct row {
    const char* search;
    const char* part;
  };
  for (const auto& [search, part] :
       {row{R"({"left":1})", "`search.reset`"}, row{R"({"reset":1700000600})", "`search.left`"},
        row{R"({"left":null,"reset":1700000600})", "`search.left`"},
        row{R"({"left":1,"reset":"soon"})", "`search.reset`"}, row{"[1]", "`search.left`"}}) {
    INFO(search);
    auto l = login_of(two_tokens());
    asked(l, 1);
    const auto failed = expect<login_failure>(l.hear(replied(200, status_body(search)), noon));
    CHECK(failed.error.failure == failure_type::system_error);
    CHECK(failed.retry_us == -1);
    CHECK(contains(failed.error.message, part));
    CHECK(contains(failed.error.message, "token 2 of 2"));
    CHECK_FALSE(contains(failed.error.message, "t-two"));
  }
}

TEST_CASE("a token that is refused is the configuration's fault; a busy server is asked again") {
  for (const int status : {401, 403}) {
    auto l = login_of(two_tokens());
    asked(l, 1);
    const auto failed = expect<login_failure>(l.hear(replied(status, R"({"message":"bad token"})"), noon));
    CHECK(failed.error.failure == failure_type::config_error);
    CHECK(failed.retry_us == -1);
    CHECK(contains(failed.error.message, "token 2 of 2"));
    CHECK(contains(failed.error.message, "bad token"));
  }
  for (const int status : {408, 429, 500, 503}) {
    auto l = login_of(two_tokens());
    asked(l, 0);
    const auto failed = expect<login_failure>(l.hear(replied(status, "{}"), noon));
    CHECK(failed.error.failure == failure_type::transient_error);
    CHECK(failed.retry_us == 1'000'000);
  }
  for (const int status : {302, 400, 404, 405}) {
    auto how = two_tokens();
    how.untracked_statuses.clear();
    auto l = login_of(how);
    asked(l, 0);
    CHECK(expect<login_failure>(l.hear(replied(status, "{}"), noon)).error.failure == failure_type::system_error);
  }
}
