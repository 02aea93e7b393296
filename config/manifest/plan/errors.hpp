#pragma once

#include "config/manifest/plan/templates.hpp"
#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice {

/// What to do with an answer.
enum class response_action : std::uint8_t {
  success,
  retry,
  fail,
  ignore,
  rate_limited,
  /// The slice is read anew from its first page.
  reset_pagination,
  /// The page is asked for again with another credential; without one that expires it is a retry.
  renew_credential,
};

/// One rule of an error handler (HttpResponseFilter). Matches if any of its three criteria matches.
struct response_filter {
  std::vector<int> http_codes;
  std::string error_message_contains;
  std::optional<condition> predicate;
  response_action action = response_action::fail;
  /// Of a failure; none: as the status says.
  std::optional<failure_type> failure;
  /// Sees `response`, `headers`, `request_url`; empty: the default text of the status.
  text_template error_message;
};

struct constant_backoff {
  std::chrono::microseconds wait{};
  /// Up to twice as much comes on top.
  std::chrono::microseconds jitter{};
};
struct exponential_backoff {
  /// Seconds; the wait is factor * 2^attempt.
  double factor = 5;
  /// Up to twice as much comes on top.
  std::chrono::microseconds jitter{};
};
/// A number in a header.
struct header_number_source {
  std::string header;
  /// Optional pattern (RE2) for where in the header it is; see `wait_before_retry`.
  std::string regex;
};
struct wait_time_from_header {
  header_number_source source;
  /// A wait as long as this, or longer, is refused.
  std::optional<std::chrono::microseconds> max_waiting_time;
};
/// The header names a moment: seconds since the epoch.
struct wait_until_time_from_header {
  header_number_source source;
  /// No wait is shorter. Also what is waited where the header says nothing.
  std::optional<std::chrono::microseconds> min_wait;
  std::optional<std::chrono::microseconds> max_waiting_time;
};
struct wait_time_from_response {
  /// Seconds; sees `response`, `headers`.
  text_template wait_time;
  std::optional<std::chrono::microseconds> max_waiting_time;
};
using backoff_strategy = std::variant<constant_backoff, exponential_backoff, wait_time_from_header,
                                      wait_until_time_from_header, wait_time_from_response>;

/// One DefaultErrorHandler. A CompositeErrorHandler is a list of them, tried in order.
struct error_handler {
  std::vector<response_filter> filters;
  std::vector<backoff_strategy> backoff;
  std::optional<std::uint32_t> max_retries;
  std::optional<std::chrono::microseconds> max_retry_time;

  /// Calls `f` with each text_template and condition.
  template <class F>
  void each_template(F&& f) const {
    for (const auto& filter : filters) {
      if (filter.predicate)
        f(*filter.predicate);
      f(filter.error_message);
    }
    for (const auto& strategy : backoff)
      if (const auto* told = std::get_if<wait_time_from_response>(&strategy))
        f(told->wait_time);
  }
};

} // namespace sluice
