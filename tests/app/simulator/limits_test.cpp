#include "app/simulator/limits.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <map>

using namespace sluice::simulator;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

std::map<std::string, std::string> headers(rate_limiter& limiter, microseconds now) {
  std::map<std::string, std::string> result;
  for (auto& [name, value] : limiter.headers(now))
    result[name] = value;
  return result;
}

const std::string minute = "X-Ratelimit-App-Global-Minute-";
const std::string day = "X-Ratelimit-App-Global-Day-";

} // namespace

TEST_CASE("a fixed window admits its limit, refuses the rest, and starts afresh at its end") {
  rate_limits limits;
  limits.minute.limit = 3;
  rate_limiter limiter{limits};
  for (int i = 0; i < 3; ++i)
    CHECK(limiter.admit(10s));
  CHECK_FALSE(limiter.admit(10s));
  CHECK_FALSE(limiter.admit(70s - 1us));
  CHECK(limiter.admit(70s)); // the first window began with the first request
  auto windows = limiter.minutes();
  REQUIRE(windows.size() == 2);
  CHECK(windows[0].admitted == 3);
  CHECK(windows[0].refused == 2);
  CHECK(windows[1].start == 70s);
  CHECK(windows[1].admitted == 1);
  CHECK(limiter.days().empty());
}

TEST_CASE("windows follow without gaps, also after a pause") {
  rate_limits limits;
  limits.minute.limit = 1;
  rate_limiter limiter{limits};
  CHECK(limiter.admit(5s));
  CHECK(limiter.admit(5s + 150s)); // the third window, 125 s to 185 s
  CHECK_FALSE(limiter.admit(5s + 179s));
  CHECK(limiter.admit(5s + 180s));
}

TEST_CASE("the first window can begin before the first request") {
  rate_limits limits;
  limits.minute.limit = 2;
  limits.minute.phase = 50s;
  rate_limiter limiter{limits};
  CHECK(limiter.admit(0s));
  CHECK(limiter.admit(0s));
  CHECK_FALSE(limiter.admit(10s - 1us));
  CHECK(limiter.admit(10s));
  CHECK(headers(limiter, 10s)[minute + "Reset"] == "60");
}

TEST_CASE("a moving window never lets more than its limit through in any span of its length") {
  CHECK(rc::check("moving window", [](const std::vector<std::uint16_t>& gaps) {
    rate_limits limits;
    limits.minute.limit = 5;
    limits.moving_window = true;
    rate_limiter limiter{limits};
    std::vector<microseconds> admitted;
    microseconds now{0};
    for (auto gap : gaps) {
      now += gap % 20'000 * 1ms;
      auto recent = std::count_if(admitted.begin(), admitted.end(), [&](auto t) { return now - t < 60s; });
      auto ok = limiter.admit(now);
      RC_ASSERT(ok == (recent < 5));
      if (ok)
        admitted.push_back(now);
    }
  }));
}

TEST_CASE("headers tell limit, remaining requests and whole seconds until the reset") {
  rate_limits limits;
  limits.minute.limit = 120;
  limits.day.limit = 500;
  rate_limiter limiter{limits};
  CHECK(limiter.admit(0s));
  CHECK(limiter.admit(1500ms));
  auto told = headers(limiter, 1500ms);
  CHECK(told
        == std::map<std::string, std::string>{{minute + "Limit", "120"},
                                              {minute + "Remaining", "118"},
                                              {minute + "Reset", "59"},
                                              {day + "Limit", "500"},
                                              {day + "Remaining", "498"},
                                              {day + "Reset", "86399"}});
}

TEST_CASE("the reset can be told exactly") {
  rate_limits limits;
  limits.minute = {10, 2s, 0us};
  limits.exact_reset = true;
  rate_limiter limiter{limits};
  CHECK(limiter.admit(0s));
  CHECK(headers(limiter, 1250ms)[minute + "Reset"] == "0.750000");
}

TEST_CASE("a limit of zero is no limit and has no headers") {
  rate_limits limits;
  rate_limiter limiter{limits};
  for (int i = 0; i < 1000; ++i)
    CHECK(limiter.admit(0s));
  CHECK(limiter.headers(0s).empty());
  CHECK(limiter.minutes().empty());
}

TEST_CASE("headers can be left out") {
  rate_limits limits;
  limits.minute.limit = 1;
  limits.headers = false;
  rate_limiter limiter{limits};
  CHECK(limiter.admit(0s));
  CHECK_FALSE(limiter.admit(0s));
  CHECK(limiter.headers(0s).empty());
}

TEST_CASE("a request that one limit refuses does not count for the other") {
  rate_limits limits;
  limits.minute.limit = 2;
  limits.day.limit = 3;
  rate_limiter limiter{limits};
  CHECK(limiter.admit(0s));
  CHECK(limiter.admit(0s));
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(limiter.admit(1s)); // the minute refuses
  CHECK(headers(limiter, 1s)[day + "Remaining"] == "1");
  CHECK(limiter.admit(60s));
  CHECK_FALSE(limiter.admit(60s)); // the day refuses
  CHECK(headers(limiter, 60s)[minute + "Remaining"] == "1");
  CHECK(limiter.days().at(0).refused == 1);
  CHECK(limiter.admit(86'400s));
}
