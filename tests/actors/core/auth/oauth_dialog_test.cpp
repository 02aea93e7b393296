#include "tests/actors/core/auth/login_steps.hpp"

#include <cstdint>
#include <optional>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

using from = token_field::source;

oauth_login refreshing() {
  oauth_login how;
  how.url = "https://auth.test/token";
  how.refresh_token = "r-1";
  how.fields = {{"grant_type", from::plan, {"refresh_token"}},
                {"client_secret", from::plan, {"hu sh&"}, true},
                {"refresh_token", from::refresh_token},
                {"scopes", from::plan, {"a", "b"}},
                {"none", from::plan, {}}};
  how.refusal_statuses = {400};
  how.refusal_name = "error";
  how.refusal_values = {"invalid_grant"};
  return how;
}

oauth_login single_use() {
  auto how = refreshing();
  how.store = token_store{{"access"}, {"tokens", "refresh"}, {"ends"}};
  return how;
}

login_answer issued(login& l, const login_reply& reply, bool refused = false) {
  expect<built_request>(l.begin(refused, noon));
  return expect<login_answer>(l.hear(reply, noon));
}

login_answer issued(const oauth_login& how, const std::string& body) {
  auto l = login_of(how);
  return issued(l, replied(200, body));
}

login_failure failed(const oauth_login& how, int status, const std::string& body) {
  auto l = login_of(how);
  expect<built_request>(l.begin(false, noon));
  return expect<login_failure>(l.hear(replied(status, body), noon));
}

constexpr std::int64_t second_us = 1'000'000;

} // namespace

TEST_CASE("a token request is a form, or a query") {
  auto how = refreshing();
  auto l = login_of(how);
  auto request = expect<built_request>(l.begin(false, noon));
  const std::string form = "grant_type=refresh_token&client_secret=hu+sh%26&refresh_token=r-1&scopes=a&scopes=b";
  CHECK(request.method == "POST");
  CHECK(request.url == "https://auth.test/token");
  CHECK(request.body == form);
  CHECK(request.headers == header_list{{"Content-Type", "application/x-www-form-urlencoded"}});

  how.in_query = true;
  auto other = login_of(how);
  request = expect<built_request>(other.begin(false, noon));
  CHECK(request.url == "https://auth.test/token?" + form);
  CHECK(request.body.empty());
  CHECK(request.headers.empty());
}

TEST_CASE("a token becomes a bearer token, and a secret") {
  auto answer = issued(refreshing(), R"({"access_token":"t0ken","expires_in":3600,"refresh_token":"other"})");
  CHECK(answer.fields == credential_fields{{credential_field::place::header, "Authorization", "Bearer t0ken"}});
  CHECK(answer.secrets == std::vector<std::string>{"t0ken"});
  CHECK(answer.valid_us == 3600 * second_us);
  CHECK(answer.changes.empty()); // the configuration keeps nothing
}

TEST_CASE("how long a token holds") {
  struct row {
    std::string told;
    std::int64_t seconds;
  };
  for (const auto& [told, seconds] :
       {row{R"(,"expires_in":60)", 60}, row{R"(,"expires_in":" 60.9 ")", 60}, row{R"(,"expires_in":1e3)", 1000},
        row{R"(,"expires_in":-5)", 0}, row{R"(,"expires_in":0)", 0}, row{R"(,"expires_in":null)", 3600},
        row{"", 3600}}) {
    INFO(told);
    CHECK(issued(refreshing(), R"({"access_token":"t")" + told + "}").valid_us == seconds * second_us);
  }
  for (const auto* told : {R"("soon")", "true", "[1]", R"("nan")", R"("inf")", R"("")"}) {
    INFO(told);
    const auto body = std::string{R"({"access_token":"s3cret","expires_in":)"} + told + "}";
    auto x = failed(refreshing(), 200, body);
    CHECK(x.error.failure == failure_type::system_error);
    CHECK(x.retry_us == -1);
    CHECK_FALSE(contains(x.error.message, "s3cret"));
  }
}

TEST_CASE("the time of the answer is not the token's") {
  auto l = login_of(refreshing());
  CHECK(issued(l, replied(200, R"({"access_token":"t","expires_in":60})", {}, 7s)).valid_us == 53 * second_us);
}

TEST_CASE("a moment of the end is the server's: its clock counts") {
  auto how = refreshing();
  how.expiry_is_moment = true;
  const auto ends = R"({"access_token":"t","expires_in":"2023-11-14T22:15:20Z"})"; // two minutes after noon
  CHECK(issued(how, ends).valid_us == 120 * second_us);
  auto l = login_of(how);
  CHECK(issued(l, replied(200, ends, {{"Date", "Tue, 14 Nov 2023 22:14:50 GMT"}})).valid_us == 30 * second_us);
  CHECK(issued(how, R"({"access_token":"t","expires_in":1700000100})").valid_us == 100 * second_us);
  CHECK(failed(how, 200, R"({"access_token":"t","expires_in":17000001000})").retry_us == -1);
  CHECK(failed(how, 200, R"({"access_token":"t","expires_in":"tomorrow"})").retry_us == -1);
}

TEST_CASE("members are found wherever in the answer they are, down to five levels") {
  CHECK(issued(refreshing(), R"({"x":[{"y":null},{"access_token":"a"}]})").fields.at(0).value == "Bearer a");
  CHECK(issued(refreshing(), R"([[{"access_token":"a"}]])").fields.at(0).value == "Bearer a");
  CHECK(issued(refreshing(), R"({"x":{"access_token":null},"y":{"access_token":"b"}})").fields.at(0).value
        == "Bearer b");
  CHECK(issued(refreshing(), R"({"x":{"access_token":"a"},"access_token":"b"})").fields.at(0).value == "Bearer b");
  CHECK(failed(refreshing(), 200, R"({"access_token":null,"x":{"access_token":"a"}})").error.failure
        == failure_type::system_error);
  CHECK(failed(refreshing(), 200, R"([[[[[[["x"]]]]]]])").error.failure == failure_type::config_error);
  for (const auto* body : {"", "no JSON", "17", "\"text\"", "{}", R"({"access_token":""})", R"({"access_token":{}})"})
    CHECK(failed(refreshing(), 200, body).error.failure == failure_type::system_error);
}

TEST_CASE("a refusal says what to do") {
  auto gone = failed(refreshing(), 400, R"({"error":"invalid_grant","error_description":"too old"})");
  CHECK(gone.error.failure == failure_type::config_error);
  CHECK(gone.retry_us == -1);
  CHECK(contains(gone.error.message, "invalid_grant (too old)"));
  CHECK(contains(gone.error.message, "Authorise the connector anew"));
  // Not the refresh token's fault, as far as the manifest knows.
  for (const auto* body : {R"({"error":"invalid_client"})", R"({"error":["invalid_grant"]})", "[]", "nothing", ""}) {
    auto x = failed(refreshing(), 400, body);
    CHECK(x.error.failure == failure_type::config_error);
    CHECK_FALSE(contains(x.error.message, "anew"));
  }
  CHECK_FALSE(contains(failed(refreshing(), 401, R"({"error":"invalid_grant"})").error.message, "anew"));
}

TEST_CASE("a token endpoint with a bad moment is tried for five minutes, and no longer") {
  auto l = login_of(refreshing());
  std::vector<std::int64_t> waits;
  for (;;) {
    expect<built_request>(l.begin(false, noon));
    auto x = expect<login_failure>(l.hear(replied(waits.size() % 2 == 0 ? 503 : 429, "{}"), noon));
    CHECK(x.error.failure == failure_type::transient_error);
    if (x.retry_us < 0) {
      CHECK(contains(x.error.message, "tried 10 times"));
      break;
    }
    waits.push_back(x.retry_us / second_us);
  }
  CHECK(waits == std::vector<std::int64_t>{1, 2, 4, 8, 16, 32, 64, 128, 45});
}

TEST_CASE("whoever waits for the answer waits for less") {
  auto probe = login_of(refreshing(), request_purpose::probe);
  expect<built_request>(probe.begin(false, noon));
  CHECK(expect<login_failure>(probe.hear(replied(503, "{}"), noon)).retry_us == -1);
  auto check = login_of(refreshing(), request_purpose::check);
  std::int64_t all = 0;
  for (;;) {
    expect<built_request>(check.begin(false, noon));
    auto x = expect<login_failure>(check.hear(replied(503, "{}"), noon));
    if (x.retry_us < 0)
      break;
    all += x.retry_us;
  }
  CHECK(all == check_patience.count());
}

TEST_CASE("no answer is worth another try where that may help") {
  auto l = login_of(refreshing());
  expect<built_request>(l.begin(false, noon));
  CHECK(expect<login_failure>(l.hear(error{errc::timed_out, failure_type::transient_error, "slow", ""}, 0s)).retry_us
        == second_us);
  CHECK(expect<login_failure>(l.hear(error{errc::tls_failed, failure_type::config_error, "whose?", ""}, 0s)).retry_us
        == -1);
  CHECK(expect<login_failure>(l.hear(error{errc::interrupted, failure_type::transient_error, "over", ""}, 0s)).retry_us
        == -1);
}

TEST_CASE("the configuration's access token is used while it is good, once") {
  auto how = refreshing();
  how.access_token = "given";
  how.good_until = noon + 90s;
  auto l = login_of(how);
  auto first = expect<login_answer>(l.begin(false, noon));
  CHECK(first.fields.at(0).value == "Bearer given");
  CHECK(first.valid_us == 90 * second_us);
  CHECK(first.secrets == std::vector<std::string>{"given"});
  expect<built_request>(l.begin(true, noon + 1s));

  auto late = login_of(how);
  expect<built_request>(late.begin(false, noon + 90s));
}

TEST_CASE("a token that was refused before its end keeps that end if nobody names another") {
  auto how = refreshing();
  how.access_token = "given";
  how.good_until = noon + 90s;
  auto l = login_of(how);
  expect<login_answer>(l.begin(false, noon));
  CHECK(issued(l, replied(200, R"({"access_token":"t"})"), true).valid_us == 90 * second_us);
  // One that is renewed because it ends soon does not.
  CHECK(issued(l, replied(200, R"({"access_token":"t"})"), false).valid_us == 3600 * second_us);
}

TEST_CASE("the configuration has to keep single-use tokens, and the next request carries the new one") {
  auto l = login_of(single_use());
  auto answer = issued(l, replied(200, R"({"access_token":"a-1","refresh_token":"r-2","expires_in":60})"));
  CHECK(answer.changes
        == std::vector<config_change>{
          {{"access"}, "a-1"}, {{"tokens", "refresh"}, "r-2"}, {{"ends"}, "2023-11-14T22:14:20+00:00"}});
  CHECK(answer.secrets == std::vector<std::string>{"a-1", "r-2"});
  CHECK(contains(expect<built_request>(l.begin(false, noon)).body, "refresh_token=r-2&"));
  // Not replaced: the old one stays.
  answer = expect<login_answer>(l.hear(replied(200, R"({"access_token":"a-2","expires_in":60})"), noon));
  CHECK(answer.changes.size() == 2);
  CHECK(contains(expect<built_request>(l.begin(false, noon)).body, "refresh_token=r-2&"));
}

TEST_CASE("secrets of the configuration are known before anything is asked") {
  auto how = refreshing();
  how.access_token = "given";
  CHECK(login_of(how).known_secrets() == std::vector<std::string>{"r-1", "given", "hu sh&"});
}
