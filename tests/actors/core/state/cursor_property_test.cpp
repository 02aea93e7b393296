// The cursor against an obvious model: time as a set of whole seconds.

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
using sluice::test::at;
using sluice::test::in_seconds;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

using second_set = std::set<std::int64_t>;

void add(second_set& to, const cursor_window& w) {
  for (auto s = in_seconds(w.lower); s <= in_seconds(w.upper); ++s)
    to.insert(s);
}

datetime_cursor random_cursor() {
  datetime_cursor c;
  c.cursor_field = "ts";
  c.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  c.state = *rc::gen::arbitrary<bool>() ? state_format::epoch_seconds : state_format::text;
  c.start = at(*rc::gen::inRange(-20, 20));
  c.end = c.start + seconds{*rc::gen::inRange(1, 120)};
  if (*rc::gen::inRange(0, 5) > 0)
    c.granularity = seconds{*rc::gen::inRange(1, 4)};
  if (*rc::gen::inRange(0, 5) > 0)
    c.step = language::duration{
      0, std::max<std::chrono::microseconds>(c.granularity.value_or(1s), seconds{*rc::gen::inRange(1, 40)})};
  c.lookback = {0, seconds{*rc::gen::weightedOneOf<int>({{2, rc::gen::just(0)}, {1, rc::gen::inRange(1, 60)}})}};
  return c;
}

std::string random_slices(const datetime_cursor& c) {
  std::string out = R"({"slices":[)";
  const auto count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    const auto start = in_seconds(c.start) + *rc::gen::inRange(-30, 140);
    const auto end = start + *rc::gen::inRange(0, 50);
    out += std::string{i ? "," : ""} + R"({"start":)" + std::to_string(start) + R"(,"end":)" + std::to_string(end);
    if (*rc::gen::arbitrary<bool>())
      out += R"(,"most_recent_cursor_value":)" + std::to_string(*rc::gen::inRange(start, end + 1));
    out += "}";
  }
  return out + R"(],"state_type":"date-range"})";
}

std::string random_state(const datetime_cursor& c) {
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return "";
    case 1:
      return R"({"ts":)" + std::to_string(in_seconds(c.start) + *rc::gen::inRange(-10, 150)) + "}";
    default:
      return random_slices(c);
  }
}

cursor_state open(const datetime_cursor& c, const std::string& state) {
  auto opened = cursor_state::open(c, state);
  RC_ASSERT(opened.has_value());
  return *opened;
}

/// The seconds that a printed state says to be read: it is a promise about everything before it, from the start on.
std::int64_t promised_until(const datetime_cursor& c, const cursor_state& state) {
  return in_seconds(open(c, state.state_json()).intervals().front().newest.value());
}

} // namespace

TEST_CASE("windows for the stream and for its children cover all the time exactly once", "[cursor][property]") {
  CHECK(rc::check("exact cover", [] {
    const auto c = random_cursor();
    const auto cursor = open(c, random_state(c));
    const auto all = test::all(cursor.windows(true));
    RC_ASSERT(!all.empty());
    RC_ASSERT(all.front().lower == c.start);
    RC_ASSERT(all.back().upper == c.end);
    const auto granule = c.granularity.value_or(0s);
    std::vector<cursor_window> stream;
    for (std::size_t i = 0; i < all.size(); ++i) {
      RC_ASSERT(all[i].lower <= all[i].upper);
      if (i > 0 && granule > 0s) {
        RC_ASSERT(all[i].lower > all[i - 1].upper);
        RC_ASSERT(all[i].lower <= all[i - 1].upper + granule);
      } else if (i > 0) {
        RC_ASSERT(all[i].lower == all[i - 1].upper);
      }
      if (c.step)
        RC_ASSERT(all[i].upper <= language::add(all[i].lower, *c.step));
      if (!all[i].children_only)
        stream.push_back(all[i]);
    }
    RC_ASSERT(stream == test::all(cursor.windows(false)));
  }));
}

TEST_CASE("whatever the order in which windows end, a state promises only what has been read", "[cursor][property]") {
  CHECK(rc::check("no false promise, and every state is a place to resume from", [] {
    auto c = random_cursor();
    c.granularity = 1s; // whole seconds, so that the model can count them
    const auto mark = *rc::gen::inRange(0, 130);
    const auto incoming
      = *rc::gen::arbitrary<bool>() ? std::string{} : R"({"ts":)" + std::to_string(in_seconds(c.start) + mark) + "}";
    auto cursor = open(c, incoming);
    auto windows = test::all(cursor.windows(*rc::gen::arbitrary<bool>()));

    // What the incoming state promises has been read before this run; of that, the lookback is to be read again.
    second_set read;
    const auto first_mark = promised_until(c, cursor);
    const auto known_until = first_mark - c.lookback.exact / 1s;
    for (auto s = in_seconds(c.start); s < known_until; ++s)
      read.insert(s);

    auto last_promise = first_mark;
    while (!windows.empty()) {
      const auto i = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, windows.size()));
      const auto w = windows[static_cast<std::size_t>(i)];
      windows.erase(windows.begin() + i);
      if (*rc::gen::inRange(0, 8) == 0)
        continue; // it failed
      std::optional<instant> newest;
      if (*rc::gen::arbitrary<bool>()) // sometimes outside of the window: servers do that
        newest = at(*rc::gen::inRange(in_seconds(w.lower) - 3, in_seconds(w.upper) + 10));
      if (!w.children_only)
        add(read, w);
      cursor.close(w, newest);

      const auto promise = promised_until(c, cursor);
      RC_ASSERT(promise >= last_promise);
      if (promise > first_mark)
        for (auto s = in_seconds(c.start); s < promise; ++s)
          RC_ASSERT(read.count(s) == 1U);
      last_promise = promise;
    }

    // Killed here, the next run reads the rest, from either format of the state.
    c.end += seconds{*rc::gen::inRange(0, 40)};
    for (const auto& state : {cursor.state_json(), cursor.concurrent_state_json()}) {
      auto covered = read;
      for (auto s = in_seconds(c.start); s < std::max(last_promise, known_until); ++s)
        covered.insert(s);
      auto next = open(c, state);
      for (const auto& w : test::all(next.windows(false))) {
        add(covered, w);
        next.close(w, {});
      }
      for (auto s = in_seconds(c.start); s < in_seconds(c.end); ++s)
        RC_ASSERT(covered.count(s) == 1U);
      if (in_seconds(c.end) > last_promise)
        RC_ASSERT(covered.count(in_seconds(c.end)) == 1U);
      RC_ASSERT(test::all(next.windows(false)).empty());
      RC_ASSERT(next.intervals().front().start <= c.start);
      RC_ASSERT(next.intervals().front().end >= c.end || last_promise > in_seconds(c.end));
    }
  }));
}

TEST_CASE("without granularity, too, a state promises only what has been read", "[cursor][property]") {
  CHECK(rc::check("shared boundaries", [] {
    auto c = random_cursor();
    c.granularity.reset();
    c.lookback = {};
    auto cursor = open(c, "");
    auto windows = test::all(cursor.windows(false));
    std::vector<cursor_window> closed;
    const auto closes = *rc::gen::inRange<std::size_t>(0, windows.size() + 1);
    for (std::size_t n = 0; n < closes; ++n) {
      const auto i = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, windows.size()));
      closed.push_back(windows[static_cast<std::size_t>(i)]);
      windows.erase(windows.begin() + i);
      cursor.close(closed.back(), closed.back().upper);
    }
    // The promise is the end of the unbroken run of closed windows from the start on.
    std::sort(closed.begin(), closed.end(), [](const auto& a, const auto& b) { return a.lower < b.lower; });
    auto until = c.start;
    for (const auto& w : closed)
      if (w.lower == until)
        until = w.upper;
    RC_ASSERT(promised_until(c, cursor) == in_seconds(until));
  }));
}

TEST_CASE("no text whatever makes a state crash", "[cursor][property]") {
  CHECK(rc::check("arbitrary states are opened or refused", [] {
    const auto c = random_cursor();
    const auto junk
      = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"{}[]\":,tsalicendr_019e-.+ \\u\n"}));
    const auto state
      = *rc::gen::elementOf(std::vector<std::string>{junk, "{\"ts\":" + junk + "}", "{\"ts\":\"" + junk + "\"}",
                                                     R"({"state_type":"date-range","slices":[)" + junk + "]}"});
    const auto opened = cursor_state::open(c, state);
    if (!opened)
      RC_ASSERT(opened.error().code == errc::bad_state);
    else
      RC_ASSERT(cursor_state::open(c, opened->state_json()).has_value());
  }));
}
