#include "actors/core/pages/backoff.hpp"

#include "tests/support/catch2.hpp"

#include <chrono>
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
    // Nothing usable: the default.
    {"0", "", 1s},
    {"-5", "", 1s},
    {"soon", "", 1s},
    {"12 s", "", 1s},
    {"nan", "", 1s},
    {"inf", "", 1s},
    {"12", "(x)", 1s},
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
