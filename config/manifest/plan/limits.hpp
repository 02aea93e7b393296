#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// Which requests a rate policy governs (HttpRequestRegexMatcher).
struct request_matcher {
  /// Upper case; empty: any.
  std::string method;
  /// Scheme, host and port; empty: any. A text that is no URL matches no request.
  std::string url_base;
  /// RE2 pattern searched in the path; empty: any.
  std::string path_pattern;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::pair<std::string, std::string>> headers;
  std::uint32_t weight = 1;
};

struct rate {
  std::uint64_t limit = 0;
  std::chrono::microseconds interval{};
};

/// One policy of the budget, with the headers in which the server reports it.
struct rate_policy {
  /// unlimited: it frees the requests that it matches from all policies behind it.
  enum class kind : std::uint8_t { moving_window, fixed_window, unlimited };
  kind what = kind::moving_window;
  /// For messages: `minute`, `day`.
  std::string name;
  /// moving_window: one or more. fixed_window: exactly one (limit and period). unlimited: none.
  std::vector<rate> rates;
  std::vector<request_matcher> matchers;
  /// Extension `x-sluice`: response headers; empty: not reported.
  std::string limit_header;
  std::string remaining_header;
  std::string reset_header;
  /// Extension `x-sluice.reset`: how the reset header counts. `detect` tells them apart by magnitude.
  enum class reset_kind : std::uint8_t { detect, seconds, epoch };
  reset_kind reset = reset_kind::detect;
  /// Extension `x-sluice.on_exhausted: stop`: the run ends with exit code 3 instead of waiting.
  bool stop_when_exhausted = false;
  /// Extension `x-sluice.enforce: reported`: the limit is applied only once the server has reported it.
  bool only_when_reported = false;
};

/// HTTPAPIBudget. Every policy whose matchers accept a request governs it, all at once (the reference lets only the
/// first), up to the first unlimited one that does.
struct api_budget {
  std::vector<rate_policy> policies;
  std::vector<int> status_codes_for_ratelimit_hit = {429};
};

} // namespace sluice
