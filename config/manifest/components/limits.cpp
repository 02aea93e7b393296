// Rate limits and concurrency.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

#include <algorithm>
#include <cctype>

namespace sluice::compiling {

namespace {

std::chrono::microseconds compile_interval(context& x, const component_view& c, std::string_view field) {
  auto text = x.fixed(c, field);
  auto parsed = language::parse_iso8601_duration(text);
  if (parsed && parsed->months == 0 && parsed->exact.count() > 0)
    return parsed->exact;
  x.refuse(c.path(field), "'" + text + "' is not a duration such as PT1M or P1D");
  return {};
}

std::vector<std::pair<std::string, std::string>> compile_pairs(context& x, const component_view& c,
                                                               std::string_view field) {
  std::vector<std::pair<std::string, std::string>> result;
  if (const auto* map = c.raw(field))
    for (const auto& [key, source] : *map->as_dict())
      result.emplace_back(key, x.fixed_text(c, *source.as_string(), c.path(field)));
  return result;
}

request_matcher compile_matcher(context& x, const component_view& c) {
  request_matcher result;
  result.method = x.fixed(c, "method");
  std::transform(result.method.begin(), result.method.end(), result.method.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::toupper(ch)); });
  result.url_base = x.fixed(c, "url_base");
  while (!result.url_base.empty() && result.url_base.back() == '/')
    result.url_base.pop_back();
  if (!result.url_base.empty() && !is_base_url(result.url_base))
    x.refuse(c.path("url_base"), "'" + harmless_url(result.url_base) + "' is not an http or https URL");
  result.path_pattern = x.fixed(c, "url_path_pattern");
  std::string why;
  if (!is_pattern(result.path_pattern, why))
    x.refuse(c.path("url_path_pattern"), "is not a regular expression that is understood (RE2): " + why);
  result.parameters = compile_pairs(x, c, "params");
  result.headers = compile_pairs(x, c, "headers");
  constexpr std::int64_t most = 1'000'000;
  result.weight = static_cast<std::uint32_t>(x.fixed_integer(c, "weight", 1, most).value_or(1));
  return result;
}

rate_policy compile_policy(context& x, const component_view& c, const component_view& budget) {
  rate_policy result;
  constexpr std::int64_t most = 1'000'000'000;
  auto limit = [&](const component_view& owner, std::string_view field) {
    return static_cast<std::uint64_t>(x.fixed_integer(owner, field, 1, most).value_or(1));
  };
  if (c.type() == "FixedWindowCallRatePolicy") {
    result.what = rate_policy::kind::fixed_window;
    result.rates.push_back({limit(c, "call_limit"), compile_interval(x, c, "period")});
  } else {
    for (const auto& r : c.children("rates"))
      result.rates.push_back({limit(r, "limit"), compile_interval(x, r, "interval")});
    if (result.rates.empty())
      x.refuse(c.path("rates"), "must not be empty");
  }
  for (const auto& matcher : c.children("matchers"))
    result.matchers.push_back(compile_matcher(x, matcher));

  auto extension = c.child("x-sluice");
  if (!extension) {
    // The reference's own header names, for the whole budget.
    auto named = [&](std::string_view field, const char* otherwise) {
      return budget.has(field) ? x.fixed(budget, field) : std::string{otherwise};
    };
    result.remaining_header = named("ratelimit_remaining_header", "ratelimit-remaining");
    result.reset_header = named("ratelimit_reset_header", "ratelimit-reset");
    return result;
  }
  result.name = extension->text("name");
  result.limit_header = extension->text("limit_header");
  result.remaining_header = extension->text("remaining_header");
  result.reset_header = extension->text("reset_header");
  auto reset = extension->text("reset");
  result.reset = reset == "seconds" ? rate_policy::reset_kind::seconds
                 : reset == "epoch" ? rate_policy::reset_kind::epoch
                                    : rate_policy::reset_kind::detect;
  result.stop_when_exhausted = extension->text("on_exhausted") == "stop";
  result.only_when_reported = extension->text("enforce") == "reported";
  if (result.only_when_reported && result.limit_header.empty() && result.remaining_header.empty())
    x.refuse(extension->path("enforce"), "'reported' needs limit_header or remaining_header");
  return result;
}

} // namespace

std::vector<component_rule> limits_rows() {
  using k = field_kind;
  return {
    {"ConcurrencyLevel",
     {{"default_concurrency", k::text, {}, required},
      {"max_concurrency", k::text},
      {"x-sluice", k::component, "=ConcurrencyLevel.x-sluice"}}},
    {"HTTPAPIBudget",
     {{"policies", k::components, "MovingWindowCallRatePolicy|FixedWindowCallRatePolicy", required},
      {"ratelimit_reset_header", k::text},
      {"ratelimit_remaining_header", k::text},
      {"status_codes_for_ratelimit_hit", k::codes}}},
    {"MovingWindowCallRatePolicy",
     {{"rates", k::components, "=Rate", required},
      {"matchers", k::components, "=HttpRequestRegexMatcher", required},
      {"x-sluice", k::component, "=CallRatePolicy.x-sluice"}}},
    {"FixedWindowCallRatePolicy",
     {{"period", k::text, {}, required},
      {"call_limit", k::text, {}, required},
      {"matchers", k::components, "=HttpRequestRegexMatcher", required},
      {"x-sluice", k::component, "=CallRatePolicy.x-sluice"}}},
    {"Rate", {{"limit", k::text, {}, required}, {"interval", k::text, {}, required}}},
    {"HttpRequestRegexMatcher",
     {{"method", k::text},
      {"url_base", k::text},
      {"url_path_pattern", k::text},
      {"params", k::text_map},
      {"headers", k::text_map},
      {"weight", k::text}}},
    {"ConcurrencyLevel.x-sluice", {{"concurrency", k::text, {}, required}}, true, true},
    {"CallRatePolicy.x-sluice",
     {{"name", k::text},
      {"limit_header", k::text},
      {"remaining_header", k::text},
      {"reset_header", k::text},
      {"reset", k::choice, "seconds|epoch|detect"},
      {"on_exhausted", k::choice, "wait|stop"},
      {"enforce", k::choice, "always|reported"}},
     true,
     true},
  };
}

api_budget compile_budget(context& x, const component_view& source) {
  api_budget result;
  auto c = source.child("api_budget");
  if (!c)
    return result;
  for (const auto& policy : c->children("policies")) {
    auto compiled = compile_policy(x, policy, *c);
    if (compiled.name.empty())
      compiled.name = "policy " + std::to_string(result.policies.size() + 1);
    result.policies.push_back(std::move(compiled));
  }
  constexpr std::size_t most_policies = 64; // claims on policies are kept as one machine word
  if (result.policies.size() > most_policies)
    x.refuse(c->path("policies"), "more than 64 policies are not supported");
  if (const auto* codes = c->raw("status_codes_for_ratelimit_hit")) {
    result.status_codes_for_ratelimit_hit.clear();
    for (const auto& code : *codes->as_list())
      result.status_codes_for_ratelimit_hit.push_back(static_cast<int>(*code.as_int()));
  }
  return result;
}

std::optional<std::uint32_t> compile_concurrency(context& x, const component_view& source) {
  auto c = source.child("concurrency_level");
  if (!c)
    return std::nullopt;
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  auto extension = c->child("x-sluice");
  const auto& level = extension ? *extension : *c;
  const auto* field = extension ? "concurrency" : "default_concurrency";
  // A level that renders as nothing leaves the choice to the tuning file.
  if (x.fixed(level, field).empty())
    return std::nullopt;
  auto wanted = x.fixed_integer(level, field, 1, most);
  if (!wanted)
    return std::nullopt;
  if (extension)
    return static_cast<std::uint32_t>(*wanted);
  auto cap = x.fixed_integer(*c, "max_concurrency", 1, most);
  return static_cast<std::uint32_t>(cap ? std::min(*wanted, *cap) : *wanted);
}

} // namespace sluice::compiling
