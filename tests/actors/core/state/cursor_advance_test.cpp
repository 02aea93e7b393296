// Progress inside of a window whose rows come in ascending order.

#include "actors/core/state/cursor.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/actors/core/state/cursor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using std::chrono::seconds;

TEST_CASE("a window that is half read resumes at the newest value, which is read again", "[cursor]") {
  auto cursor = open(example_cursor());
  cursor.advance(window(0, 24), at(7));
  CHECK(cursor.state_json() == R"({"ts":7})");
  CHECK(shown(test::all(cursor.windows(false))) == "[7,31] [32,56] [57,81] [82,100]");
  cursor.advance(window(0, 24), at(24));
  CHECK(cursor.state_json() == R"({"ts":24})");
  CHECK(shown(test::all(open(example_cursor(), cursor.state_json()).windows(false)))
        == "[24,48] [49,73] [74,98] [99,100]");
  cursor.close(window(0, 24), at(24));
  CHECK(cursor.state_json() == R"({"ts":24})");
  CHECK(shown(test::all(cursor.windows(false))) == "[25,49] [50,74] [75,100]");
}

TEST_CASE("progress in a later window promises nothing until the earlier ones are read", "[cursor]") {
  auto cursor = open(example_cursor());
  cursor.advance(window(25, 49), at(30));
  cursor.close(window(50, 74), at(60));
  CHECK(cursor.state_json() == R"({"ts":0})");
  cursor.close(window(0, 24), {});
  CHECK(cursor.state_json() == R"({"ts":30})");
  CHECK(shown(test::all(cursor.windows(false))) == "[30,49] [75,100]");
  CHECK(cursor.concurrent_state_json()
        == R"({"slices":[{"start":0,"end":29,"most_recent_cursor_value":30},)"
           R"({"start":50,"end":74,"most_recent_cursor_value":60}],"state_type":"date-range"})");
  CHECK(shown(test::all(open(example_cursor(), cursor.concurrent_state_json()).windows(false)))
        == "[30,49] [74,98] [99,100]");
  cursor.close(window(25, 49), at(41));
  CHECK(cursor.state_json() == R"({"ts":60})");
}

TEST_CASE("progress up to a window's end does not leap over rows at that moment", "[cursor]") {
  auto cursor = open(example_cursor());
  cursor.close(window(25, 49), at(49));
  cursor.advance(window(0, 24), at(24));
  CHECK(cursor.state_json() == R"({"ts":24})");
  CHECK(shown(test::all(cursor.windows(false))) == "[24,24] [50,74] [75,100]");
  cursor.close(window(0, 24), at(24));
  CHECK(cursor.state_json() == R"({"ts":49})");
}

TEST_CASE("progress that is late, repeated or outside of its window changes nothing", "[cursor]") {
  auto cursor = open(example_cursor());
  cursor.advance(window(0, 24), at(20));
  for (const auto t : {10, 20, 0, -5})
    cursor.advance(window(0, 24), at(t));
  CHECK(cursor.state_json() == R"({"ts":20})");
  CHECK(shown(test::all(cursor.windows(false))).substr(0, 7) == "[20,44]");
  cursor.close(window(0, 24), at(22));
  cursor.advance(window(0, 24), at(21));
  cursor.advance(window(0, 24), at(24));
  CHECK(shown(test::all(cursor.windows(false))) == "[25,49] [50,74] [75,100]");
  cursor.advance({at(25), at(49), true}, at(30));
  CHECK(shown(test::all(cursor.windows(false))) == "[25,49] [50,74] [75,100]");
  cursor.advance(window(25, 49), at(4000)); // a server's fast clock
  CHECK(cursor.state_json() == R"({"ts":49})");
}

TEST_CASE("a gap that the format cannot tell from none is not lost", "[cursor]") {
  auto c = example_cursor();
  c.granularity = 1ms;
  auto cursor = open(c);
  const auto windows = test::all(cursor.windows(false));
  cursor.close(windows[1], {});
  cursor.advance(windows[0], at(24) + 500ms); // the rest of the window lies within one second of the next one
  const auto again = test::all(open(c, cursor.concurrent_state_json()).windows(false));
  REQUIRE(!again.empty());
  CHECK(again[0].lower <= at(24) + 500ms);
  CHECK(again[0].upper >= windows[0].upper);
}

TEST_CASE("cut anywhere and resumed, an ascending list is read to the last row", "[cursor][property]") {
  CHECK(rc::check("every row is read, ties included", [] {
    auto c = example_cursor();
    c.state = *rc::gen::arbitrary<bool>() ? state_format::epoch_seconds : state_format::text;
    if (*rc::gen::arbitrary<bool>())
      c.granularity.reset();
    if (*rc::gen::inRange(0, 3) == 0)
      c.step.reset();
    else
      c.step = language::duration{0, seconds{*rc::gen::inRange(1, 40)}};
    // Rows, several at the same moment; fractions are finer than the state can say.
    std::vector<instant> rows;
    const auto count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i)
      rows.push_back(at(*rc::gen::inRange(0, 101)));
    std::sort(rows.begin(), rows.end());

    std::set<std::size_t> read;
    std::string state;
    auto last_promise = at(0);
    for (int run = 0; run < 12; ++run) {
      const auto is_last = run == 11;
      auto opened = cursor_state::open(c, state);
      RC_ASSERT(opened.has_value());
      auto cursor = *opened;
      auto windows = test::all(cursor.windows(false));
      while (!windows.empty()) {
        const auto at_random = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, windows.size()));
        const auto w = windows[static_cast<std::size_t>(at_random)];
        windows.erase(windows.begin() + at_random);
        std::vector<std::size_t> inside;
        for (std::size_t i = 0; i < rows.size(); ++i)
          if (w.lower <= rows[i] && rows[i] <= w.upper)
            inside.push_back(i);
        const auto until = is_last ? inside.size() : *rc::gen::inRange<std::size_t>(0, inside.size() + 1);
        const auto page = *rc::gen::inRange<std::size_t>(1, 5);
        for (std::size_t i = 0; i < until; i += page) {
          const auto end = std::min(i + page, until);
          for (auto k = i; k < end; ++k)
            read.insert(inside[k]);
          cursor.advance(w, rows[inside[end - 1]]);
        }
        if (is_last || (until == inside.size() && *rc::gen::arbitrary<bool>()))
          cursor.close(w, inside.empty() ? std::nullopt : std::optional{rows[inside.back()]});
        const auto promise = cursor.intervals().front().newest.value();
        RC_ASSERT(promise >= last_promise);
        last_promise = promise;
        for (std::size_t i = 0; i < rows.size(); ++i)
          RC_ASSERT((rows[i] >= promise || read.count(i) == 1U));
      }
      if (*rc::gen::arbitrary<bool>()) {
        state = cursor.state_json();
      } else {
        state = cursor.concurrent_state_json();
        last_promise = at(0); // an interval that shrinks to no length says nothing to the next run
      }
    }
    RC_ASSERT(read.size() == rows.size());
  }));
}
