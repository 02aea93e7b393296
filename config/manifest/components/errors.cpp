#include "config/manifest/components/errors.hpp"

#include "config/manifest/components/all.hpp"

#include <variant>

namespace sluice::compiling {

namespace {

std::chrono::microseconds seconds(double x) {
  return std::chrono::microseconds{static_cast<std::int64_t>(x * 1e6)};
}

response_filter compile_filter(context& x, const view<HttpResponseFilter>& c) {
  using fields = HttpResponseFilter;
  response_filter result;
  for (auto code : c[&fields::http_codes].numbers()) {
    if (code < 100 || code > 999)
      x.refuse(c[&fields::http_codes], "'" + std::to_string(code) + "' is no HTTP status");
    result.http_codes.push_back(static_cast<int>(code));
  }
  result.error_message_contains = c[&fields::error_message_contains].text();
  result.predicate = x.dynamic_condition(c[&fields::predicate], {"response", "headers"});
  if (result.http_codes.empty() && result.error_message_contains.empty() && !c[&fields::predicate].has())
    x.refuse(c, "HttpResponseFilter needs http_codes, predicate or error_message_contains");
  auto action = c[&fields::action].chosen;
  if (!action)
    x.refuse(c, "HttpResponseFilter needs an action; supported: SUCCESS, RETRY, FAIL, IGNORE, RATE_LIMITED");
  result.action = action.value_or(response_action::fail);
  result.failure = c[&fields::failure_type].chosen;
  result.error_message = x.dynamic(c[&fields::error_message], {"response", "headers"});
  return result;
}

backoff_strategy compile_backoff(context& x, const view<ConstantBackoffStrategy>& c) {
  return constant_backoff{seconds(x.fixed_number(c[&ConstantBackoffStrategy::backoff_time_in_seconds]).value_or(0))};
}

backoff_strategy compile_backoff(context& x, const view<ExponentialBackoffStrategy>& c) {
  return exponential_backoff{x.fixed_number(c[&ExponentialBackoffStrategy::factor]).value_or(5)};
}

backoff_strategy compile_backoff(context& x, const view<WaitTimeFromHeader>& c) {
  wait_time_from_header result;
  result.header = x.fixed(c[&WaitTimeFromHeader::header]);
  result.regex = c[&WaitTimeFromHeader::regex].text();
  std::string why;
  if (!is_pattern(result.regex, why))
    x.refuse(c[&WaitTimeFromHeader::regex], "is not a regular expression that is understood (RE2): " + why);
  if (auto most = x.fixed_number(c[&WaitTimeFromHeader::max_waiting_time_in_seconds]))
    result.max_waiting_time = seconds(*most);
  return result;
}

void compile_handler(context& x, const view<DefaultErrorHandler>& c, std::vector<error_handler>& result) {
  using fields = DefaultErrorHandler;
  auto& handler = result.emplace_back();
  for (const auto& filter : c[&fields::response_filters].list())
    handler.filters.push_back(compile_filter(x, filter));
  for (const auto& strategy : c[&fields::backoff_strategies].list())
    handler.backoff.push_back(std::visit([&](const auto& s) { return compile_backoff(x, s); }, strategy));
  constexpr std::int64_t most_retries = 1000;
  if (auto retries = x.fixed_integer(c[&fields::max_retries], 0, most_retries))
    handler.max_retries = static_cast<std::uint32_t>(*retries);
}

void compile_handler(context& x, const view<CompositeErrorHandler>& c, std::vector<error_handler>& result) {
  for (const auto& inner : c[&CompositeErrorHandler::error_handlers].list())
    std::visit([&](const auto& handler) { compile_handler(x, handler, result); }, inner);
}

} // namespace

std::vector<component_rule> errors_rules() {
  return rules_of<CompositeErrorHandler, DefaultErrorHandler, HttpResponseFilter, ConstantBackoffStrategy,
                  ExponentialBackoffStrategy, WaitTimeFromHeader>();
}

std::vector<error_handler> compile_error_handlers(context& x, const view<HttpRequester>& requester) {
  std::vector<error_handler> result;
  if (auto c = requester[&HttpRequester::error_handler].get())
    std::visit([&](const auto& handler) { compile_handler(x, handler, result); }, *c);
  return result;
}

} // namespace sluice::compiling
