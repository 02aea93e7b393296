// The cursor per partition against an obvious model: rows that exist, rows that were read.

#include "actors/core/slices/partition.hpp"
#include "actors/core/state/partition_cursors.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace std::chrono_literals;
using std::chrono::seconds;

namespace {

instant at(std::int64_t s) {
  return instant{seconds{s}};
}

struct row {
  instant when;
  int id = 0;
  auto operator<=>(const row&) const = default;
};

/// The account: the rows of each partition, and those that a sync has seen.
struct account {
  std::map<std::string, std::set<row>> rows;
  std::set<int> read;
  int made = 0;

  void grow(std::int64_t from, std::int64_t to) {
    const auto count = *rc::gen::inRange(0, 15);
    for (int i = 0; i < count; ++i) {
      const auto key = partition_key(make_partition("id", std::to_string(*rc::gen::inRange(0, 6)), {}));
      rows[key].insert({at(*rc::gen::inRange(from, to + 1)), made++});
    }
  }
};

datetime_cursor random_cursor() {
  datetime_cursor c;
  c.cursor_field = "ts";
  c.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  c.state = *rc::gen::arbitrary<bool>() ? state_format::epoch_seconds : state_format::text;
  c.start = at(0);
  if (*rc::gen::arbitrary<bool>())
    c.granularity = 1s;
  if (*rc::gen::arbitrary<bool>())
    c.step = language::duration{0, seconds{*rc::gen::inRange(5, 60)}};
  c.lookback = {0, seconds{*rc::gen::weightedOneOf<int>({{3, rc::gen::just(0)}, {1, rc::gen::inRange(1, 30)}})}};
  return c;
}

/// One sync: windows of all partitions in any order, read page by page, cut anywhere. Returns the state it leaves.
std::string sync(account& of, const datetime_cursor& c, const std::string& state, partition_limits limits,
                 bool flawless) {
  auto opened = partition_cursors::open(c, "id", state, limits);
  RC_ASSERT(opened.has_value());
  auto cursors = *opened;
  const auto planner = cursors;
  struct work {
    std::string key;
    cursor_window window;
  };
  std::vector<work> open;
  for (const auto& [key, rows] : of.rows)
    for (const auto& w : test::all(planner.windows(key)))
      open.push_back({key, w});
  auto complete = true;
  while (!open.empty()) {
    const auto position = static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, open.size()));
    const auto [key, w] = open[static_cast<std::size_t>(position)];
    open.erase(open.begin() + position);
    std::vector<row> inside;
    for (const auto& r : of.rows[key])
      if (w.lower <= r.when && r.when <= w.upper)
        inside.push_back(r);
    const auto until = flawless ? inside.size() : *rc::gen::inRange<std::size_t>(0, inside.size() + 1);
    for (std::size_t i = 0; i < until; ++i) {
      of.read.insert(inside[i].id);
      if (*rc::gen::arbitrary<bool>())
        cursors.advance(key, w, inside[i].when);
    }
    if (flawless || (until == inside.size() && *rc::gen::inRange(0, 4) > 0))
      cursors.close(key, w, inside.empty() ? std::nullopt : std::optional{inside.back().when});
    else
      complete = false;
    if (!flawless && *rc::gen::inRange(0, 25) == 0)
      return cursors.state_json(); // killed
  }
  return cursors.final_state_json(complete, seconds{*rc::gen::inRange(0, 20)});
}

} // namespace

TEST_CASE("whatever fails or is killed, later syncs read every row of every partition",
          "[partition_cursors][property]") {
  CHECK(rc::check("no row is lost", [] {
    auto c = random_cursor();
    account of;
    std::string state;
    std::int64_t now = 0;
    const partition_limits limits{*rc::gen::elementOf(std::vector<std::size_t>{0, 2, 4, 10000})};
    const auto runs = *rc::gen::inRange(1, 8);
    for (int run = 0; run <= runs; ++run) {
      const auto next = now + *rc::gen::inRange(1, 100);
      of.grow(now, next);
      now = next;
      c.end = at(now);
      state = sync(of, c, state, limits, run == runs);
    }
    for (const auto& [key, rows] : of.rows)
      for (const auto& r : rows)
        RC_ASSERT(of.read.count(r.id) == 1U);
  }));
}

TEST_CASE("a sync after a complete one reads little again", "[partition_cursors][property]") {
  CHECK(rc::check("what is known is not read again", [] {
    auto c = random_cursor();
    c.lookback = {};
    c.end = at(100);
    account of;
    of.grow(0, 100);
    const auto state = sync(of, c, "", {}, true);
    c.end = at(200);
    const auto next = partition_cursors::open(c, "id", state);
    RC_ASSERT(next.has_value());
    for (const auto& [key, rows] : of.rows)
      RC_ASSERT(test::all(next->windows(key)).front().lower == rows.rbegin()->when);
  }));
}

TEST_CASE("no text whatever makes a state of partitions crash", "[partition_cursors][property]") {
  CHECK(rc::check("arbitrary states are opened or refused", [] {
    auto c = random_cursor();
    c.end = at(100);
    const auto junk
      = *rc::gen::container<std::string>(rc::gen::elementOf(std::string{"{}[]\":,tsacu_019e-.+ \\u\nnull"}));
    const auto state = *rc::gen::elementOf(std::vector<std::string>{
      junk, "{\"ts\":" + junk + "}", "{\"ts\":\"" + junk + "\"}", R"({"states":[)" + junk + "]}",
      R"({"states":[{"partition":{"id":")" + junk + R"("},"cursor":{"ts":1}}]})",
      R"({"states":[{"partition":{"id":1},"cursor":{"ts":)" + junk + "}}]}", R"({"lookback_window":)" + junk + "}",
      R"({"state":{"ts":1},"parent_state":)" + junk + "}"});
    const auto opened = partition_cursors::open(c, "id", state);
    if (!opened) {
      RC_ASSERT(opened.error().code == errc::bad_state);
      return;
    }
    const auto again = partition_cursors::open(c, "id", opened->state_json());
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->state_json() == opened->state_json());
  }));
}
