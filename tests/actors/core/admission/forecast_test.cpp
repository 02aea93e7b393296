#include "actors/core/admission/forecast.hpp"

#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <functional>
#include <limits>
#include <queue>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

quota_gauge minute(std::uint64_t limit, std::uint64_t used = 0) {
  quota_gauge q;
  q.policy = "minute";
  q.limit = limit;
  q.used = used;
  q.window_us = 60'000'000;
  q.resets_in_us = used == 0 ? 0 : 30'000'000;
  return q;
}

endpoint_progress progress(std::uint64_t pages, std::uint64_t known, std::uint64_t done, bool final,
                           std::int64_t left) {
  endpoint_progress e;
  e.pages = pages;
  e.slices_known = known;
  e.slices_done = done;
  e.slices_final = final;
  e.pages_left = left;
  return e;
}

using place_queue = std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>>;

/// Requests one after the other take the place that is free first, and hold it until one window after their answer.
/// Returns when the last one goes.
std::int64_t simulate_quota(std::uint64_t requests, place_queue places, std::int64_t window, std::int64_t answer) {
  std::int64_t now = 0;
  for (std::uint64_t i = 0; i < requests; ++i) {
    now = std::max(now, places.top());
    places.pop();
    places.push(now + answer + window);
  }
  return now;
}

/// Requests of a pool whose answers take `answer`, under one quota. Returns when the last answer is there.
std::int64_t simulate_both(std::uint64_t requests, place_queue places, std::int64_t window, std::int64_t answer,
                           std::uint32_t pool) {
  place_queue fetchers;
  for (std::uint32_t i = 0; i < pool; ++i)
    fetchers.push(0);
  std::int64_t now = 0;
  std::int64_t end = 0;
  for (std::uint64_t i = 0; i < requests; ++i) {
    now = std::max({now, places.top(), fetchers.top()});
    places.pop();
    fetchers.pop();
    end = now + answer;
    places.push(end + window);
    fetchers.push(end);
  }
  return end;
}

/// The places of a policy whose taken ones all free at once.
place_queue places_of(const quota_gauge& q) {
  place_queue places;
  for (std::uint64_t i = 0; i < q.limit; ++i)
    places.push(i < q.used ? q.resets_in_us : 0);
  return places;
}

quota_gauge any_gauge() {
  quota_gauge q;
  q.policy = "any";
  q.limit = *rc::gen::inRange<std::uint64_t>(1, 40);
  q.used = *rc::gen::inRange<std::uint64_t>(0, q.limit + 1);
  q.window_us = *rc::gen::inRange<std::int64_t>(1, 1000);
  q.resets_in_us = *rc::gen::inRange<std::int64_t>(0, q.window_us + 1);
  q.room_in_us = q.used == q.limit ? q.resets_in_us : 0;
  return q;
}

} // namespace

TEST_CASE("the first window of a quota goes at once, then a limit each window", "[forecast]") {
  CHECK(time_at_quota(0, minute(120), 0us) == 0us);
  CHECK(time_at_quota(1, minute(120), 0us) == 0us);
  CHECK(time_at_quota(120, minute(120), 0us) == 0us);
  CHECK(time_at_quota(121, minute(120), 0us) == 60s);
  CHECK(time_at_quota(240, minute(120), 0us) == 60s);
  CHECK(time_at_quota(1200, minute(120), 0us) == 540s);
  CHECK(time_at_quota(121, minute(120), 1s) == 61s);
}

TEST_CASE("places that are taken wait for the reset", "[forecast]") {
  CHECK(time_at_quota(20, minute(120, 100), 0us) == 0us);
  CHECK(time_at_quota(21, minute(120, 100), 0us) == 30s);
  CHECK(time_at_quota(120, minute(120, 100), 0us) == 30s);
  CHECK(time_at_quota(121, minute(120, 100), 0us) == 60s);
  auto unknown = minute(120, 120);
  unknown.room_in_us = 60'000'000;
  unknown.resets_in_us = -1;
  CHECK(time_at_quota(1, unknown, 0us) == 60s);
  CHECK(time_at_quota(121, unknown, 0us) == 120s);
}

TEST_CASE("the places of a full window that free one after the other are used one after the other", "[forecast]") {
  auto full = minute(121, 121);
  full.room_in_us = 0;
  full.resets_in_us = 60'000'000;
  CHECK(time_at_quota(1, full, 0us) == 0s);
  CHECK(time_at_quota(61, full, 0us) == 30s);
  CHECK(time_at_quota(121, full, 0us) == 60s);
  CHECK(time_at_quota(121 + 61, full, 0us) == 90s);
}

TEST_CASE("a policy that ends the run has no time", "[forecast]") {
  auto over = minute(500, 500);
  over.room_in_us = -1;
  CHECK_FALSE(time_at_quota(1, over, 1s));
  CHECK_FALSE(time_for(1, {minute(120), over}, 10, 1s));
  CHECK(time_for(0, {over}, 10, 1s) == 0s);
}

TEST_CASE("the slower of pool and quota decides", "[forecast]") {
  CHECK(time_for(100, {}, 10, 1s) == 10s);
  CHECK(time_for(101, {}, 10, 1s) == 11s);
  CHECK(time_for(100, {minute(120)}, 10, 1s) == 10s);
  CHECK(time_for(100, {minute(50)}, 10, 1s) == 62s);
  CHECK(time_for(100, {minute(50), minute(20)}, 10, 1s) == 4 * 61s + 1s);
  CHECK(time_for(100, {}, 0, 1s) == 100s);
}

TEST_CASE("forecasts of enormous numbers are enormous", "[forecast]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(*time_for(most, {minute(1)}, 1, 1s) >= 24h * 365 * 999);
  CHECK(scaled(most, most, 1) == most);
  CHECK(scaled(most, 3, most) == 3);
  CHECK(scaled(7, 3, 0) == 21);
}

TEST_CASE("the time at a quota is that of requests that take places as they free", "[forecast][property]") {
  CHECK(rc::check([] {
    const auto q = any_gauge();
    const auto answer = *rc::gen::inRange<std::int64_t>(0, 100);
    const auto requests = *rc::gen::inRange<std::uint64_t>(0, 200);
    const auto forecast = time_at_quota(requests, q, microseconds{answer});
    RC_ASSERT(forecast.has_value());
    RC_ASSERT(forecast->count() == simulate_quota(requests, places_of(q), q.window_us, answer));
  }));
}

TEST_CASE("a run never ends before its forecast, and after it by at most one window's pass through the pool",
          "[forecast][property]") {
  CHECK(rc::check([] {
    const auto q = any_gauge();
    const auto answer = *rc::gen::inRange<std::int64_t>(1, 100);
    const auto pool = *rc::gen::inRange<std::uint32_t>(1, 12);
    const auto requests = *rc::gen::inRange<std::uint64_t>(1, 200);
    const auto forecast = time_for(requests, {q}, pool, microseconds{answer});
    RC_ASSERT(forecast.has_value());
    const auto real = simulate_both(requests, places_of(q), q.window_us, answer, pool);
    RC_ASSERT(forecast->count() <= real);
    // What no formula as simple sees: a window's requests wait for the pool once more.
    const auto per_window = static_cast<std::int64_t>((q.limit + pool - 1) / pool) * answer;
    RC_ASSERT(real <= forecast->count() + per_window + answer);
  }));
}

TEST_CASE("more requests, a smaller limit, slower answers or a smaller pool never make a run shorter",
          "[forecast][property]") {
  CHECK(rc::check([] {
    const auto q = any_gauge();
    const auto answer = microseconds{*rc::gen::inRange<std::int64_t>(0, 100)};
    const auto pool = *rc::gen::inRange<std::uint32_t>(1, 12);
    const auto requests = *rc::gen::inRange<std::uint64_t>(0, 200);
    const auto time = *time_for(requests, {q}, pool, answer);
    RC_ASSERT(time <= *time_for(requests + 1, {q}, pool, answer));
    RC_ASSERT(time <= *time_for(requests, {q}, pool, answer + 1us));
    RC_ASSERT(time >= *time_for(requests, {q}, pool + 1, answer));
    RC_ASSERT(time >= *time_for(requests, {}, pool, answer));
  }));
}

TEST_CASE("requests that are left are the pages that are left", "[forecast]") {
  CHECK(requests_left({}, {}) == 0u);
  CHECK(requests_left({progress(3, 1, 0, true, 7), progress(9, 9, 9, true, 0)}, {{}, {0}}) == 7u);
}

TEST_CASE("children are extrapolated from their parents' pages", "[forecast]") {
  // Two of ten pages of parents gave 40 children, of which 10 took 15 pages.
  const auto parent = progress(2, 1, 0, true, 8);
  const auto child = progress(15, 40, 10, false, -1);
  CHECK(requests_left({parent, child}, {{}, {0}}) == 8u + (200 - 10) * 15 / 10);
  // A slice takes one page at least.
  CHECK(requests_left({progress(1, 1, 1, true, 0), progress(5, 40, 10, true, -1)}, {{}, {0}}) == 30u);
  // Grandchildren follow the pages that their parents still have.
  CHECK(requests_left({parent, child, progress(30, 30, 30, false, -1)}, {{}, {0}, {1}}) == 8u + 285 + 570);
}

TEST_CASE("what gives nothing to extrapolate from is unknown", "[forecast]") {
  CHECK_FALSE(requests_left({progress(2, 2, 0, false, -1)}, {{}}));
  CHECK_FALSE(requests_left({progress(2, 2, 0, true, -1)}, {{}}));
  CHECK_FALSE(requests_left({progress(0, 1, 0, true, 3), progress(0, 0, 0, false, -1)}, {{}, {0}}));
  CHECK_FALSE(requests_left({progress(1, 1, 1, true, 0), progress(0, 4, 0, true, -1)}, {{}, {0}}));
  CHECK_FALSE(requests_left({progress(1, 1, 0, false, -1)}, {{0}}));
}

TEST_CASE("children of several parents follow the pages of all of them", "[forecast]") {
  // Four pages of parents gave 40 children of a page each, eight are left.
  CHECK(requests_left({progress(2, 1, 0, true, 8), progress(2, 1, 1, true, 0), progress(40, 40, 40, false, -1)},
                      {{}, {}, {0, 1}})
        == 8u + 80);
  CHECK_FALSE(requests_left({progress(0, 1, 0, true, 8), progress(0, 0, 0, false, 2), progress(0, 0, 0, false, -1)},
                            {{}, {}, {0, 1}}));
}
