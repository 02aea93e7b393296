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
enum class response_action : std::uint8_t { success, retry, fail, ignore, rate_limited };

/// One rule of an error handler (HttpResponseFilter). Matches if any of its three criteria matches.
struct response_filter {
  std::vector<int> http_codes;
  std::string error_message_contains;
  std::optional<condition> predicate;
  response_action action = response_action::fail;
  std::optional<failure_type> failure;
  /// Sees `response`, `headers`; empty: the default text of the status.
  text_template error_message;
};

struct constant_backoff {
  std::chrono::microseconds wait{};
};
struct exponential_backoff {
  /// Seconds; the wait is factor * 2^attempt.
  double factor = 5;
};
struct wait_time_from_header {
  std::string header;
  /// Optional pattern (RE2); its first group is the number.
  std::string regex;
  std::optional<std::chrono::microseconds> max_waiting_time;
};
using backoff_strategy = std::variant<constant_backoff, exponential_backoff, wait_time_from_header>;

/// One DefaultErrorHandler. A CompositeErrorHandler is a list of them, tried in order.
struct error_handler {
  std::vector<response_filter> filters;
  std::vector<backoff_strategy> backoff;
  std::optional<std::uint32_t> max_retries;
  std::optional<std::chrono::microseconds> max_retry_time;
};

} // namespace sluice
