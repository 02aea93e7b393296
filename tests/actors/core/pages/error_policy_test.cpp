#include "actors/core/pages/error_policy.hpp"

#include "actors/core/pages/error_text.hpp"
#include "tests/actors/core/records/page_fixture.hpp"

#include <chrono>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

struct policy_fixture : page_fixture {
  page_request request;
  retry_limits limits;
  header_list headers;

  policy_fixture() {
    request.slice = slice;
    request.slice.label = "surveys 2020-01-01..2020-12-30";
  }

  verdict judge(int status, std::string_view text = "") {
    answer_view answer;
    answer.status = status;
    answer.headers = &headers;
    answer.body = text;
    answer.response = language::parse_json(text).value_or(language::value{});
    answer.url = "https://u:p@api.example.com/v3/surveys?q=1";
    return judge_answer(*the_plan, endpoint(), request, answer, limits, language::instant{});
  }

  response_filter& filter(response_action action) {
    auto& handlers = endpoint().errors;
    if (handlers.empty()) {
      handlers.emplace_back();
    }
    handlers.back().filters.emplace_back();
    handlers.back().filters.back().action = action;
    return handlers.back().filters.back();
  }
};

const char* body_1010
  = R"({"error":{"id":"1010","name":"Authorization Error","message":"The authorization token was not provided.",)"
    R"("docs":"https://x","http_status_code":401}})";

} // namespace

TEST_CASE("the default table is the reference's") {
  using enum response_action;
  using enum failure_type;
  struct row {
    int status;
    response_action action;
    failure_type failure;
    const char* message;
  };
  auto r = GENERATE(values<row>({
    {400, fail, system_error, "HTTP Status Code: 400. Error: Bad request. Please check your request parameters."},
    {401, fail, config_error,
     "HTTP Status Code: 401. Error: Unauthorized. Please ensure you are authenticated correctly."},
    {403, fail, config_error,
     "HTTP Status Code: 403. Error: Forbidden. You don't have permission to access this resource."},
    {404, fail, system_error,
     "HTTP Status Code: 404. Error: Not found. The requested resource was not found on the server."},
    {405, fail, system_error, "HTTP Status Code: 405. Error: Method not allowed. Please check your request method."},
    {408, retry, transient_error, "HTTP Status Code: 408. Error: Request timeout."},
    {429, rate_limited, transient_error, "HTTP Status Code: 429. Error: Too many requests."},
    {500, retry, transient_error, "HTTP Status Code: 500. Error: Internal server error."},
    {502, retry, transient_error, "HTTP Status Code: 502. Error: Bad gateway."},
    {503, retry, transient_error, "HTTP Status Code: 503. Error: Service unavailable."},
    {504, retry, transient_error, "HTTP Status Code: 504. Error: Gateway timeout."},
    {402, retry, system_error, "Unexpected HTTP Status Code in error handler: 402."},
    {409, retry, system_error, "Unexpected HTTP Status Code in error handler: 409."},
    {418, retry, system_error, "Unexpected HTTP Status Code in error handler: 418."},
    {422, retry, system_error, "Unexpected HTTP Status Code in error handler: 422."},
    {520, retry, system_error, "Unexpected HTTP Status Code in error handler: 520."},
  }));
  policy_fixture f;
  auto v = f.judge(r.status);
  INFO(v.error.message);
  CHECK(v.action == r.action);
  CHECK(v.error.failure == r.failure);
  CHECK(v.error.code == errc::http_status);
  CHECK(v.error.message.compare(0, std::string{r.message}.size(), r.message) == 0);
  if (r.action != fail) {
    CHECK(v.wait == 1s);
    CHECK_FALSE(v.wait_is_explicit);
  }
}

TEST_CASE("a status below 400 is success, except a redirect") {
  policy_fixture f;
  for (int status : {200, 201, 204, 301, 304}) {
    CHECK(f.judge(status, R"({"error":"ignored"})").action == response_action::success);
  }
  f.headers = {{"Location", "https://other.example/x"}};
  auto v = f.judge(302);
  CHECK(v.action == response_action::fail);
  CHECK(contains(v.error.message, "https://other.example/x"));
  CHECK(f.judge(201).action == response_action::success);
}

TEST_CASE("a failure tells what, where, what it means and what to do") {
  policy_fixture f;
  f.request.page = 3;
  auto v = f.judge(401, body_1010);
  INFO(v.error.message);
  CHECK(contains(
    v.error.message,
    "Please ensure you are authenticated correctly. The server says: The authorization token was not provided."));
  CHECK(contains(v.error.message, "surveys 2020-01-01..2020-12-30, page 3"));
  CHECK(contains(v.error.message, "state does not move past it"));
  CHECK(contains(v.error.message, "configuration"));
  CHECK(v.error.message.size() < 600);
  CHECK(contains(v.error.internal_message, "GET https://api.example.com/v3/surveys?q=1"));
  CHECK(contains(v.error.internal_message, "status 401"));
  CHECK(contains(v.error.internal_message, "\"id\":\"1010\""));
}

TEST_CASE("long and strange bodies are cut to what can be shown") {
  policy_fixture f;
  std::string page = "<html>\r\n\x01\xFF" + std::string(5000, 'x');
  auto v = f.judge(404, page);
  CHECK(v.error.message.size() < 1000);
  CHECK(v.error.internal_message.size() < 1400);
  CHECK(v.error.internal_message.find_first_of("\r\n\x01\xFF") == std::string::npos);
  CHECK(contains(v.error.internal_message, "\uFFFD"));
}

TEST_CASE("filters are tried in order and match by code, text or predicate") {
  policy_fixture f;
  auto& by_code = f.filter(response_action::ignore);
  by_code.http_codes = {404, 410};
  auto& by_text = f.filter(response_action::retry);
  by_text.error_message_contains = "try again";
  auto& by_predicate = f.filter(response_action::fail);
  by_predicate.predicate = parse_condition("{{ response.error.id in ['1010', '1011'] }}");
  by_predicate.failure = failure_type::config_error;
  by_predicate.error_message = parse_template("Re-authenticate ({{ response.error.id }}).");
  f.endpoint().errors.emplace_back();
  auto& second_handler = f.filter(response_action::success);
  second_handler.http_codes = {404, 500};

  CHECK(f.judge(404).action == response_action::ignore);
  CHECK(f.judge(410).action == response_action::ignore);
  CHECK(f.judge(400, R"({"message":"Please try again"})").action == response_action::retry);
  CHECK(f.judge(500).action == response_action::success);
  auto v = f.judge(200, body_1010);
  CHECK(v.action == response_action::fail);
  CHECK(v.error.failure == failure_type::config_error);
  CHECK(v.error.message.compare(0, 24, "Re-authenticate (1010). ") == 0);
  CHECK(f.judge(200, R"({"data":[]})").action == response_action::success);
  CHECK(f.judge(200, "not json").action == response_action::success);
  CHECK(f.judge(503).action == response_action::retry);
}

TEST_CASE("a filter without message or failure type takes the default of the status") {
  policy_fixture f;
  f.filter(response_action::fail).http_codes = {403, 200, 418};
  auto v = f.judge(403);
  CHECK(contains(v.error.message, "HTTP Status Code: 403. Error: Forbidden."));
  CHECK(v.error.failure == failure_type::config_error);
  v = f.judge(200);
  CHECK(v.action == response_action::fail);
  CHECK(v.error.failure == failure_type::system_error);
  CHECK_FALSE(v.error.message.empty());
}

TEST_CASE("templates see where the answer came from, without its query") {
  policy_fixture f;
  f.filter(response_action::fail).predicate
    = parse_condition("{{ request_url == 'https://u:p@api.example.com/v3/surveys' }}");
  f.endpoint().errors.back().filters.back().error_message = parse_template("Not at {{ request_url }}");
  const auto v = f.judge(404);
  CHECK(v.action == response_action::fail);
  CHECK(contains(v.error.message, "Not at https://u:p@api.example.com/v3/surveys"));
}

TEST_CASE("the manifest names the type of failures alone, not of tries that are used up") {
  policy_fixture f;
  f.limits.max_retries = 0;
  auto& fails = f.filter(response_action::fail);
  fails.http_codes = {500};
  fails.failure = failure_type::config_error;
  CHECK(f.judge(500).error.failure == failure_type::config_error);
  auto& retries = f.filter(response_action::retry);
  retries.http_codes = {503, 404};
  retries.failure = failure_type::config_error;
  CHECK(f.judge(503).action == response_action::fail);
  CHECK(f.judge(503).error.failure == failure_type::transient_error);
  CHECK(f.judge(404).error.failure == failure_type::system_error);
}

TEST_CASE("a credential that cannot be renewed makes a renewal a retry") {
  policy_fixture f;
  f.filter(response_action::renew_credential).http_codes = {401};
  f.endpoint().errors.back().backoff = {constant_backoff{3s}};
  auto v = f.judge(401);
  CHECK(v.action == response_action::retry);
  CHECK(v.wait == 3s);
  f.request.attempt = 5;
  CHECK(f.judge(401).action == response_action::fail);
  // It was renewed, and that did not help.
  f.request.attempt = 0;
  f.request.renewed = true;
  v = f.judge(401);
  CHECK(v.action == response_action::fail);
  CHECK(v.lasting);
  CHECK(v.error.failure == failure_type::config_error);
  CHECK(contains(v.error.message, "obtained anew"));
}

TEST_CASE("a slice is begun anew once") {
  policy_fixture f;
  f.filter(response_action::reset_pagination).http_codes = {500};
  CHECK(f.judge(500).action == response_action::reset_pagination);
  f.request.list.resets = 1;
  const auto v = f.judge(500);
  CHECK(v.action == response_action::fail);
  CHECK(v.lasting);
  CHECK(v.error.failure == failure_type::system_error);
  CHECK(contains(v.error.message, "anew"));
}

TEST_CASE("predicates see headers; one that cannot be evaluated does not match") {
  policy_fixture f;
  f.filter(response_action::ignore).predicate = parse_condition("{{ headers['X-Skip'] == '1' }}");
  f.filter(response_action::ignore).predicate = parse_condition("{{ response.a.b.c.d > 3 }}");
  CHECK(f.judge(400).action == response_action::fail);
  f.headers = {{"X-Skip", "1"}};
  CHECK(f.judge(400).action == response_action::ignore);
}

TEST_CASE("retries end after their number or their time, and tell so") {
  policy_fixture f;
  f.request.attempt = 4;
  CHECK(f.judge(503).action == response_action::retry);
  CHECK(f.judge(503).wait == 16s);
  f.request.attempt = 5;
  auto v = f.judge(503, R"({"message":"down"})");
  INFO(v.error.message);
  CHECK(v.action == response_action::fail);
  CHECK(v.error.failure == failure_type::transient_error);
  CHECK(contains(
    v.error.message,
    "HTTP Status Code: 503. Error: Service unavailable. The server says: down. Exhausted available request attempts."));
  CHECK(contains(v.error.message, "after 6 tries"));

  f.request.attempt = 3;
  f.request.retrying_us = microseconds{10min - 3s}.count();
  CHECK(f.judge(503).wait == 3s);
  f.request.retrying_us = microseconds{10min}.count();
  CHECK(f.judge(503).action == response_action::fail);
}

TEST_CASE("a handler's own limits win") {
  policy_fixture f;
  f.endpoint().errors.emplace_back();
  f.endpoint().errors[0].max_retries = 1;
  f.request.attempt = 1;
  CHECK(f.judge(500).action == response_action::fail);
  f.endpoint().errors[0].max_retries = 0;
  f.request.attempt = 0;
  CHECK(f.judge(500).action == response_action::fail);
  f.endpoint().errors[0].max_retries = 100;
  f.endpoint().errors[0].max_retry_time = 2h;
  f.request.attempt = 50;
  f.request.retrying_us = microseconds{1h}.count();
  CHECK(f.judge(500).action == response_action::retry);
}

TEST_CASE("a rate limit with a told end is waited for, without one it is bounded by tries") {
  policy_fixture f;
  f.headers = {{"Retry-After", "3600"}};
  f.request.attempt = 1000;
  f.request.retrying_us = microseconds{5h}.count();
  auto v = f.judge(429);
  CHECK(v.action == response_action::rate_limited);
  CHECK(v.wait_is_explicit);
  CHECK(v.wait == 1h);

  f.headers.clear();
  v = f.judge(429);
  CHECK(v.action == response_action::fail);
  CHECK(v.error.failure == failure_type::transient_error);
  CHECK(contains(v.error.message, "API rate limit exceeded."));
  f.request.attempt = 3;
  CHECK(f.judge(429).action == response_action::rate_limited);
  CHECK(f.judge(429).wait == 8s);
}

TEST_CASE("a rate limit with a manifest's own back-off grows and ends") {
  policy_fixture f;
  f.filter(response_action::rate_limited).http_codes = {429};
  f.endpoint().errors[0].backoff = {exponential_backoff{1}};
  f.endpoint().errors[0].max_retries = 3;
  std::string waits;
  for (f.request.attempt = 0; f.request.attempt < 3; ++f.request.attempt) {
    auto v = f.judge(429);
    REQUIRE(v.action == response_action::rate_limited);
    CHECK_FALSE(v.is_free);
    CHECK(v.wait_is_explicit);
    waits += std::to_string(v.wait / 1s) + " ";
  }
  CHECK(waits == "2 4 8 ");
  auto v = f.judge(429);
  CHECK(v.action == response_action::fail);
  CHECK_FALSE(v.lasting);
  CHECK(contains(v.error.message, "API rate limit exceeded."));
  // The server's own word is free.
  f.endpoint().errors[0].backoff = {wait_time_from_header{"X-Reset", "", {}}, exponential_backoff{1}};
  f.headers = {{"X-Reset", "20"}};
  f.request.attempt = 1000;
  v = f.judge(429);
  CHECK(v.action == response_action::rate_limited);
  CHECK(v.is_free);
  // A long one is waited for once, as in the reference, but not for ever.
  f.headers.clear();
  f.endpoint().errors[0].backoff = {constant_backoff{900s}};
  f.request.attempt = 0;
  CHECK(f.judge(429).action == response_action::rate_limited);
  f.request.attempt = 1;
  f.request.retrying_us = microseconds{900s}.count();
  CHECK(f.judge(429).action == response_action::fail);
}

TEST_CASE("what asking again will not change is told from what may pass") {
  policy_fixture f;
  for (int status : {400, 401, 403, 404, 405})
    CHECK(f.judge(status).lasting);
  f.limits.max_retries = 0;
  for (int status : {408, 429, 500, 502, 503, 504, 520}) {
    INFO(status);
    CHECK(f.judge(status).action == response_action::fail);
    CHECK_FALSE(f.judge(status).lasting);
  }
  f.filter(response_action::fail).http_codes = {200, 429, 500};
  for (int status : {200, 429, 500})
    CHECK_FALSE(f.judge(status).lasting);
  auto judge = [&](errc code, failure_type failure) {
    return judge_failure(f.endpoint(), f.request, {code, failure, "x", ""}, "https://x/", f.limits).lasting;
  };
  CHECK(judge(errc::bad_page, failure_type::system_error)); // the wrong shape
  CHECK(judge(errc::bad_template, failure_type::system_error));
  CHECK(judge(errc::foreign_url, failure_type::system_error));
  CHECK(judge(errc::body_too_large, failure_type::system_error));
  CHECK_FALSE(judge(errc::bad_page, failure_type::transient_error)); // broken off, or rows are missing
  CHECK_FALSE(judge(errc::timed_out, failure_type::transient_error));
  CHECK_FALSE(judge(errc::interrupted, failure_type::transient_error));
}

TEST_CASE("a check and a probe have their own patience and their own words") {
  policy_fixture f;
  f.limits.max_retries = 2;
  f.headers = {{"Retry-After", "100000"}};
  f.limits.purpose = request_purpose::check;
  auto v = f.judge(429, R"({"message":"too many"})");
  INFO(v.error.message);
  CHECK(v.action == response_action::fail);
  CHECK(v.rate_limited);
  CHECK(v.wait_refused);
  CHECK(contains(v.error.message, "The server asks to wait 27 h 46 min before the next request; a check waits"));
  CHECK(contains(v.error.message, "The server says: too many."));
  CHECK(contains(v.error.message, "Check again later."));
  f.headers = {{"Retry-After", "60"}};
  v = f.judge(429);
  CHECK(v.action == response_action::rate_limited);
  CHECK_FALSE(v.is_free); // so that it ends
  f.request.retrying_us = microseconds{60s}.count();
  CHECK(f.judge(429).action == response_action::fail);
  f.headers = {{"Retry-After", "1"}};
  f.request.attempt = 2;
  CHECK(f.judge(429).action == response_action::fail);
  // A manifest does not make a check longer.
  f.endpoint().errors.emplace_back();
  f.endpoint().errors[0].max_retries = 1000;
  f.endpoint().errors[0].max_retry_time = 24h;
  CHECK(f.judge(503).action == response_action::fail);

  f.request = {};
  f.request.slice.label = "surveys 2020-01-01..2020-12-30";
  f.headers.clear();
  for (auto purpose : {request_purpose::check, request_purpose::probe})
    for (int status : {200, 401, 404, 503}) {
      f.limits.purpose = purpose;
      f.limits.max_retries = 0;
      f.endpoint().errors.clear();
      f.filter(response_action::fail).http_codes = {200};
      auto text = f.judge(status).error.message
                  + judge_failure(f.endpoint(), f.request, {errc::timed_out, failure_type::transient_error, "x", ""},
                                  "https://x/", f.limits)
                      .error.message;
      INFO(text);
      CHECK_FALSE(contains(text, "state"));
      CHECK_FALSE(contains(text, "part of the stream"));
      CHECK_FALSE(contains(text, "2020-01-01"));
      CHECK_FALSE(contains(text, "page 1"));
      CHECK_FALSE(contains(text, "un again"));
      CHECK(contains(text, "stream "));
    }
  f.limits.purpose = request_purpose::probe;
  f.headers = {{"Retry-After", "3"}};
  CHECK(contains(f.judge(429).error.message, "The server asks to wait 3 s before the next request; a probe does not"));
}

TEST_CASE("a wait that the manifest does not allow is not asked for again, and pauses nobody") {
  policy_fixture f;
  f.filter(response_action::rate_limited).http_codes = {429};
  f.endpoint().errors[0].backoff = {wait_time_from_header{"Retry-After", "", microseconds{300s}}};
  f.headers = {{"Retry-After", "3600"}};
  auto v = f.judge(429);
  INFO(v.error.message);
  CHECK(v.action == response_action::fail);
  CHECK(v.lasting);
  CHECK(v.wait_refused);
  CHECK(contains(v.error.message, "longer than the connector is allowed to wait. The server asks for 60 min."));
}

TEST_CASE("waits come from the manifest's strategies") {
  policy_fixture f;
  f.filter(response_action::rate_limited).http_codes = {429};
  f.endpoint().errors[0].backoff = {wait_time_from_header{"X-Reset", "", microseconds{60s}}};
  f.headers = {{"X-Reset", "20"}};
  auto v = f.judge(429);
  CHECK(v.wait == 21s);
  CHECK(v.wait_is_explicit);
  f.headers = {{"X-Reset", "90"}};
  v = f.judge(429);
  CHECK(v.action == response_action::fail);
  CHECK(v.error.failure == failure_type::transient_error);
  CHECK(contains(v.error.message, "longer than the connector is allowed to wait"));
}

TEST_CASE("a handler's strategies are for what its filters match; the first ones also for the default table") {
  policy_fixture f;
  f.filter(response_action::rate_limited).http_codes = {429};
  f.endpoint().errors[0].backoff = {constant_backoff{30s}};
  f.endpoint().errors.emplace_back();
  f.filter(response_action::retry).http_codes = {500};
  f.endpoint().errors.emplace_back();
  f.filter(response_action::retry).http_codes = {502};
  f.endpoint().errors[2].backoff = {constant_backoff{9s}};
  CHECK(f.judge(429).wait == 30s);
  CHECK(f.judge(500).wait == 1s);
  CHECK(f.judge(502).wait == 9s);
  CHECK(f.judge(503).wait == 30s);
  error failure{errc::timed_out, failure_type::transient_error, "Too slow.", ""};
  CHECK(judge_failure(f.endpoint(), f.request, failure, "https://h/", f.limits).wait == 30s);
}

TEST_CASE("a server that asks for more time than is left is not asked again too early") {
  policy_fixture f;
  f.headers = {{"Retry-After", "1000"}};
  auto v = f.judge(503);
  CHECK(v.action == response_action::fail);
  CHECK(contains(v.error.message, "longer wait"));
  f.headers = {{"Retry-After", "100"}};
  v = f.judge(503);
  CHECK(v.action == response_action::retry);
  CHECK(v.wait == 100s);
  CHECK(v.wait_is_explicit);
}

TEST_CASE("requests without a complete answer are retried unless that cannot help") {
  policy_fixture f;
  struct row {
    errc code;
    failure_type failure;
    response_action action;
  };
  auto r = GENERATE(values<row>({
    {errc::connection_failed, failure_type::transient_error, response_action::retry},
    {errc::timed_out, failure_type::transient_error, response_action::retry},
    {errc::truncated_body, failure_type::transient_error, response_action::retry},
    {errc::bad_response, failure_type::system_error, response_action::retry},
    {errc::bad_page, failure_type::system_error, response_action::retry},
    {errc::tls_failed, failure_type::config_error, response_action::fail},
    {errc::connection_failed, failure_type::config_error, response_action::fail},
    {errc::foreign_url, failure_type::system_error, response_action::fail},
    {errc::bad_template, failure_type::system_error, response_action::fail},
    {errc::body_too_large, failure_type::system_error, response_action::fail},
    {errc::interrupted, failure_type::transient_error, response_action::fail},
  }));
  error failure{r.code, r.failure, "It broke.", "detail"};
  auto v = judge_failure(f.endpoint(), f.request, failure, "https://u:p@h/x", f.limits);
  CHECK(v.action == r.action);
  CHECK(v.error.code == r.code);
  CHECK(v.error.failure == r.failure);
  CHECK(contains(v.error.message, "It broke."));
  CHECK_FALSE(contains(v.error.internal_message, "u:p"));
  if (r.action == response_action::retry) {
    CHECK(v.wait == 1s);
    f.request.attempt = 5;
    v = judge_failure(f.endpoint(), f.request, failure, "https://h/x", f.limits);
    CHECK(v.action == response_action::fail);
    CHECK(v.error.code == r.code);
    CHECK(contains(v.error.message, "after 6 tries"));
    CHECK(contains(v.error.message, "surveys 2020-01-01..2020-12-30"));
  }
}

TEST_CASE("error texts are found as the reference finds them") {
  struct row {
    const char* body;
    const char* expected;
  };
  auto r = GENERATE(values<row>({
    {R"({"error":{"id":"1010","message":"No token."}})", "No token."},
    {R"({"message":"m","error":"e"})", "m"},
    {R"({"message":"","error":"e"})", "e"},
    {R"({"message":null,"errors":["a",{"detail":"b"},7,"c"]})", "a, b, c"},
    {R"({"failures":[{"failure":{"err":{"error_message":"deep"}}}]})", "deep"},
    {R"({"msg":"x"})", "x"},
    {R"({"reason":"r"})", "r"},
    {R"({"status_message":"s"})", "s"},
    {R"({"messages":["a"],"reason":"r"})", "a"},
    {R"({"error":1010})", ""},
    {R"({"other":"x"})", ""},
    {R"("text")", "text"},
    {R"(["a","b"])", "a, b"},
    {R"([])", ""},
    {"null", ""},
    {"Service down", "Service down"},
    {R"({"message":0,"error":0.0e5,"errors":[],"failures":{},"msg":"m"})", "m"},
    {R"({"errors":[[],["a",[]],{"x":1},"b"]})", "a, b"},
    {R"({"message":"first","mess\u0061ge":"last"})", "last"},
    {R"( { "message" : "m\u00e9" } )", "m\u00e9"},
    {"", ""},
  }));
  INFO(r.body);
  CHECK(error_text(r.body) == r.expected);
}

TEST_CASE("the text of an error body is found without decoding it, however deep and large it is") {
  std::string nested = R"("deep")";
  for (int i = 0; i < 500; ++i)
    nested = R"({"error":)" + nested + "}";
  CHECK(error_text(nested).empty()); // deeper than anybody means it
  std::string many = R"({"errors":[0)";
  for (int i = 0; i < 1'000'000; ++i)
    many += ",0";
  CHECK(error_text(many + R"(,"last"]})") == "last");
  CHECK(error_text(many) == many); // no JSON
}

TEST_CASE("answers without content are a success, and 304 is no redirect") {
  CHECK(has_no_content("GET", 204));
  CHECK(has_no_content("POST", 205));
  CHECK(has_no_content("GET", 304));
  CHECK(has_no_content("HEAD", 200));
  for (int status : {200, 201, 202, 203, 206, 301, 404})
    CHECK_FALSE(has_no_content("GET", status));
  policy_fixture f;
  f.headers = {{"Location", "https://elsewhere.example/"}};
  CHECK(f.judge(304).action == response_action::success);
  CHECK(f.judge(204).action == response_action::success);
  CHECK(f.judge(301).action == response_action::fail);
}
