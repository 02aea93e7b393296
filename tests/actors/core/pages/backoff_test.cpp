#include "actors/core/pages/backoff.hpp"

#include "tests/support/catch2.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

/// 2021-06-10T11:07:00Z
constexpr language::instant wall{std::chrono::seconds{1623323220}};

retry_wait wait_for(const std::vector<backoff_strategy>& strategies, const header_list& headers,
                    std::uint32_t attempt = 0) {
  return wait_before_retry(strategies, {&headers}, attempt, wall);
}

} // namespace

TEST_CASE("without a hint waits double from one second") {
  for (std::uint32_t attempt = 0; attempt < 5; ++attempt) {
    auto w = wait_before_retry({}, {}, attempt, wall);
    CHECK(w.wait == microseconds{1s} * (1 << attempt));
    CHECK_FALSE(w.is_explicit);
  }
  CHECK(wait_before_retry({}, {}, 4000000000U, wall).wait > 24h);
}

TEST_CASE("strategies of the manifest come first, in order") {
  CHECK(wait_for({constant_backoff{7s}}, {}).wait == 7s);
  CHECK(wait_for({constant_backoff{7s}}, {}).is_explicit);
  CHECK(wait_for({exponential_backoff{5}}, {}, 0).wait == 10s);
  CHECK(wait_for({exponential_backoff{5}}, {}, 2).wait == 40s);
  CHECK(wait_for({exponential_backoff{0.5}}, {}, 0).wait == 1s);
  CHECK(wait_for({wait_time_from_header{"X-Reset", "", {}}, constant_backoff{7s}}, {}).wait == 7s);
  CHECK(wait_for({wait_time_from_header{"X-Reset", "", {}}, constant_backoff{7s}}, {{"x-reset", "2.5"}}).wait
        == 2500ms);
  CHECK(wait_for({constant_backoff{0s}}, {{"Retry-After", "3"}}).wait == 3s);
}

TEST_CASE("a wait from a header counts the second that the server rounded away") {
  struct row {
    const char* value;
    const char* regex;
    microseconds expected;
  };
  auto r = GENERATE(values<row>({
    {"30", "", 31s},
    {" 30 ", "", 31s},
    {"0.25", "", 250ms},
    {"reset in 12 s", "in (\\d+)", 13s},
    {"12;w=60", "\\d+", 13s},
    {"12.5;w=60", "(\\d+)\\.\\d+", 12500ms}, // what the whole pattern matches, as in the reference
    {"12", "(x)", 13s},                      // where it does not match, the whole header, as in the reference
    {"now: 12", "^now: (\\d+)", 13s},
    // Nothing usable: the default.
    {"0", "", 1s},
    {"-5", "", 1s},
    {"soon", "", 1s},
    {"12 s", "", 1s},
    {"nan", "", 1s},
    {"inf", "", 1s},
    {"12 s", "(x)", 1s},
    {"12", "(", 1s},
    {"", "", 1s},
  }));
  INFO(r.value << " " << r.regex);
  auto w = wait_for({wait_time_from_header{"X-Reset", r.regex, {}}}, {{"X-Reset", r.value}});
  CHECK(w.wait == r.expected);
  CHECK(w.is_explicit == (r.expected != microseconds{1s}));
}

TEST_CASE("a wait that the manifest finds too long is marked") {
  wait_time_from_header strategy{"X-Reset", "", microseconds{60s}};
  CHECK_FALSE(wait_for({strategy}, {{"X-Reset", "59"}}).too_long);
  CHECK(wait_for({strategy}, {{"X-Reset", "60"}}).too_long); // as in the reference
  CHECK(wait_for({strategy}, {{"X-Reset", "61"}}).too_long);
  strategy.max_waiting_time = microseconds{0};
  CHECK(wait_for({strategy}, {{"X-Reset", "0.5"}}).too_long);
  CHECK_FALSE(wait_for({strategy}, {{"X-Reset", "0"}}).too_long); // no wait is asked for
}

TEST_CASE("jitter adds up to twice its range, always the same to one try of a request") {
  const auto wait = [](const backoff_strategy& s, std::uint64_t seed, std::uint32_t attempt) {
    refused_answer answer;
    answer.seed = seed;
    return wait_before_retry({s}, answer, attempt, wall).wait;
  };
  microseconds sum{0};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto x = wait(constant_backoff{10s, 3s}, seed, 0);
    REQUIRE(x >= 10s);
    REQUIRE(x <= 16s);
    REQUIRE(wait(constant_backoff{10s, 3s}, seed, 0) == x);
    sum += x;
  }
  CHECK(sum / 1000 > 12500ms); // the mean is 13 s
  CHECK(sum / 1000 < 13500ms);
  CHECK(wait(constant_backoff{10s, 3s}, 1, 0) != wait(constant_backoff{10s, 3s}, 2, 0));
  CHECK(wait(constant_backoff{10s, 3s}, 1, 0) != wait(constant_backoff{10s, 3s}, 1, 1));
  CHECK(wait(exponential_backoff{5, 1s}, 7, 1) >= 20s);
  CHECK(wait(exponential_backoff{5, 1s}, 7, 1) <= 22s);
}

TEST_CASE("a wait until a moment that a header names") {
  struct row {
    const char* value;
    std::optional<microseconds> min_wait;
    microseconds expected;
  };
  // wall is 1623323220
  auto r = GENERATE(values<row>({
    {"1623323250", {}, 31s},
    {"1623323250.5", {}, 30500ms},
    {"1623323250000", {}, 31s}, // milliseconds
    {"1623323250", microseconds{60s}, 60s},
    {"1623323250", microseconds{5s}, 31s},
    {"1623323000", {}, 1s}, // past: the default
    {"30", {}, 1s},         // long past
    {"1623323000", microseconds{5s}, 5s},
    {"soon", {}, 1s},
    {"soon", microseconds{5s}, 5s},
    {"", microseconds{5s}, 5s},
    {"9623323250", {}, 1s}, // nobody waits for centuries
  }));
  INFO(r.value);
  CHECK(wait_for({wait_until_time_from_header{{"X-Reset", ""}, r.min_wait, {}}}, {{"x-reset", r.value}}).wait
        == r.expected);
}

TEST_CASE("a wait until a moment: the server's clock, its pattern and its bound") {
  const header_list told{{"X-Reset", "at 1623323250"}, {"Date", "Thu, 10 Jun 2021 11:07:10 GMT"}};
  auto w = wait_for({wait_until_time_from_header{{"X-Reset", "at (\\d+)"}, {}, {}}}, told);
  CHECK(w.wait == 21s);
  CHECK(w.by_server);
  CHECK_FALSE(wait_for({wait_until_time_from_header{{"X-Reset", ""}, microseconds{5s}, {}}}, {}).by_server);
  const header_list reset{{"X-Reset", "1623323250"}};
  CHECK_FALSE(wait_for({wait_until_time_from_header{{"X-Reset", ""}, {}, microseconds{31s}}}, reset).too_long);
  CHECK(wait_for({wait_until_time_from_header{{"X-Reset", ""}, {}, microseconds{30s}}}, reset).too_long);
  // The bound holds for the least wait, too.
  CHECK(wait_for({wait_until_time_from_header{{"X-Reset", ""}, microseconds{60s}, microseconds{40s}}}, reset).too_long);
}

TEST_CASE("a wait that the body tells") {
  const auto wait = [](const char* source, const char* body) {
    language::scope scope;
    scope.set("response", *language::parse_json(body));
    scope.set("config", language::value{});
    header_list headers;
    refused_answer answer{&headers};
    answer.variables = &scope;
    const auto t = text_template::parse(source, {"response", "headers", "config"});
    REQUIRE(t);
    return wait_before_retry({wait_time_from_response{*t, microseconds{100s}}, constant_backoff{7s}}, answer, 0, wall);
  };
  CHECK(wait("{{ response.wait }}", R"({"wait":20})").wait == 21s);
  CHECK(wait("{{ response.wait }}", R"({"wait":20})").by_server);
  CHECK(wait("{{ response.wait / 1000 }}", R"({"wait":2500})").wait == 2500ms);
  CHECK(wait("{{ response.wait }}", R"({"wait":100})").too_long);
  for (const auto* body : {R"({})", R"({"wait":0})", R"({"wait":-3})", R"({"wait":"soon"})", R"({"wait":null})", "[1]"})
    CHECK(wait("{{ response.wait }}", body).wait == 7s);
  CHECK(wait("{{ response.wait - 3 }}", R"({"wait":"20"})").wait == 7s);
  CHECK(wait_for({wait_time_from_response{}, constant_backoff{7s}}, {}).wait == 7s);
}

TEST_CASE("only a wait that the server named is the server's") {
  CHECK(wait_for({wait_time_from_header{"X-Reset", "", {}}}, {{"X-Reset", "5"}}).by_server);
  CHECK(wait_for({}, {{"Retry-After", "5"}}).by_server);
  CHECK_FALSE(wait_for({constant_backoff{7s}}, {{"Retry-After", "5"}}).by_server);
  CHECK_FALSE(wait_for({exponential_backoff{5}}, {}).by_server);
  CHECK_FALSE(wait_for({}, {}).by_server);
}

TEST_CASE("Retry-After of an answer that asks for less haste goes before the window's reset") {
  auto wait = [](const std::vector<backoff_strategy>& strategies, const header_list& headers) {
    return wait_before_retry(strategies, {&headers, true}, 0, wall);
  };
  const wait_time_from_header reset{"X-Reset", "", microseconds{50s}};
  CHECK(wait({reset}, {{"X-Reset", "60"}, {"Retry-After", "3"}}).wait == 3s);
  CHECK_FALSE(wait({reset}, {{"X-Reset", "60"}, {"Retry-After", "3"}}).too_long);
  CHECK(wait({reset}, {{"X-Reset", "60"}, {"Retry-After", "Thu, 10 Jun 2021 11:07:03 GMT"}}).wait == 3s);
  CHECK(wait({reset}, {{"X-Reset", "20"}, {"Retry-After", "70"}}).wait == 70s);
  CHECK(wait({reset}, {{"X-Reset", "20"}, {"Retry-After", "70"}}).too_long);
  CHECK(wait({reset}, {{"X-Reset", "20"}, {"Retry-After", "soon"}}).wait == 21s);
  CHECK(wait({reset}, {{"X-Reset", "20"}, {"Retry-After", "0"}}).wait == 21s);
  CHECK(wait({reset}, {{"Retry-After", "3"}}).wait == 3s);
  // What the manifest says of its own is no guess about the server.
  CHECK(wait({constant_backoff{7s}, reset}, {{"X-Reset", "60"}, {"Retry-After", "3"}}).wait == 7s);
  // A strategy that reads Retry-After itself reads it its own way.
  CHECK(wait({wait_time_from_header{"retry-after", "", {}}}, {{"Retry-After", "3"}}).wait == 4s);
  // Other answers are about something else.
  CHECK(wait_for({reset}, {{"X-Reset", "20"}, {"Retry-After", "3"}}).wait == 21s);
}

TEST_CASE("a reset header that names a moment, or one beyond its window, is no wait of weeks") {
  api_budget budget;
  budget.policies.emplace_back();
  budget.policies[0].reset_header = "X-Reset";
  budget.policies[0].rates = {{100, 1min}};
  auto wait = [&](const char* value, bool governed) {
    const header_list headers{{"x-reset", value}};
    return wait_before_retry({wait_time_from_header{"X-Reset", "", {}}},
                             {&headers, false, governed ? &budget : nullptr}, 0, wall)
      .wait;
  };
  CHECK(wait("1623323250", false) == 31s);
  CHECK(wait("1623323250000", false) == 31s);
  CHECK(wait("1623323250", true) == 31s);
  CHECK(wait("1623326820", true) == 61s); // an hour from now, but the window has a minute
  CHECK(wait("1623326820", false) == 3601s);
  CHECK(wait("1623323210", false) == 1s); // over
  CHECK(wait("86400", true) == 61s);
  CHECK(wait("86400", false) == 86401s);
  CHECK(wait("99999999", false) == 1s); // more than three years: no wait that can be meant
  CHECK(wait("1e300", false) == 1s);
}

TEST_CASE("Retry-After is honoured as seconds and as date") {
  CHECK(wait_for({}, {{"retry-after", "30"}}).wait == 30s);
  CHECK(wait_for({}, {{"Retry-After", "30"}}).is_explicit);
  CHECK(wait_for({}, {{"Retry-After", "Thu, 10 Jun 2021 11:07:45 GMT"}}).wait == 45s);
  CHECK(wait_for({}, {{"Retry-After", "Thu, 10 Jun 2021 11:06:45 GMT"}}).wait == 1s);
  CHECK(wait_for({}, {{"Retry-After", "0"}}).wait == 1s);
  CHECK_FALSE(wait_for({}, {{"Retry-After", "tomorrow"}}).is_explicit);
  CHECK(wait_for({}, {{"Retry-After", "1623323250"}}).wait == 30s);
}
