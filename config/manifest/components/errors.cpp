// Error handlers and back-off.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

namespace sluice::compiling {

namespace {

std::chrono::microseconds seconds(double x) {
  return std::chrono::microseconds{static_cast<std::int64_t>(x * 1e6)};
}

response_action action_of(std::string_view name) {
  if (name == "SUCCESS")
    return response_action::success;
  if (name == "RETRY")
    return response_action::retry;
  if (name == "IGNORE")
    return response_action::ignore;
  if (name == "RATE_LIMITED")
    return response_action::rate_limited;
  return response_action::fail;
}

response_filter compile_filter(context& x, const component_view& c) {
  response_filter result;
  if (const auto* codes = c.raw("http_codes"))
    for (const auto& code : *codes->as_list()) {
      if (*code.as_int() < 100 || *code.as_int() > 999)
        x.refuse(c.path("http_codes"), "'" + std::to_string(*code.as_int()) + "' is no HTTP status");
      result.http_codes.push_back(static_cast<int>(*code.as_int()));
    }
  result.error_message_contains = c.text("error_message_contains");
  result.predicate = x.dynamic_condition(c, "predicate", {"response", "headers"});
  if (result.http_codes.empty() && result.error_message_contains.empty() && !c.has("predicate"))
    x.refuse(c.path(), "HttpResponseFilter needs http_codes, predicate or error_message_contains");
  if (!c.has("action"))
    x.refuse(c.path(), "HttpResponseFilter needs an action; supported: SUCCESS, RETRY, FAIL, IGNORE, RATE_LIMITED");
  result.action = action_of(c.text("action"));
  if (auto name = c.text("failure_type"); !name.empty())
    result.failure = name == "config_error"      ? failure_type::config_error
                     : name == "transient_error" ? failure_type::transient_error
                                                 : failure_type::system_error;
  result.error_message = x.dynamic(c, c.text("error_message"), c.path("error_message"), {"response", "headers"});
  return result;
}

backoff_strategy compile_backoff(context& x, const component_view& c) {
  if (c.type() == "ConstantBackoffStrategy")
    return constant_backoff{seconds(x.fixed_number(c, "backoff_time_in_seconds").value_or(0))};
  if (c.type() == "ExponentialBackoffStrategy")
    return exponential_backoff{x.fixed_number(c, "factor").value_or(5)};
  wait_time_from_header result;
  result.header = x.fixed(c, "header");
  result.regex = c.text("regex");
  std::string why;
  if (!is_pattern(result.regex, why))
    x.refuse(c.path("regex"), "is not a regular expression that is understood (RE2): " + why);
  if (auto most = x.fixed_number(c, "max_waiting_time_in_seconds"))
    result.max_waiting_time = seconds(*most);
  return result;
}

void compile_handler(context& x, const component_view& c, std::vector<error_handler>& result) {
  if (c.type() == "CompositeErrorHandler") {
    for (const auto& inner : c.children("error_handlers"))
      compile_handler(x, inner, result);
    return;
  }
  auto& handler = result.emplace_back();
  for (const auto& filter : c.children("response_filters"))
    handler.filters.push_back(compile_filter(x, filter));
  for (const auto& strategy : c.children("backoff_strategies"))
    handler.backoff.push_back(compile_backoff(x, strategy));
  constexpr std::int64_t most_retries = 1000;
  if (auto retries = x.fixed_integer(c, "max_retries", 0, most_retries))
    handler.max_retries = static_cast<std::uint32_t>(*retries);
}

} // namespace

std::vector<component_rule> errors_rows() {
  using k = field_kind;
  return {
    {"CompositeErrorHandler",
     {{"error_handlers", k::components, "=DefaultErrorHandler|CompositeErrorHandler", required}}},
    {"DefaultErrorHandler",
     {{"response_filters", k::components, "=HttpResponseFilter"},
      {"backoff_strategies", k::components, "ConstantBackoffStrategy|ExponentialBackoffStrategy|WaitTimeFromHeader"},
      {"max_retries", k::text}}},
    {"HttpResponseFilter",
     {{"action", k::choice, "SUCCESS|RETRY|FAIL|IGNORE|RATE_LIMITED"},
      {"failure_type", k::choice, "config_error|transient_error|system_error"},
      {"http_codes", k::codes},
      {"predicate", k::text},
      {"error_message_contains", k::text},
      {"error_message", k::text}}},
    {"ConstantBackoffStrategy",
     {{"backoff_time_in_seconds", k::text, {}, required}, {"jitter_range_in_seconds", k::unsupported}}},
    {"ExponentialBackoffStrategy", {{"factor", k::text}}},
    {"WaitTimeFromHeader",
     {{"header", k::text, {}, required}, {"regex", k::text}, {"max_waiting_time_in_seconds", k::text}}},
  };
}

std::vector<error_handler> compile_error_handlers(context& x, const component_view& requester) {
  std::vector<error_handler> result;
  if (auto c = requester.child("error_handler"))
    compile_handler(x, *c, result);
  return result;
}

} // namespace sluice::compiling
