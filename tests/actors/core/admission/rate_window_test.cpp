#include "actors/core/admission/rate_window.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr steady_time epoch{};

steady_time at(milliseconds t) {
  return epoch + t;
}

std::string ms(steady_time t) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(t - epoch).count());
}

/// Times in ms at which `count` requests go, one after the other, each answered after `latency`.
template <class Window, class Take>
std::string departures(Window& w, int count, milliseconds latency, Take take) {
  std::string out;
  auto now = at(0ms);
  for (int i = 0; i < count; ++i) {
    now = w.earliest(1, now);
    out += (out.empty() ? "" : " ") + ms(now);
    now = take(now, now + latency);
  }
  return out;
}

std::string departures(moving_window& w, int count, milliseconds latency) {
  return departures(w, count, latency, [&w](steady_time sent, steady_time answered) {
    w.acquire(1, sent);
    w.release(1, true, answered);
    return answered;
  });
}

std::string departures(fixed_window& w, int count, milliseconds latency) {
  return departures(w, count, latency, [&w](steady_time sent, steady_time answered) {
    const auto window = w.acquire(1, sent);
    w.release(1, window, true, {}, {}, answered);
    return answered;
  });
}

reset_bounds between(milliseconds earliest, milliseconds latest) {
  return {at(earliest), at(latest)};
}

} // namespace

// -- moving window -------------------------------------------------------------

TEST_CASE("a moving window lets its limit through and then one for each that leaves", "[rate]") {
  moving_window w{3, 1s, epoch};
  CHECK(departures(w, 9, 0ms) == "0 0 0 1000 1000 1000 2000 2000 2000");
}

TEST_CASE("a place is kept until one interval after the answer", "[rate]") {
  moving_window w{2, 1s, epoch};
  CHECK(departures(w, 6, 100ms) == "0 100 1100 1200 2200 2300");
}

TEST_CASE("without an answer no place can be free before one interval from now", "[rate]") {
  moving_window w{1, 1s, epoch};
  w.acquire(1, at(0ms));
  CHECK(w.earliest(1, at(0ms)) == at(1s));
  CHECK(w.earliest(1, at(5s)) == at(6s));
  w.release(1, true, at(5500ms));
  CHECK(w.earliest(1, at(5500ms)) == at(6500ms));
}

TEST_CASE("a request that was not sent gives its place back", "[rate]") {
  moving_window w{1, 1s, epoch};
  w.acquire(1, at(0ms));
  w.release(1, false, at(10ms));
  CHECK(w.earliest(1, at(10ms)) == at(10ms));
  CHECK(w.used(at(10ms)) == 0);
}

TEST_CASE("weights take as many places", "[rate]") {
  moving_window w{10, 1s, epoch};
  w.acquire(4, at(0ms));
  w.release(4, true, at(0ms));
  w.acquire(4, at(100ms));
  w.release(4, true, at(100ms));
  CHECK(w.used(at(100ms)) == 8);
  CHECK(w.earliest(2, at(200ms)) == at(200ms));
  CHECK(w.earliest(3, at(200ms)) == at(1000ms));
  CHECK(w.earliest(6, at(200ms)) == at(1000ms));
  CHECK(w.earliest(7, at(200ms)) == at(1100ms));
  CHECK(w.earliest(99, at(200ms)) == at(1100ms)); // above the limit: it goes alone
  CHECK(w.earliest(99, at(1100ms)) == at(1100ms));
}

TEST_CASE("a limit moves in both directions at once", "[rate]") {
  moving_window w{2, 1s, epoch};
  for (int i = 0; i < 2; ++i) {
    w.acquire(1, at(100ms * i));
    w.release(1, true, at(100ms * i));
  }
  CHECK(w.earliest(1, at(200ms)) == at(1000ms));
  w.set_limit(3);
  CHECK(w.earliest(1, at(200ms)) == at(200ms));
  w.set_limit(1);
  CHECK(w.earliest(1, at(200ms)) == at(1100ms));
}

TEST_CASE("what the server counts beyond ours is others' and holds places until the reset", "[rate]") {
  moving_window w{10, 60s, epoch};
  const auto place = w.acquire(1, at(0ms));
  w.report(place, 8, between(20s, 22s), at(100ms));
  w.release(1, true, at(100ms));
  CHECK(w.used(at(100ms)) == 8);
  CHECK(w.earliest(2, at(100ms)) == at(100ms));
  CHECK(w.earliest(3, at(100ms)) == at(22s));
  CHECK(w.used(at(22s)) == 1);

  SECTION("a lower number of the same window is an older one") {
    const auto next = w.acquire(1, at(200ms));
    w.report(next, 3, between(20s, 22s), at(300ms));
    CHECK(w.used(at(300ms)) == 9);
  }
  SECTION("a later window starts with what it reports") {
    const auto next = w.acquire(1, at(21900ms));
    w.report(next, 3, between(81s, 83s), at(21950ms));
    CHECK(w.used(at(21950ms)) == 4); // two of ours, of which the server's new window holds one at most; two others
  }
  SECTION("an answer whose window is over tells nothing") {
    const auto next = w.acquire(1, at(200ms));
    w.report(next, 10, between(300ms, 400ms), at(500ms));
    CHECK(w.used(at(500ms)) == 9);
  }
}

TEST_CASE("without a reset others' places last one interval", "[rate]") {
  moving_window w{10, 60s, epoch};
  const auto place = w.acquire(1, at(0ms));
  w.report(place, 10, {}, at(100ms));
  w.release(1, true, at(100ms));
  CHECK(w.earliest(1, at(100ms)) == at(60100ms));
}

TEST_CASE("requests that went out meanwhile are not taken for others'", "[rate]") {
  moving_window w{10, 60s, epoch};
  const auto first = w.acquire(1, at(0ms));
  for (int i = 0; i < 4; ++i)
    w.acquire(1, at(10ms));
  w.report(first, 5, between(30s, 32s), at(1000ms));
  CHECK(w.used(at(1000ms)) == 5);
}

TEST_CASE("a moving window over a large limit stays small and loses a thousandth", "[rate]") {
  moving_window w{500000, 24h, epoch};
  auto now = at(0ms);
  int held_up = 0;
  for (int i = 0; i < 500000; ++i) {
    held_up += w.earliest(1, now) > now ? 1 : 0;
    w.acquire(1, now);
    w.release(1, true, now);
    now += 100ms;
  }
  CHECK(held_up == 0);
  CHECK(w.used(now) == 500000);
  const auto next = w.earliest(1, now);
  CHECK(next >= at(24h));
  CHECK(next <= at(24h + 86400ms));
}

TEST_CASE("a moving window does exactly what its slow model does", "[rate][property]") {
  CHECK(rc::check("moving window equals the sum over all requests", [] {
    const auto interval = milliseconds{*rc::gen::inRange(1, 50)};
    moving_window w{*rc::gen::inRange<std::uint64_t>(1, 12), interval, epoch};
    struct request {
      std::uint64_t weight;
      std::optional<steady_time> answered;
    };
    std::vector<request> model; // sent ones only
    const auto used = [&](steady_time t) {
      std::uint64_t sum = 0;
      for (const auto& r : model)
        sum += !r.answered || t < *r.answered + interval ? r.weight : 0;
      return sum;
    };
    auto now = at(0ms);
    for (int step = *rc::gen::inRange(1, 60); step > 0; --step) {
      now += milliseconds{*rc::gen::inRange(0, 8)};
      const auto weight = *rc::gen::inRange<std::uint64_t>(1, 15);
      const auto asked = std::min(weight, w.limit());
      auto expected = now; // first moment with room if nothing else happens, at most one interval away
      while (expected < now + interval && used(expected) + asked > w.limit())
        expected += 1ms;
      RC_ASSERT(w.used(now) == used(now));
      RC_ASSERT(w.earliest(weight, now) == expected);
      switch (*rc::gen::inRange(0, 4)) {
        case 0: {
          for (std::size_t i = 0; i < model.size(); ++i) {
            if (model[i].answered)
              continue;
            const auto sent = *rc::gen::inRange(0, 4) > 0;
            w.release(model[i].weight, sent, now);
            model[i].answered = now;
            if (!sent)
              model.erase(model.begin() + static_cast<std::ptrdiff_t>(i));
            break;
          }
          break;
        }
        case 1:
          w.set_limit(*rc::gen::inRange<std::uint64_t>(1, 12));
          break;
        default:
          if (expected == now) {
            w.acquire(weight, now);
            model.push_back({weight, {}});
          }
      }
    }
  }));
}

// -- fixed window --------------------------------------------------------------

TEST_CASE("a fixed window that nobody reports begins with its first request", "[rate]") {
  fixed_window w{3, 1s, epoch};
  CHECK(w.used(at(700ms)) == 0);
  CHECK(departures(w, 7, 0ms) == "0 0 0 1000 1000 1000 2000");
  fixed_window idle{3, 1s, epoch};
  const auto window = idle.acquire(1, at(10s));
  idle.release(1, window, true, {}, {}, at(10s));
  CHECK(idle.used(at(10999ms)) == 1);
  CHECK(idle.used(at(11s)) == 0);
}

TEST_CASE("a fixed window begins no later than its first answer, and ends one period after that", "[rate]") {
  fixed_window w{2, 1s, epoch};
  CHECK(departures(w, 5, 100ms) == "0 100 1100 1200 2200");
}

TEST_CASE("a reported reset is when the counter starts anew", "[rate]") {
  fixed_window w{2, 60s, epoch};
  const auto a = w.acquire(1, at(0ms));
  CHECK(w.earliest(2, at(0ms)) == at(60s));
  w.release(1, a, true, between(4s, 6s), 1, at(100ms));
  CHECK(w.earliest(2, at(100ms)) == at(6s));
  const auto b = w.acquire(1, at(200ms));
  w.release(1, b, true, between(5s, 7s), 2, at(300ms)); // each answer narrows it down
  CHECK(w.earliest(1, at(300ms)) == at(6s));
  CHECK(w.used(at(5999ms)) == 2);
  CHECK(w.used(at(6s)) == 0);
  CHECK(w.earliest(2, at(6s)) == at(6s));
}

TEST_CASE("others' use counts until the reset", "[rate]") {
  fixed_window w{500, 24h, epoch};
  auto window = w.acquire(1, at(0ms));
  w.release(1, window, true, between(1h, 1h + 2s), 499, at(100ms));
  CHECK(w.used(at(100ms)) == 499);
  window = w.acquire(1, at(200ms));
  CHECK(w.used(at(200ms)) == 500);
  w.release(1, window, true, between(1h, 1h + 2s), 300, at(300ms)); // an older number undoes nothing
  CHECK(w.used(at(300ms)) == 500);
  CHECK(w.earliest(1, at(300ms)) == at(1h + 2s));
  CHECK(w.used(at(1h + 2s)) == 0);
}

TEST_CASE("a reset that jumps by a window starts a new count", "[rate]") {
  fixed_window w{10, 60s, epoch};
  for (int i = 0; i < 5; ++i)
    w.release(1, w.acquire(1, at(0ms)), true, between(28s, 30s), std::uint64_t(i + 1), at(0ms));
  CHECK(w.used(at(10s)) == 5);
  const auto window = w.acquire(1, at(20s));
  w.release(1, window, true, between(79s, 81s), 1, at(21s)); // the server's window ended earlier than it had said
  CHECK(w.used(at(21s)) == 1);
  CHECK(w.earliest(10, at(21s)) == at(81s));
}

TEST_CASE("a reset that creeps away keeps the count", "[rate]") {
  // A server that says "60 s" every time does not give a new allowance every time.
  fixed_window w{10, 60s, epoch};
  for (int i = 0; i < 10; ++i) {
    const auto now = i * 4000ms;
    REQUIRE(w.earliest(1, at(now)) == at(now));
    w.release(1, w.acquire(1, at(now)), true, between(now + 59s, now + 61s), {}, at(now));
  }
  CHECK(w.used(at(37s)) == 10);
  CHECK(w.earliest(1, at(37s)) > at(60s));
}

TEST_CASE("requests under way at a reset count on both sides until their answer tells", "[rate]") {
  fixed_window w{2, 60s, epoch};
  const auto a = w.acquire(1, at(0ms));
  w.release(1, a, true, between(9s, 10s), 1, at(100ms));
  const auto b = w.acquire(1, at(8900ms));
  CHECK(w.used(at(10s)) == 1);

  SECTION("counted in the old window") {
    w.release(1, b, true, between(9s, 10s), 2, at(10s + 100ms));
    CHECK(w.used(at(10s + 100ms)) == 0);
  }
  SECTION("counted in the new window") {
    w.release(1, b, true, between(69s, 70s), 1, at(10s + 100ms));
    CHECK(w.used(at(10s + 100ms)) == 1);
    CHECK(w.earliest(2, at(10s + 100ms)) == at(70s));
  }
  SECTION("the answer does not tell") {
    w.release(1, b, true, {}, {}, at(10s + 100ms));
    CHECK(w.used(at(10s + 100ms)) == 1);
    CHECK(w.earliest(2, at(10s + 100ms)) == at(70s + 100ms));
  }
  SECTION("it was never sent") {
    w.release(1, b, false, {}, {}, at(10s + 100ms));
    CHECK(w.used(at(10s + 100ms)) == 0);
  }
}

TEST_CASE("an answer that may have been counted after the reset is carried over", "[rate]") {
  fixed_window w{3, 60s, epoch};
  w.release(1, w.acquire(1, at(0ms)), true, between(8s, 10s), 1, at(100ms));
  w.release(1, w.acquire(1, at(1s)), true, {}, {}, at(2s));
  w.release(1, w.acquire(1, at(8900ms)), true, {}, {}, at(9s));
  CHECK(w.used(at(9s)) == 3);
  CHECK(w.used(at(10s)) == 1);
  CHECK(w.earliest(3, at(10s)) == at(70s));
  CHECK(w.used(at(70s)) == 0);
}

TEST_CASE("a request that is answered windows later may still count in the next one", "[rate]") {
  fixed_window w{5, 60s, epoch};
  w.release(1, w.acquire(1, at(0ms)), true, between(9s, 10s), 1, at(100ms));
  const auto slow = w.acquire(1, at(8s));
  w.release(1, w.acquire(1, at(11s)), true, between(69s, 70s), 1, at(11100ms));
  w.release(1, slow, true, {}, {}, at(69500ms)); // counted at 69.4 s, perhaps, when the window had ended
  CHECK(w.used(at(70s)) == 1);
  CHECK(w.used(at(130s)) == 0);
}

TEST_CASE("while resets are too vague for a fixed window, it may begin anywhere", "[rate]") {
  // The server's windows end at 1 s, 5 s, ..., and it says so in whole seconds.
  fixed_window w{4, 4s, epoch};
  w.release(1, w.acquire(1, at(0ms)), true, between(0s, 2100ms), 1, at(100ms));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    CHECK(w.earliest(1, at(3800ms)) == at(3800ms));
    w.release(1, w.acquire(1, at(3800ms)), true, between(4800ms, 6900ms), i, at(3900ms));
  }
  CHECK(w.earliest(1, at(4s)) == at(4100ms)); // the first one's place
  CHECK(w.used(at(4100ms)) == 3);
  CHECK(w.earliest(1, at(4100ms)) == at(4100ms));
  CHECK(w.earliest(2, at(4100ms)) == at(7900ms)); // not with the end of a window that began with our first request
}

TEST_CASE("once the end of a fixed window is known, those count beyond it that may have come after it", "[rate]") {
  fixed_window w{4, 5s, epoch};
  w.release(1, w.acquire(1, at(0ms)), true, between(0s, 2600ms), 1, at(600ms));
  for (int i = 0; i < 2; ++i)
    w.release(1, w.acquire(1, at(900ms)), true, between(1s, 3500ms), {}, at(1500ms));
  w.release(1, w.acquire(1, at(1600ms)), true, between(1300ms, 1900ms), 2, at(1650ms));
  CHECK(w.earliest(1, at(1800ms)) == at(5600ms)); // until that end is reached, all four hold their places
  CHECK(w.used(at(1900ms)) == 2);                 // then those that were answered before it was known
  CHECK(w.earliest(2, at(1900ms)) == at(1900ms));
  CHECK(w.earliest(3, at(1900ms)) > at(1900ms));
}

TEST_CASE("others' use of a fixed window counts while its resets are vague", "[rate]") {
  fixed_window w{4, 4s, epoch};
  w.release(1, w.acquire(1, at(0ms)), true, between(1s, 3100ms), 3, at(100ms));
  CHECK(w.used(at(200ms)) == 3);
  CHECK(w.earliest(2, at(200ms)) == at(3100ms));
}

TEST_CASE("a fixed window gives back what was not sent, and never deadlocks on a heavy request", "[rate]") {
  fixed_window w{5, 1s, epoch};
  const auto a = w.acquire(5, at(0ms));
  CHECK(w.earliest(1, at(0ms)) == at(1s));
  w.release(5, a, false, {}, {}, at(10ms));
  CHECK(w.earliest(9, at(10ms)) == at(10ms));
  const auto b = w.acquire(9, at(10ms));
  w.release(9, b, true, {}, {}, at(20ms));
  CHECK(w.earliest(9, at(20ms)) == at(1020ms));
}
