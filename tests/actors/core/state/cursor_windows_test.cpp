#include "actors/core/state/cursor_windows.hpp"

#include "tests/actors/core/state/all_windows.hpp"
#include "tests/actors/core/state/cursor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;
using namespace sluice::test;
using std::chrono::microseconds;
using std::chrono::seconds;

namespace {

/// What the windows of stretches are, made all at once.
std::vector<cursor_window> cut(const std::optional<language::duration>& step, microseconds granule,
                               const std::vector<cursor_windows::stretch>& stretches) {
  std::vector<cursor_window> out;
  for (const auto& s : stretches) {
    auto lower = s.lower;
    do {
      const auto next = step ? std::min(language::add(lower, *step), s.upper) : s.upper;
      const auto ends_at = next == s.upper && s.ends_at_upper ? s.upper : next - granule;
      out.push_back({lower, std::max(lower, ends_at), s.children_only});
      lower = next;
    } while (lower < s.upper);
  }
  return out;
}

} // namespace

TEST_CASE("no stretch has no window, and what is not cut by time has one", "[cursor_windows]") {
  CHECK(cursor_windows{}.empty());
  CHECK(cursor_windows{}.size() == 0);
  CHECK(cursor_windows{}.gapless());
  CHECK(cursor_windows::whole().size() == 1);
  CHECK(all(cursor_windows::whole()).size() == 1);
}

TEST_CASE("ten thousand years in steps of a second are counted and looked into without being made",
          "[cursor_windows]") {
  constexpr std::int64_t end = 315'360'000'000;
  cursor_windows windows{language::duration{0, seconds{1}}, seconds{1}, {{at(0), at(end), true, true}}};
  CHECK(windows.size() == end);
  CHECK(windows.children_only() == end);
  CHECK(windows.back() == cursor_window{at(end - 1), at(end), true});
  windows.drop_children_before(at(end - 10));
  CHECK(windows.front() == cursor_window{at(end - 10), at(end - 10), true});
  CHECK(windows.size() == 10);
}

TEST_CASE("windows are counted, left out and made one by one as if they had been made all at once",
          "[cursor_windows]") {
  CHECK(rc::check("any stretches", [] {
    std::optional<language::duration> step;
    if (*rc::gen::arbitrary<bool>())
      step = language::duration{*rc::gen::element(0, 0, 1, 3), seconds{*rc::gen::inRange(1, 40)}};
    const auto granule = seconds{*rc::gen::inRange(0, 3)};
    std::vector<cursor_windows::stretch> stretches;
    auto t = at(0);
    const auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
      // Months need room.
      const auto unit = step && step->months > 0 ? 1'000'000 : 1;
      const auto lower = t + seconds{*rc::gen::inRange(0, 4)};
      const auto upper = lower + seconds{*rc::gen::inRange(0, 200) * unit};
      stretches.push_back({lower, upper, *rc::gen::arbitrary<bool>() || lower == upper, *rc::gen::arbitrary<bool>()});
      t = upper + granule;
    }
    cursor_windows windows{step, granule, stretches};
    auto expected = cut(step, granule, stretches);
    if (*rc::gen::arbitrary<bool>()) {
      const auto needed = at(*rc::gen::inRange(0, 600));
      windows.drop_children_before(needed);
      std::erase_if(expected, [needed](const cursor_window& w) { return w.children_only && w.upper < needed; });
      if (!step)
        for (auto& w : expected)
          w.lower = w.children_only ? std::max(w.lower, needed) : w.lower;
    }
    RC_ASSERT(all(windows) == expected);
    auto gap = [granule](const cursor_window& a, const cursor_window& b) { return b.lower - a.upper > granule; };
    while (!windows.empty()) {
      RC_ASSERT(windows.size() == expected.size());
      RC_ASSERT(windows.front() == expected.front());
      RC_ASSERT(windows.back() == expected.back());
      RC_ASSERT(windows.children_only()
                == static_cast<std::uint64_t>(
                  std::count_if(expected.begin(), expected.end(), [](const auto& w) { return w.children_only; })));
      RC_ASSERT(windows.gapless() == (std::adjacent_find(expected.begin(), expected.end(), gap) == expected.end()));
      windows.pop_front();
      expected.erase(expected.begin());
    }
    RC_ASSERT(expected.empty());
  }));
}
