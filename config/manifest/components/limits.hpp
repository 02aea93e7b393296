#pragma once

// Rate limits and concurrency.

#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct DeclarativeSource;

struct ConcurrencyLevelExtension : component<ConcurrencyLevelExtension> {
  static constexpr std::string_view type = "ConcurrencyLevel.x-sluice";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  text concurrency{this, "concurrency", required};
};

struct ConcurrencyLevel : component<ConcurrencyLevel> {
  static constexpr std::string_view type = "ConcurrencyLevel";
  text default_concurrency{this, "default_concurrency", required};
  text max_concurrency{this, "max_concurrency"};
  child<ConcurrencyLevelExtension> x_sluice{this, "x-sluice"};
};

struct CallRatePolicyExtension : component<CallRatePolicyExtension> {
  static constexpr std::string_view type = "CallRatePolicy.x-sluice";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  text name{this, "name"};
  text limit_header{this, "limit_header"};
  text remaining_header{this, "remaining_header"};
  text reset_header{this, "reset_header"};
  choice<rate_policy::reset_kind> reset{this,
                                        "reset",
                                        {{"seconds", rate_policy::reset_kind::seconds},
                                         {"epoch", rate_policy::reset_kind::epoch},
                                         {"detect", rate_policy::reset_kind::detect}}};
  /// True: the run stops.
  choice<bool> on_exhausted{this, "on_exhausted", {{"wait", false}, {"stop", true}}};
  /// True: only once the server has reported the limit.
  choice<bool> enforce{this, "enforce", {{"always", false}, {"reported", true}}};
};

struct HttpRequestRegexMatcher : component<HttpRequestRegexMatcher> {
  static constexpr std::string_view type = "HttpRequestRegexMatcher";
  text method{this, "method"};
  text url_base{this, "url_base"};
  text url_path_pattern{this, "url_path_pattern"};
  text_map params{this, "params"};
  text_map headers{this, "headers"};
  text weight{this, "weight"};
};

struct Rate : component<Rate> {
  static constexpr std::string_view type = "Rate";
  text limit{this, "limit", required};
  text interval{this, "interval", required};
};

struct MovingWindowCallRatePolicy : component<MovingWindowCallRatePolicy> {
  static constexpr std::string_view type = "MovingWindowCallRatePolicy";
  children<Rate> rates{this, "rates", required};
  children<HttpRequestRegexMatcher> matchers{this, "matchers", required};
  child<CallRatePolicyExtension> x_sluice{this, "x-sluice"};
};

struct FixedWindowCallRatePolicy : component<FixedWindowCallRatePolicy> {
  static constexpr std::string_view type = "FixedWindowCallRatePolicy";
  text period{this, "period", required};
  text call_limit{this, "call_limit", required};
  children<HttpRequestRegexMatcher> matchers{this, "matchers", required};
  child<CallRatePolicyExtension> x_sluice{this, "x-sluice"};
};

struct UnlimitedCallRatePolicy : component<UnlimitedCallRatePolicy> {
  static constexpr std::string_view type = "UnlimitedCallRatePolicy";
  static constexpr std::string_view added = "next";
  children<HttpRequestRegexMatcher> matchers{this, "matchers", required};
};

struct HTTPAPIBudget : component<HTTPAPIBudget> {
  static constexpr std::string_view type = "HTTPAPIBudget";
  children<MovingWindowCallRatePolicy, FixedWindowCallRatePolicy, UnlimitedCallRatePolicy> policies{this, "policies",
                                                                                                    required};
  text ratelimit_reset_header{this, "ratelimit_reset_header"};
  text ratelimit_remaining_header{this, "ratelimit_remaining_header"};
  codes status_codes_for_ratelimit_hit{this, "status_codes_for_ratelimit_hit"};
};

std::vector<component_rule> limits_rules();

request_matcher compile_matcher(context& x, const view<HttpRequestRegexMatcher>& c);
api_budget compile_budget(context& x, const view<DeclarativeSource>& source);
std::optional<std::uint32_t> compile_concurrency(context& x, const view<DeclarativeSource>& source);

} // namespace sluice::compiling
