#include "config/manifest/components/errors.hpp"

#include "config/manifest/components/all.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::compiling {

namespace {

using namespace std::chrono_literals;

std::chrono::microseconds seconds(double x) {
  return std::chrono::microseconds{static_cast<std::int64_t>(x * 1e6)};
}

std::optional<std::chrono::microseconds> fixed_seconds(context& x, const text_ref& field) {
  auto number = x.fixed_number(field);
  return number ? std::optional{seconds(*number)} : std::nullopt;
}

/// Nothing for a filter that never matches: one without an action, or without a criterion.
std::optional<response_filter> compile_filter(context& x, const view<HttpResponseFilter>& c) {
  using fields = HttpResponseFilter;
  const std::vector<std::string> variables = {"response", "headers", "request_url"};
  response_filter result;
  for (auto code : c[&fields::http_codes].numbers()) {
    if (code < 100 || code > 999)
      x.refuse(c[&fields::http_codes], "'" + std::to_string(code) + "' is no HTTP status");
    result.http_codes.push_back(static_cast<int>(code));
  }
  result.error_message_contains = c[&fields::error_message_contains].text();
  result.predicate = x.dynamic_condition(c[&fields::predicate], variables);
  result.failure = c[&fields::failure_type].chosen;
  result.error_message = x.dynamic(c[&fields::error_message], variables);
  const auto action = c[&fields::action].chosen;
  const bool has_criterion = !result.http_codes.empty() || !result.error_message_contains.empty() || result.predicate;
  if (!action || !has_criterion)
    return std::nullopt;
  result.action = *action;
  return result;
}

header_number_source compile_source(context& x, const text_ref& header, const text_ref& regex) {
  header_number_source result{x.fixed(header), x.fixed(regex)};
  std::string why;
  if (!is_pattern(result.regex, why))
    x.refuse(regex, "is not a regular expression that is understood (RE2): " + why);
  return result;
}

backoff_strategy compile_backoff(context& x, const view<ConstantBackoffStrategy>& c) {
  using fields = ConstantBackoffStrategy;
  return constant_backoff{fixed_seconds(x, c[&fields::backoff_time_in_seconds]).value_or(0s),
                          fixed_seconds(x, c[&fields::jitter_range_in_seconds]).value_or(0s)};
}

backoff_strategy compile_backoff(context& x, const view<ExponentialBackoffStrategy>& c) {
  using fields = ExponentialBackoffStrategy;
  constexpr double usual = 5;
  const auto factor = x.fixed_number(c[&fields::factor]).value_or(usual);
  return exponential_backoff{factor > 0 ? factor : usual,
                             fixed_seconds(x, c[&fields::jitter_range_in_seconds]).value_or(0s)};
}

backoff_strategy compile_backoff(context& x, const view<WaitTimeFromHeader>& c) {
  using fields = WaitTimeFromHeader;
  return wait_time_from_header{compile_source(x, c[&fields::header], c[&fields::regex]),
                               fixed_seconds(x, c[&fields::max_waiting_time_in_seconds])};
}

backoff_strategy compile_backoff(context& x, const view<WaitUntilTimeFromHeader>& c) {
  using fields = WaitUntilTimeFromHeader;
  return wait_until_time_from_header{compile_source(x, c[&fields::header], c[&fields::regex]),
                                     fixed_seconds(x, c[&fields::min_wait]),
                                     fixed_seconds(x, c[&fields::max_waiting_time_in_seconds])};
}

backoff_strategy compile_backoff(context& x, const view<WaitTimeFromResponse>& c) {
  using fields = WaitTimeFromResponse;
  return wait_time_from_response{x.dynamic(c[&fields::wait_time_in_seconds], {"response", "headers"}),
                                 fixed_seconds(x, c[&fields::max_waiting_time_in_seconds])};
}

void compile_handler(context& x, const view<DefaultErrorHandler>& c, std::vector<error_handler>& result) {
  using fields = DefaultErrorHandler;
  auto& handler = result.emplace_back();
  for (const auto& filter : c[&fields::response_filters].list())
    if (auto compiled = compile_filter(x, filter))
      handler.filters.push_back(std::move(*compiled));
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
                  ExponentialBackoffStrategy, WaitTimeFromHeader, WaitUntilTimeFromHeader, WaitTimeFromResponse>();
}

std::vector<error_handler> compile_error_handlers(context& x, const view<HttpRequester>& requester) {
  std::vector<error_handler> result;
  if (auto c = requester[&HttpRequester::error_handler].get())
    std::visit([&](const auto& handler) { compile_handler(x, handler, result); }, *c);
  return result;
}

} // namespace sluice::compiling
