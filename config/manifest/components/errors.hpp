#pragma once

// Error handlers and back-off.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct HttpRequester;

struct HttpResponseFilter : component<HttpResponseFilter> {
  static constexpr std::string_view type = "HttpResponseFilter";
  choice<response_action> action{this,
                                 "action",
                                 {{"SUCCESS", response_action::success},
                                  {"RETRY", response_action::retry},
                                  {"FAIL", response_action::fail},
                                  {"IGNORE", response_action::ignore},
                                  {"RATE_LIMITED", response_action::rate_limited},
                                  {"RESET_PAGINATION", response_action::reset_pagination},
                                  {"REFRESH_TOKEN_THEN_RETRY", response_action::renew_credential}}};
  choice<sluice::failure_type> failure_type{this,
                                            "failure_type",
                                            {{"config_error", sluice::failure_type::config_error},
                                             {"transient_error", sluice::failure_type::transient_error},
                                             {"system_error", sluice::failure_type::system_error}}};
  codes http_codes{this, "http_codes"};
  text predicate{this, "predicate"};
  text error_message_contains{this, "error_message_contains"};
  text error_message{this, "error_message"};
};

struct ConstantBackoffStrategy : component<ConstantBackoffStrategy> {
  static constexpr std::string_view type = "ConstantBackoffStrategy";
  text backoff_time_in_seconds{this, "backoff_time_in_seconds", required};
  text jitter_range_in_seconds{this, "jitter_range_in_seconds", since("next")};
};

struct ExponentialBackoffStrategy : component<ExponentialBackoffStrategy> {
  static constexpr std::string_view type = "ExponentialBackoffStrategy";
  text factor{this, "factor"};
  text jitter_range_in_seconds{this, "jitter_range_in_seconds", since("next")};
};

struct WaitTimeFromHeader : component<WaitTimeFromHeader> {
  static constexpr std::string_view type = "WaitTimeFromHeader";
  text header{this, "header", required};
  text regex{this, "regex"};
  text max_waiting_time_in_seconds{this, "max_waiting_time_in_seconds"};
};

struct WaitUntilTimeFromHeader : component<WaitUntilTimeFromHeader> {
  static constexpr std::string_view type = "WaitUntilTimeFromHeader";
  static constexpr std::string_view added = "next";
  text header{this, "header", required};
  text min_wait{this, "min_wait"};
  text regex{this, "regex"};
  text max_waiting_time_in_seconds{this, "max_waiting_time_in_seconds"};
};

struct WaitTimeFromResponse : component<WaitTimeFromResponse> {
  static constexpr std::string_view type = "WaitTimeFromResponse";
  static constexpr std::string_view added = "next";
  text wait_time_in_seconds{this, "wait_time_in_seconds", required};
  text max_waiting_time_in_seconds{this, "max_waiting_time_in_seconds"};
};

struct DefaultErrorHandler : component<DefaultErrorHandler> {
  static constexpr std::string_view type = "DefaultErrorHandler";
  children<HttpResponseFilter> response_filters{this, "response_filters"};
  children<ConstantBackoffStrategy, ExponentialBackoffStrategy, WaitTimeFromHeader, WaitUntilTimeFromHeader,
           WaitTimeFromResponse>
    backoff_strategies{this, "backoff_strategies"};
  text max_retries{this, "max_retries"};
};

struct CompositeErrorHandler : component<CompositeErrorHandler> {
  static constexpr std::string_view type = "CompositeErrorHandler";
  children<DefaultErrorHandler, CompositeErrorHandler> error_handlers{this, "error_handlers",
                                                                      required | first_is_usual};
};

std::vector<component_rule> errors_rules();

std::vector<error_handler> compile_error_handlers(context& x, const view<HttpRequester>& requester);

} // namespace sluice::compiling
