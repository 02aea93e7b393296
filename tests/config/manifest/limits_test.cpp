// Rate policies, as manifests declare them; see compile_test.cpp, too.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

#include <chrono>

using namespace sluice;
using namespace sluice::testing;
using namespace std::chrono_literals;

namespace {

expected<plan> compiled(const std::string& policies) {
  compile_input input;
  input.config = *language::parse_json(R"({"url":"https://example.com","n":3,"host":"my-company"})");
  input.streams = {{"parents", "", false, ""}};
  return compile_plan(*load("api_budget: {policies: [" + policies + "]}\n" + std::string{small_manifest}), input);
}

std::vector<rate_policy> policies_of(const std::string& policies) {
  auto p = compiled(policies);
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  return p->budget.policies;
}

} // namespace

TEST_CASE("an unlimited policy stands where it stands") {
  const auto all = policies_of("{type: UnlimitedCallRatePolicy, matchers: [{url_path_pattern: /ping}]}, "
                               "{type: FixedWindowCallRatePolicy, period: PT1H, call_limit: 9, matchers: []}");
  REQUIRE(all.size() == 2);
  CHECK(all[0].what == rate_policy::kind::unlimited);
  CHECK(all[0].rates.empty());
  REQUIRE(all[0].matchers.size() == 1);
  CHECK(all[0].matchers[0].path_pattern == "/ping");
  CHECK(all[1].what == rate_policy::kind::fixed_window);
  CHECK(all[1].rates.at(0).limit == 9);
  CHECK(all[1].rates.at(0).interval == 1h);
  CHECK(
    contains(load_error("api_budget: {policies: [{type: UnlimitedCallRatePolicy}]}\n" + std::string{small_manifest}),
             "matchers"));
}

TEST_CASE("matchers may hold templates, which the config fills in") {
  const auto all = policies_of("{type: MovingWindowCallRatePolicy, rates: [{limit: '{{ config.n }}', interval: PT1M}], "
                               "matchers: [{method: post, url_base: '{{ config.host }}', url_path_pattern: '^/{{ "
                               "config.n }}/', params: {n: '{{ config.n }}'}, headers: {h: '{{ config.host }}'}, "
                               "weight: '{{ config.n }}'}]}");
  const auto& policy = all.at(0);
  CHECK(policy.rates.at(0).limit == 3);
  const auto& m = policy.matchers.at(0);
  CHECK(m.method == "POST");
  CHECK(m.url_base == "my-company"); // no URL: it matches nothing
  CHECK(m.path_pattern == "^/3/");
  CHECK(m.parameters == std::vector<std::pair<std::string, std::string>>{{"n", "3"}});
  CHECK(m.headers == std::vector<std::pair<std::string, std::string>>{{"h", "my-company"}});
  CHECK(m.weight == 3);
}

TEST_CASE("a matcher that cannot be right is refused") {
  const auto refusal = [](const std::string& matcher) {
    auto p = compiled("{type: UnlimitedCallRatePolicy, matchers: [" + matcher + "]}");
    REQUIRE_FALSE(p);
    return p.error().message;
  };
  CHECK(contains(refusal("{weight: 0}"), "weight"));
  CHECK(contains(refusal("{url_path_pattern: '('}"), "url_path_pattern"));
  CHECK(contains(refusal("{params: {n: '{{ response.x }}'}}"), "response"));
}
