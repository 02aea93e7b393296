#include "config/manifest/components/limits.hpp"

#include "config/manifest/components/all.hpp"

#include <algorithm>
#include <cctype>
#include <variant>

namespace sluice::compiling {

namespace {

std::chrono::microseconds compile_interval(context& x, const text_ref& field) {
  auto text = x.fixed(field);
  auto parsed = language::parse_iso8601_duration(text);
  if (parsed && parsed->months == 0 && parsed->exact.count() > 0)
    return parsed->exact;
  x.refuse(field, "'" + text + "' is not a duration such as PT1M or P1D");
  return {};
}

std::vector<std::pair<std::string, std::string>> compile_pairs(context& x, const text_map_ref& field) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& [key, source] : field.members())
    result.emplace_back(key, x.fixed_text(field, source));
  return result;
}

/// How often: `limit` and the like.
std::uint64_t compile_limit(context& x, const text_ref& field) {
  constexpr std::int64_t most = 1'000'000'000;
  return static_cast<std::uint64_t>(x.fixed_integer(field, 1, most).value_or(1));
}

template <class Policy>
std::vector<request_matcher> compile_matchers(context& x, const view<Policy>& c) {
  std::vector<request_matcher> result;
  for (const auto& matcher : c[&Policy::matchers].list())
    result.push_back(compile_matcher(x, matcher));
  return result;
}

/// What both kinds of limits have: who is governed, and how the server reports what is left.
template <class Policy>
void compile_rest(context& x, const view<Policy>& c, const view<HTTPAPIBudget>& budget, rate_policy& result) {
  result.matchers = compile_matchers(x, c);

  auto extension = c[&Policy::x_sluice].get();
  if (!extension) {
    // The reference's own header names, for the whole budget.
    auto named = [&](const text_ref& field, const char* otherwise) {
      return field.has() ? x.fixed(field) : std::string{otherwise};
    };
    result.remaining_header = named(budget[&HTTPAPIBudget::ratelimit_remaining_header], "ratelimit-remaining");
    result.reset_header = named(budget[&HTTPAPIBudget::ratelimit_reset_header], "ratelimit-reset");
    return;
  }
  using fields = CallRatePolicyExtension;
  const auto& e = *extension;
  result.name = e[&fields::name].text();
  result.limit_header = e[&fields::limit_header].text();
  result.remaining_header = e[&fields::remaining_header].text();
  result.reset_header = e[&fields::reset_header].text();
  result.reset = e[&fields::reset].chosen.value_or(rate_policy::reset_kind::detect);
  result.stop_when_exhausted = e[&fields::on_exhausted].chosen.value_or(false);
  result.only_when_reported = e[&fields::enforce].chosen.value_or(false);
  if (result.only_when_reported && result.limit_header.empty() && result.remaining_header.empty())
    x.refuse(e[&fields::enforce], "'reported' needs limit_header or remaining_header");
}

rate_policy compile_policy(context& x, const view<FixedWindowCallRatePolicy>& c, const view<HTTPAPIBudget>& budget) {
  using fields = FixedWindowCallRatePolicy;
  rate_policy result;
  result.what = rate_policy::kind::fixed_window;
  result.rates.push_back({compile_limit(x, c[&fields::call_limit]), compile_interval(x, c[&fields::period])});
  compile_rest(x, c, budget, result);
  return result;
}

rate_policy compile_policy(context& x, const view<MovingWindowCallRatePolicy>& c, const view<HTTPAPIBudget>& budget) {
  rate_policy result;
  for (const auto& r : c[&MovingWindowCallRatePolicy::rates].list())
    result.rates.push_back({compile_limit(x, r[&Rate::limit]), compile_interval(x, r[&Rate::interval])});
  if (result.rates.empty())
    x.refuse(c[&MovingWindowCallRatePolicy::rates], "must not be empty");
  compile_rest(x, c, budget, result);
  return result;
}

rate_policy compile_policy(context& x, const view<UnlimitedCallRatePolicy>& c, const view<HTTPAPIBudget>&) {
  rate_policy result;
  result.what = rate_policy::kind::unlimited;
  result.matchers = compile_matchers(x, c);
  return result;
}

} // namespace

std::vector<component_rule> limits_rules() {
  return rules_of<ConcurrencyLevel, HTTPAPIBudget, MovingWindowCallRatePolicy, FixedWindowCallRatePolicy,
                  UnlimitedCallRatePolicy, Rate, HttpRequestRegexMatcher, ConcurrencyLevelExtension,
                  CallRatePolicyExtension>();
}

request_matcher compile_matcher(context& x, const view<HttpRequestRegexMatcher>& c) {
  using fields = HttpRequestRegexMatcher;
  request_matcher result;
  result.method = x.fixed(c[&fields::method]);
  std::transform(result.method.begin(), result.method.end(), result.method.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::toupper(ch)); });
  result.url_base = x.fixed(c[&fields::url_base]);
  result.path_pattern = x.fixed(c[&fields::url_path_pattern]);
  std::string why;
  if (!is_pattern(result.path_pattern, why))
    x.refuse(c[&fields::url_path_pattern], "is not a regular expression that is understood (RE2): " + why);
  result.parameters = compile_pairs(x, c[&fields::params]);
  result.headers = compile_pairs(x, c[&fields::headers]);
  constexpr std::int64_t most = 1'000'000;
  result.weight = static_cast<std::uint32_t>(x.fixed_integer(c[&fields::weight], 1, most).value_or(1));
  return result;
}

api_budget compile_budget(context& x, const view<DeclarativeSource>& source) {
  using fields = HTTPAPIBudget;
  api_budget result;
  auto c = source[&DeclarativeSource::api_budget].get();
  if (!c)
    return result;
  for (const auto& policy : (*c)[&fields::policies].list()) {
    auto compiled = std::visit([&](const auto& p) { return compile_policy(x, p, *c); }, policy);
    if (compiled.name.empty())
      compiled.name = "policy " + std::to_string(result.policies.size() + 1);
    result.policies.push_back(std::move(compiled));
  }
  constexpr std::size_t most_policies = 64; // claims on policies are kept as one machine word
  if (result.policies.size() > most_policies)
    x.refuse((*c)[&fields::policies], "more than 64 policies are not supported");
  if (auto codes = (*c)[&fields::status_codes_for_ratelimit_hit]; codes.has()) {
    result.status_codes_for_ratelimit_hit.clear();
    for (auto code : codes.numbers())
      result.status_codes_for_ratelimit_hit.push_back(static_cast<int>(code));
  }
  return result;
}

std::optional<std::uint32_t> compile_concurrency(context& x, const view<DeclarativeSource>& source) {
  auto c = source[&DeclarativeSource::concurrency_level].get();
  if (!c)
    return std::nullopt;
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  auto extension = (*c)[&ConcurrencyLevel::x_sluice].get();
  const auto level
    = extension ? (*extension)[&ConcurrencyLevelExtension::concurrency] : (*c)[&ConcurrencyLevel::default_concurrency];
  // A level that renders as nothing leaves the choice to the tuning file.
  if (x.fixed(level).empty())
    return std::nullopt;
  auto wanted = x.fixed_integer(level, 1, most);
  if (!wanted)
    return std::nullopt;
  if (extension)
    return static_cast<std::uint32_t>(*wanted);
  auto cap = x.fixed_integer((*c)[&ConcurrencyLevel::max_concurrency], 1, most);
  return static_cast<std::uint32_t>(cap ? std::min(*wanted, *cap) : *wanted);
}

} // namespace sluice::compiling
