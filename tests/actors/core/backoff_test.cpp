#include "actors/core/backoff.hpp"

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

retry_wait wait_for(const std::vector<backoff_strategy>& strategies, const header_pairs& headers,
                    std::uint32_t attempt = 0) {
  return wait_before_retry(strategies, &headers, attempt, wall);
}

} // namespace

TEST_CASE("without a hint waits double from one second") {
  for (std::uint32_t attempt = 0; attempt < 5; ++attempt) {
    auto w = wait_before_retry({}, nullptr, attempt, wall);
    CHECK(w.wait == microseconds{1s} * (1 << attempt));
    CHECK_FALSE(w.is_explicit);
  }
  CHECK(wait_before_retry({}, nullptr, 4000000000U, wall).wait > 24h);
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
  CHECK_FALSE(wait_for({strategy}, {{"X-Reset", "60"}}).too_long);
  CHECK(wait_for({strategy}, {{"X-Reset", "61"}}).too_long);
}

TEST_CASE("Retry-After is honoured as seconds and as date") {
  CHECK(wait_for({}, {{"retry-after", "30"}}).wait == 30s);
  CHECK(wait_for({}, {{"Retry-After", "30"}}).is_explicit);
  CHECK(wait_for({}, {{"Retry-After", "Thu, 10 Jun 2021 11:07:45 GMT"}}).wait == 45s);
  CHECK(wait_for({}, {{"Retry-After", "Thu, 10 Jun 2021 11:06:45 GMT"}}).wait == 1s);
  CHECK(wait_for({}, {{"Retry-After", "0"}}).wait == 1s);
  CHECK_FALSE(wait_for({}, {{"Retry-After", "tomorrow"}}).is_explicit);
}
