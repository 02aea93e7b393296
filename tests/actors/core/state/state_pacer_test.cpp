#include "actors/core/state/state_pacer.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

using time_point = state_pacer::time_point;

time_point at(microseconds t) {
  return time_point{t};
}

} // namespace

TEST_CASE("the state of a closed slice goes at once, that of a page after the interval", "[state_pacer]") {
  state_pacer pacer{1000, 5s};
  CHECK_FALSE(pacer.next(at(0s)).has_value());
  CHECK_FALSE(pacer.next_due().has_value());
  pacer.changed(1, state_change::page_read, at(0s));
  CHECK_FALSE(pacer.next(at(4999ms)).has_value());
  CHECK(pacer.next_due() == at(5s));
  pacer.changed(1, state_change::page_read, at(4s)); // does not put it off
  CHECK(pacer.next(at(5s)) == 1U);
  pacer.printed(1, 10, at(6s));
  CHECK_FALSE(pacer.next_due().has_value());
  pacer.changed(1, state_change::page_read, at(7s));
  CHECK(pacer.next_due() == at(11s));
  pacer.changed(1, state_change::slice_closed, at(8s));
  CHECK(pacer.next(at(8s)) == 1U);
  pacer.printed(1, 10, at(8s));
  pacer.changed(1, state_change::page_read, at(20s)); // the last one is old enough
  CHECK(pacer.next(at(20s)) == 1U);
}

TEST_CASE("a state larger than the bucket goes, and the next one waits until that is paid", "[state_pacer]") {
  state_pacer pacer{1000, 5s};
  pacer.changed(0, state_change::slice_closed, at(0s));
  CHECK(pacer.next(at(0s)) == 0U);
  pacer.printed(0, 11000, at(0s)); // 1000 were there
  pacer.changed(0, state_change::slice_closed, at(1s));
  CHECK_FALSE(pacer.next(at(1s)).has_value());
  CHECK_FALSE(pacer.next(at(10s)).has_value());
  CHECK(pacer.next_due() == at(10s + 1us));
  CHECK(pacer.next(at(10s + 1us)) == 0U);
}

TEST_CASE("streams go in the order in which they became due", "[state_pacer]") {
  state_pacer pacer{1000, 5s};
  pacer.changed(0, state_change::page_read, at(0s));
  pacer.changed(2, state_change::slice_closed, at(1s));
  pacer.changed(1, state_change::slice_closed, at(1s));
  CHECK(pacer.next(at(6s)) == 2U);
  pacer.printed(2, 5000, at(6s));
  pacer.changed(2, state_change::slice_closed, at(6s));
  CHECK(pacer.next(at(60s)) == 1U);
  pacer.printed(1, 5000, at(60s));
  CHECK(pacer.next(at(120s)) == 0U);
  pacer.printed(0, 5000, at(120s));
  CHECK(pacer.next(at(180s)) == 2U);
}

TEST_CASE("a final state always goes, and is paid for", "[state_pacer]") {
  state_pacer pacer{1000, 5s};
  pacer.changed(0, state_change::slice_closed, at(0s));
  pacer.printed(0, 3000, at(0s));
  CHECK_FALSE(pacer.next_due().has_value());
  pacer.changed(1, state_change::slice_closed, at(0s));
  CHECK(pacer.next_due() == at(2s + 1us));
}

TEST_CASE("extreme rates and sizes do no harm", "[state_pacer]") {
  for (const std::uint64_t rate : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    state_pacer pacer{rate, 0s};
    pacer.changed(0, state_change::page_read, at(0s));
    CHECK(pacer.next(at(0s)) == 0U);
    pacer.printed(0, ~std::uint64_t{0}, at(0s));
    pacer.changed(0, state_change::page_read, at(1s));
    CHECK(pacer.next_due().has_value());
    pacer.printed(0, ~std::uint64_t{0}, at(2s));
    pacer.changed(0, state_change::page_read, at(2s));
    CHECK(pacer.next_due().value() > at(0s));
  }
}

TEST_CASE("states stay within their share of the output, and none waits for ever", "[state_pacer][property]") {
  CHECK(rc::check("bounded rate, bounded wait", [] {
    const auto rate = *rc::gen::inRange<std::int64_t>(1, 5000);
    const microseconds interval{*rc::gen::inRange(0, 10'000'000)};
    const auto largest = *rc::gen::inRange<std::int64_t>(1, 20000);
    const auto streams = *rc::gen::inRange<stream_index>(1, 5);
    state_pacer pacer{static_cast<std::uint64_t>(rate), interval};
    struct print {
      microseconds when;
      std::int64_t bytes;
    };
    std::vector<print> prints;
    std::vector<std::optional<microseconds>> dirty_since(streams);
    // All that may lie before a state: the debt of one, and one state of each other stream; and the interval.
    const microseconds longest_wait = interval + microseconds{(streams + 1) * (largest * 1'000'000 / rate + 2)};
    microseconds now{0};
    const auto print_what_may = [&] {
      while (auto s = pacer.next(at(now))) {
        RC_ASSERT(dirty_since[*s].has_value());
        RC_ASSERT(now - *dirty_since[*s] <= longest_wait);
        dirty_since[*s].reset();
        prints.push_back({now, *rc::gen::inRange<std::int64_t>(1, largest + 1)});
        pacer.printed(*s, static_cast<std::uint64_t>(prints.back().bytes), at(now));
      }
      // Whoever is dirty has a moment ahead of him.
      const auto is_dirty = std::any_of(dirty_since.begin(), dirty_since.end(), [](const auto& x) { return x; });
      RC_ASSERT(pacer.next_due().has_value() == is_dirty);
      if (is_dirty)
        RC_ASSERT(*pacer.next_due() > at(now));
    };
    const auto events = *rc::gen::inRange(1, 80);
    for (int i = 0; i < events; ++i) {
      const microseconds event = now + microseconds{*rc::gen::inRange(0, 3'000'000)};
      while (pacer.next_due() && *pacer.next_due() <= at(event)) { // the timer
        now = std::chrono::floor<microseconds>(pacer.next_due()->time_since_epoch());
        RC_ASSERT(pacer.next(at(now)).has_value());
        print_what_may();
      }
      now = event;
      const auto stream = *rc::gen::inRange<stream_index>(0, streams);
      pacer.changed(stream, *rc::gen::arbitrary<bool>() ? state_change::slice_closed : state_change::page_read,
                    at(now));
      if (!dirty_since[stream])
        dirty_since[stream] = now;
      print_what_may();
    }
    while (pacer.next_due()) {
      now = std::chrono::floor<microseconds>(pacer.next_due()->time_since_epoch());
      print_what_may();
    }
    RC_ASSERT(std::none_of(dirty_since.begin(), dirty_since.end(), [](const auto& x) { return x.has_value(); }));
    for (std::size_t i = 0; i < prints.size(); ++i) {
      std::int64_t sum = 0;
      for (auto k = i; k < prints.size(); ++k) {
        sum += prints[k].bytes;
        const auto allowed = rate * (prints[k].when - prints[i].when).count() / 1'000'000 + rate + largest + 1;
        RC_ASSERT(sum <= allowed);
      }
    }
  }));
}
