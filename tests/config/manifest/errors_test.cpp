// Error handlers, as manifests declare them.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <chrono>

using namespace sluice;
using namespace sluice::testing;
using namespace std::chrono_literals;

namespace {

expected<plan> compiled(const std::string& handler) {
  compile_input input;
  input.config = *language::parse_json(R"({"url":"https://example.com","n":3,"header":"X-Until"})");
  input.streams = {{"parents", "", false, ""}};
  return compile_plan(*load(with("path: parents", "path: parents\n        error_handler: " + handler)), input);
}

std::vector<error_handler> handlers_of(const std::string& handler) {
  auto p = compiled(handler);
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  return p->endpoints.at(0).errors;
}

std::string refusal_of(const std::string& handler) {
  auto p = compiled(handler);
  REQUIRE_FALSE(p);
  return p.error().message;
}

backoff_strategy strategy_of(const std::string& strategy) {
  auto handlers = handlers_of("{type: DefaultErrorHandler, backoff_strategies: [" + strategy + "]}");
  return handlers.at(0).backoff.at(0);
}

std::string with_strategy(const std::string& strategy) {
  return "{type: DefaultErrorHandler, backoff_strategies: [" + strategy + "]}";
}

} // namespace

TEST_CASE("a filter without an action or without a criterion never matches, as in the reference") {
  const auto filters = [](const std::string& filter) {
    return handlers_of("{response_filters: [" + filter + ", {http_codes: [418], action: IGNORE}]}").at(0).filters;
  };
  for (const auto* filter :
       {"{action: IGNORE}", "{action: RATE_LIMITED, error_message: '429'}", "{http_codes: [404]}",
        "{predicate: '{{ response.x }}'}", "{error_message_contains: x}", "{http_codes: [], action: FAIL}", "{}"}) {
    INFO(filter);
    const auto all = filters(filter);
    REQUIRE(all.size() == 1);
    CHECK(all[0].http_codes == std::vector<int>{418});
  }
  CHECK(filters("{error_message_contains: x, action: FAIL}").size() == 2);
  // What cannot be right is said all the same.
  CHECK(contains(refusal_of("{response_filters: [{predicate: '{{ respnse }}'}]}"), "respnse"));
}

TEST_CASE("actions of filters") {
  using enum response_action;
  const auto action = [](const std::string& word) {
    return handlers_of("{response_filters: [{http_codes: [404], action: " + word + "}]}").at(0).filters.at(0).action;
  };
  CHECK(action("SUCCESS") == success);
  CHECK(action("RESET_PAGINATION") == reset_pagination);
  CHECK(action("REFRESH_TOKEN_THEN_RETRY") == renew_credential);
  for (const auto* word : {"REDUCE_PAGE_SIZE", "SPLIT_REQUEST_WINDOW", "fail"}) {
    const auto text
      = load_error(with("path: parents", "path: parents\n        error_handler: {response_filters: [{http_codes: "
                                         "[404], action: "
                                           + std::string{word} + "}]}"));
    INFO(text);
    CHECK(contains(text, "action"));
    CHECK(contains(text, word));
  }
}

TEST_CASE("templates of filters see the answer and where it came from") {
  const auto filter
    = handlers_of("{response_filters: [{predicate: \"{{ 'x' in request_url and headers.a and "
                  "response.b }}\", action: FAIL, error_message: \"{{ config.n }} {{ request_url }}\"}]}")
        .at(0)
        .filters.at(0);
  REQUIRE(filter.predicate);
  CHECK_FALSE(filter.predicate->references("request_url").empty());
  CHECK(contains(refusal_of("{response_filters: [{predicate: '{{ record.x }}', action: FAIL}]}"), "record"));
}

TEST_CASE("waits of the manifest's own, with jitter and templates") {
  const auto constant
    = std::get<constant_backoff>(strategy_of("{type: ConstantBackoffStrategy, backoff_time_in_seconds: "
                                             "'{{ config.n }}', jitter_range_in_seconds: 0.5}"));
  CHECK(constant.wait == 3s);
  CHECK(constant.jitter == 500ms);
  const auto exponential = std::get<exponential_backoff>(
    strategy_of("{type: ExponentialBackoffStrategy, factor: '{{ config.n }}', jitter_range_in_seconds: 2}"));
  CHECK(exponential.factor == 3);
  CHECK(exponential.jitter == 2s);
  CHECK(std::get<exponential_backoff>(strategy_of("{type: ExponentialBackoffStrategy}")).factor == 5);
  CHECK(std::get<exponential_backoff>(strategy_of("{type: ExponentialBackoffStrategy, factor: 0}")).factor == 5);
  CHECK(handlers_of("{max_retries: '{{ config.n }}'}").at(0).max_retries == 3U);
}

TEST_CASE("waits that headers and bodies tell") {
  const auto until = std::get<wait_until_time_from_header>(
    strategy_of("{type: WaitUntilTimeFromHeader, header: '{{ config.header }}', min_wait: '{{ config.n }}', regex: "
                "'[0-9]+', max_waiting_time_in_seconds: 90}"));
  CHECK(until.source.header == "X-Until");
  CHECK(until.source.regex == "[0-9]+");
  CHECK(until.min_wait == std::optional<std::chrono::microseconds>{3s});
  CHECK(until.max_waiting_time == std::optional<std::chrono::microseconds>{90s});
  CHECK_FALSE(
    std::get<wait_until_time_from_header>(strategy_of("{type: WaitUntilTimeFromHeader, header: h}")).min_wait);
  const auto told = std::get<wait_time_from_response>(
    strategy_of("{type: WaitTimeFromResponse, wait_time_in_seconds: '{{ response.wait }}'}"));
  CHECK(told.wait_time.source() == "{{ response.wait }}");
  // What it reads of the body is kept for it.
  const auto p = compiled(with_strategy("{type: WaitTimeFromResponse, wait_time_in_seconds: '{{ response.wait }}'}"));
  REQUIRE(p);
  CHECK(p->endpoints.at(0).response_keys == std::vector<std::string>{"wait"});
}

TEST_CASE("back-off strategies that cannot be right are refused") {
  struct row {
    const char* strategy;
    const char* part;
  };
  const auto r = GENERATE(values<row>({
    {"{type: ConstantBackoffStrategy, backoff_time_in_seconds: 1, jitter_range_in_seconds: -1}", "jitter"},
    {"{type: ExponentialBackoffStrategy, jitter_range_in_seconds: much}", "jitter"},
    {"{type: ExponentialBackoffStrategy, factor: much}", "factor"},
    {"{type: WaitUntilTimeFromHeader, header: h, regex: '('}", "regex"},
    {"{type: WaitUntilTimeFromHeader, header: h, min_wait: soon}", "min_wait"},
    {"{type: WaitUntilTimeFromHeader, header: h, max_waiting_time_in_seconds: ''}", "max_waiting_time"},
    {"{type: WaitTimeFromResponse, wait_time_in_seconds: '{{ respnse.wait }}'}", "respnse"},
    {"{type: WaitTimeFromResponse, wait_time_in_seconds: '{{ response.wait }}', max_waiting_time_in_seconds: x}",
     "max_waiting_time"},
  }));
  INFO(r.strategy);
  const auto text = refusal_of(with_strategy(r.strategy));
  INFO(text);
  CHECK(contains(text, r.part));
  CHECK(contains(text, "backoff_strategies[0]"));
}

TEST_CASE("handlers in handlers are one list, in order") {
  const auto all = handlers_of("{type: CompositeErrorHandler, error_handlers: [{type: CompositeErrorHandler, "
                               "error_handlers: [{max_retries: 1}, {max_retries: 2}]}, {max_retries: 3}]}");
  REQUIRE(all.size() == 3);
  CHECK(all[0].max_retries == 1U);
  CHECK(all[2].max_retries == 3U);
}
