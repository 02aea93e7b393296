#include "actors/core/state/cursor.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/actors/core/state/cursor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;
using std::chrono::microseconds;
using std::chrono::seconds;

namespace {

std::string windows_of(const datetime_cursor& c, std::string_view state = "", bool for_children = false) {
  return shown(test::all(open(c, state).windows(for_children)));
}

std::string refused(const datetime_cursor& c, std::string_view state) {
  auto opened = cursor_state::open(c, state);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().failure == failure_type::config_error);
  return std::string{opened.error().code == errc::bad_state ? "state: " : "manifest: "} + opened.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

// -- intervals -----------------------------------------------------------------

TEST_CASE("intervals that are one unit apart are joined, and those two apart are not", "[cursor]") {
  const std::vector<interval> epoch{{at(22), at(30), at(25)}, {at(11), at(20), {}}, {at(0), at(10), {}}};
  CHECK(merge_intervals(epoch, 1s) == std::vector<interval>{{at(0), at(20), {}}, {at(22), at(30), at(25)}});
  CHECK(merge_intervals(epoch, 2s) == std::vector<interval>{{at(0), at(30), at(25)}});
  const std::vector<interval> iso{{at(0), at(10), at(3)}, {at(10) + 1ms, at(20), at(2)}, {at(20) + 2ms, at(30), {}}};
  CHECK(merge_intervals(iso, 1ms) == std::vector<interval>{{at(0), at(20), at(3)}, {at(20) + 2ms, at(30), {}}});
  const auto day = [](int n) { return instant{std::chrono::sys_days{std::chrono::days{n}}}; };
  const std::vector<interval> days{{day(1), day(2), {}}, {day(3), day(4), {}}};
  CHECK(merge_intervals(days, 24h) == std::vector<interval>{{day(1), day(4), {}}});
  CHECK(merge_intervals({}, 1s).empty());
}

TEST_CASE("an interval inside another does not shorten it", "[cursor]") {
  CHECK(merge_intervals({{at(0), at(50), at(7)}, {at(10), at(20), at(15)}}, 1s)
        == std::vector<interval>{{at(0), at(50), at(15)}});
}

TEST_CASE("merging does not depend on the order and is done once for all", "[cursor]") {
  CHECK(rc::check("merge is idempotent, commutative and keeps the covered seconds", [] {
    const auto unit = *rc::gen::inRange(0, 4);
    std::vector<interval> intervals;
    std::set<int> covered;
    const auto count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) {
      const auto start = *rc::gen::inRange(0, 60);
      const auto length = *rc::gen::inRange(0, 8);
      intervals.push_back({at(start), at(start + length), at(*rc::gen::inRange(0, 60))});
      for (int s = start; s <= start + length; ++s)
        covered.insert(s);
    }
    const auto merged = merge_intervals(intervals, seconds{unit});
    auto shuffled = intervals;
    std::reverse(shuffled.begin(), shuffled.end());
    const auto turn = count == 0 ? 0 : *rc::gen::inRange(0, count);
    std::rotate(shuffled.begin(), shuffled.begin() + turn, shuffled.end());
    RC_ASSERT(merge_intervals(shuffled, seconds{unit}) == merged);
    RC_ASSERT(merge_intervals(merged, seconds{unit}) == merged);

    // The model: seconds, with holes of less than `unit` filled.
    std::set<int> model = covered;
    int last = -1;
    for (const int s : covered) {
      if (last >= 0 && s - last <= unit)
        for (int fill = last; fill < s; ++fill)
          model.insert(fill);
      last = s;
    }
    std::set<int> seen;
    for (const auto& i : merged)
      for (auto s = in_seconds(i.start); s <= in_seconds(i.end); ++s)
        seen.insert(static_cast<int>(s));
    RC_ASSERT(seen == model);
  }));
}

// -- the reference's worked examples -------------------------------------------

TEST_CASE("a fresh cursor is cut by its step", "[cursor]") {
  auto c = example_cursor();
  CHECK(windows_of(c) == "[0,24] [25,49] [50,74] [75,100]");
  c.granularity.reset();
  CHECK(windows_of(c) == "[0,25] [25,50] [50,75] [75,100]");
  c.step.reset();
  CHECK(windows_of(c) == "[0,100]");
  c.end = at(0);
  CHECK(windows_of(c).empty());
}

TEST_CASE("a state moves the first window, and the lookback moves it back", "[cursor]") {
  auto c = example_cursor();
  CHECK(windows_of(c, R"({"ts":40})") == "[40,64] [65,89] [90,100]");
  c.lookback = {0, 10s};
  CHECK(windows_of(c, R"({"ts":40})") == "[30,54] [55,79] [80,100]");
  CHECK(windows_of(c, R"({"ts":5})") == "[0,24] [25,49] [50,74] [75,100]"); // never before the start
  CHECK(windows_of(c) == "[0,24] [25,49] [50,74] [75,100]");
}

TEST_CASE("a start date later than the state wins", "[cursor]") {
  auto c = example_cursor();
  c.start = at(60);
  CHECK(windows_of(c, R"({"ts":40})") == "[60,84] [85,100]");
}

TEST_CASE("a state after the end leaves nothing to read and is printed again unchanged", "[cursor]") {
  const auto c = example_cursor();
  for (const std::string state : {R"({"ts":101})", R"({"ts":4000000000})"}) {
    CHECK(windows_of(c, state).empty());
    CHECK(open(c, state).state_json() == state);
  }
}

TEST_CASE("a state at the end leaves the last granule, and nothing where there is no granularity", "[cursor]") {
  auto c = example_cursor();
  const std::string state = R"({"ts":100})";
  CHECK(windows_of(c, state) == "[100,100]");
  CHECK(windows_of(c, R"({"slices":[{"start":0,"end":100}],"state_type":"date-range"})") == "[100,100]");
  auto cursor = open(c, state);
  CHECK(cursor.state_json() == state);
  cursor.close(test::all(cursor.windows(false)).front(), at(100));
  CHECK(cursor.state_json() == state);
  CHECK(test::all(cursor.windows(false)).empty());
  c.granularity.reset();
  c.step.reset();
  CHECK(windows_of(c, state).empty());
  c.start = c.end;
  CHECK(windows_of(c).empty());
  c.granularity = 1s;
  CHECK(windows_of(c) == "[100,100]");
}

TEST_CASE("a start after the end asks for nothing and leaves the state as it came in", "[cursor]") {
  auto c = example_cursor();
  c.start = at(101);
  CHECK(windows_of(c).empty());
  CHECK(windows_of(c, "", true).empty());
  CHECK(open(c, "").state_json() == "{}");
  for (const std::string state :
       {"{}", R"({"ts":40})", R"({"ts":"1970-01-01T00:00:40Z","x":[1.0]})", R"({"__ab_no_cursor_state_message":true})",
        R"({"slices":[{"start":0,"end":24},{"start":50,"end":60}],"state_type":"date-range"})"})
    CHECK(open(c, state).state_json() == state);
  CHECK(open(c, R"({ "ts" : 40 })").state_json() == R"({"ts":40})");
}

TEST_CASE("a state says whether it lies beyond a moment", "[cursor]") {
  const auto c = example_cursor();
  CHECK(open(c, R"({"ts":101})").beyond(at(100)));
  CHECK_FALSE(open(c, R"({"ts":100})").beyond(at(100)));
  CHECK(
    open(c, R"({"slices":[{"start":0,"end":24},{"start":50,"end":101}],"state_type":"date-range"})").beyond(at(100)));
  CHECK(open(c, R"({"slices":[{"start":0,"end":24,"most_recent_cursor_value":101}],"state_type":"date-range"})")
          .beyond(at(100)));
  CHECK_FALSE(open(c, "").beyond(at(0)));
}

TEST_CASE("windows closed out of order never let the state overtake a gap", "[cursor]") {
  auto cursor = open(example_cursor());
  const auto close = [&](std::int64_t lower, std::int64_t upper) { cursor.close(window(lower, upper), at(lower + 5)); };
  CHECK(cursor.state_json() == R"({"ts":0})");
  close(50, 74);
  CHECK(cursor.state_json() == R"({"ts":0})");
  CHECK(cursor.concurrent_state_json()
        == R"({"slices":[{"start":0,"end":0,"most_recent_cursor_value":0},)"
           R"({"start":50,"end":74,"most_recent_cursor_value":55}],"state_type":"date-range"})");
  close(0, 24);
  CHECK(cursor.state_json() == R"({"ts":5})");
  CHECK(cursor.concurrent_state_json()
        == R"({"slices":[{"start":0,"end":24,"most_recent_cursor_value":5},)"
           R"({"start":50,"end":74,"most_recent_cursor_value":55}],"state_type":"date-range"})");
  close(75, 100);
  CHECK(cursor.state_json() == R"({"ts":5})");
  CHECK(cursor.concurrent_state_json()
        == R"({"slices":[{"start":0,"end":24,"most_recent_cursor_value":5},)"
           R"({"start":50,"end":100,"most_recent_cursor_value":80}],"state_type":"date-range"})");
  CHECK(shown(test::all(cursor.windows(false))) == "[25,49]");
  close(25, 49);
  CHECK(cursor.state_json() == R"({"ts":80})");
  CHECK(cursor.concurrent_state_json()
        == R"({"slices":[{"start":0,"end":100,"most_recent_cursor_value":80}],"state_type":"date-range"})");
  CHECK(test::all(cursor.windows(false)).empty());
}

TEST_CASE("after a failed window the next run reads the gap", "[cursor]") {
  const std::string state = R"({"slices":[{"start":0,"end":24,"most_recent_cursor_value":5},)"
                            R"({"start":50,"end":100,"most_recent_cursor_value":80}],"state_type":"date-range"})";
  auto c = example_cursor();
  c.end = at(150);
  CHECK(windows_of(c, state) == "[25,49] [100,124] [125,150]");
  CHECK(windows_of(c, R"({"ts":5})") == "[5,29] [30,54] [55,79] [80,104] [105,129] [130,150]");
  c.lookback = {0, 10s};
  CHECK(windows_of(c, state) == "[25,49] [90,114] [115,139] [140,150]");
}

TEST_CASE("a window without records is closed all the same", "[cursor]") {
  auto cursor = open(example_cursor());
  cursor.close(window(0, 24), std::nullopt);
  CHECK(cursor.state_json() == R"({"ts":0})");
  CHECK(cursor.concurrent_state_json()
        == R"({"slices":[{"start":0,"end":24,"most_recent_cursor_value":0}],"state_type":"date-range"})");
  cursor.close(window(25, 49), at(30));
  CHECK(cursor.state_json() == R"({"ts":30})");
}

TEST_CASE("a concurrent state is understood and printed as a sequential one", "[cursor]") {
  const std::string state = R"({"slices":[{"start":0,"end":40,"most_recent_cursor_value":33},{"start":60,"end":80}],)"
                            R"("state_type":"date-range"})";
  CHECK(windows_of(example_cursor(), state) == "[41,59] [80,100]");
  CHECK(open(example_cursor(), state).state_json() == R"({"ts":33})");
}

TEST_CASE("foreign keys of a state survive as they were written", "[cursor]") {
  const auto c = example_cursor();
  CHECK(open(c, R"({"ts":10,"other":{"x":1}})").state_json() == R"({"ts":10,"other":{"x":1}})");
  CHECK(open(c, R"({"ts":10,"other":{"x":1}})").concurrent_state_json()
        == R"({"slices":[{"start":0,"end":10,"most_recent_cursor_value":10}],"state_type":"date-range"})");
  CHECK(open(c, R"( { "a" : 1.50 , "big":123456789012345678901234567890, "ts" : 10,
                      "k\"\u00e9" : [ 1e3, null , "x  y" ] } )")
          .state_json()
        == "{\"ts\":10,\"a\":1.50,\"big\":123456789012345678901234567890,\"k\\\"\xC3\xA9\":[1e3,null,\"x  y\"]}");
}

TEST_CASE("a float state is read with its fraction and printed as whole seconds", "[cursor]") {
  auto c = example_cursor();
  c.end = at(1623348520);
  c.step.reset();
  const auto cursor = open(c, R"({"ts":1623348420.75})");
  CHECK(cursor.state_json() == R"({"ts":1623348420})");
  CHECK(test::all(cursor.windows(false)).front().lower == at(1623348420) + 750ms);
}

TEST_CASE("one window over everything gives its newest record as the state", "[cursor]") {
  auto c = example_cursor();
  c.step.reset();
  auto cursor = open(c);
  REQUIRE(windows_of(c) == "[0,100]");
  cursor.close(window(0, 100), at(30));
  CHECK(cursor.state_json() == R"({"ts":30})");
}

TEST_CASE("a text state is written in the cursor's own format", "[cursor]") {
  auto c = example_cursor();
  c.state = state_format::text;
  c.datetime_format = "%Y-%m-%dT%H:%M:%S.%_msZ";
  c.start = instant{std::chrono::sys_days{std::chrono::year{2023} / 1 / 1}};
  c.end = instant{std::chrono::sys_days{std::chrono::year{2024} / 1 / 31}} + 23h + 59min + 59s;
  c.step.reset();
  auto cursor = open(c, R"({"ts":"2024-01-01T00:00:00Z"})");
  const auto windows = test::all(cursor.windows(false));
  REQUIRE(windows.size() == 1);
  CHECK(format_cursor(c, windows[0].lower) == "2024-01-01T00:00:00.000Z");
  CHECK(format_cursor(c, windows[0].upper) == "2024-01-31T23:59:59.000Z");
  cursor.close(windows[0], parse_record_cursor(c, R"("2024-01-20T10:00:00.123456Z")"));
  CHECK(cursor.state_json() == R"({"ts":"2024-01-20T10:00:00.123Z"})");
}

// -- what the reference gets wrong ---------------------------------------------

TEST_CASE("an offset in a state or a record is converted to UTC", "[cursor]") {
  auto c = example_cursor();
  c.state = state_format::text;
  c.end = instant{std::chrono::sys_days{std::chrono::year{2024} / 2 / 1}};
  c.step.reset();
  CHECK(open(c, R"({"ts":"2024-01-20T10:00:00+02:00"})").state_json() == R"({"ts":"2024-01-20T08:00:00Z"})");
  CHECK(format_cursor(c, *parse_record_cursor(c, R"("2024-01-20T10:00:00-0130")")) == "2024-01-20T11:30:00Z");
}

TEST_CASE("a window one granule long does not join the past before its neighbour is read", "[cursor]") {
  auto c = example_cursor();
  c.step = language::duration{0, 1s};
  c.end = at(3);
  auto cursor = open(c);
  REQUIRE(shown(test::all(cursor.windows(false))) == "[0,0] [1,1] [2,3]");
  cursor.close(window(1, 1), at(1));
  CHECK(cursor.state_json() == R"({"ts":0})");
  CHECK(shown(test::all(cursor.windows(false))) == "[0,0] [2,3]");
  cursor.close(window(0, 0), at(0));
  CHECK(cursor.state_json() == R"({"ts":1})");
}

TEST_CASE("a state does not move on while its lookback is unread", "[cursor]") {
  auto c = example_cursor();
  c.lookback = {0, 10s};
  c.step = language::duration{0, 10s};
  auto cursor = open(c, R"({"ts":50})");
  REQUIRE(shown(test::all(cursor.windows(false))) == "[40,49] [50,59] [60,69] [70,79] [80,89] [90,100]");
  cursor.close(window(50, 59), at(55));
  CHECK(cursor.state_json() == R"({"ts":50})");
  cursor.close(window(40, 49), at(44));
  CHECK(cursor.state_json() == R"({"ts":55})");
}

TEST_CASE("a lookback that reaches behind the start reads everything again and keeps the state", "[cursor]") {
  auto c = example_cursor();
  c.lookback = {1, 0s};
  CHECK(windows_of(c, R"({"ts":40})") == "[0,24] [25,49] [50,74] [75,100]");
  CHECK(open(c, R"({"ts":40})").state_json() == R"({"ts":40})");
}

TEST_CASE("a record newer than its window does not move the state beyond the window", "[cursor]") {
  auto cursor = open(example_cursor());
  cursor.close(window(0, 24), at(4000));
  CHECK(cursor.state_json() == R"({"ts":24})");
}

TEST_CASE("an interval that does not reach back to the start is not promised as if it did", "[cursor]") {
  const std::string state
    = R"({"slices":[{"start":60,"end":80,"most_recent_cursor_value":77}],"state_type":"date-range"})";
  auto cursor = open(example_cursor(), state);
  CHECK(shown(test::all(cursor.windows(false))) == "[0,24] [25,49] [50,59] [80,100]");
  CHECK(cursor.state_json() == R"({"ts":0})");
  cursor.close(window(25, 49), at(30));
  cursor.close(window(50, 59), at(52));
  CHECK(cursor.state_json() == R"({"ts":0})");
  cursor.close(window(0, 24), at(3));
  CHECK(cursor.state_json() == R"({"ts":77})");
}

TEST_CASE("an interval without length is not taken for something read", "[cursor]") {
  const std::string state = R"({"slices":[{"start":0,"end":0,"most_recent_cursor_value":0},{"start":50,"end":74}],)"
                            R"("state_type":"date-range"})";
  CHECK(windows_of(example_cursor(), state) == "[0,24] [25,49] [74,98] [99,100]");
}

TEST_CASE("intervals before the start and after the end are left alone", "[cursor]") {
  auto c = example_cursor();
  c.start = at(50);
  const std::string early = R"({"slices":[{"start":0,"end":20},{"start":30,"end":60}],"state_type":"date-range"})";
  CHECK(windows_of(c, early) == "[60,84] [85,100]");
  c.start = at(0);
  const std::string late = R"({"slices":[{"start":0,"end":90},{"start":200,"end":300}],"state_type":"date-range"})";
  CHECK(windows_of(c, late) == "[91,100]");
  c.start = at(25);
  const std::string before
    = R"({"slices":[{"start":0,"end":20,"most_recent_cursor_value":20}],"state_type":"date-range"})";
  auto cursor = open(c, before);
  CHECK(shown(test::all(cursor.windows(false))) == "[25,49] [50,74] [75,100]");
  cursor.close(window(25, 49), at(44));
  CHECK(cursor.state_json() == R"({"ts":44})");
}

TEST_CASE("a step or more without records counts while a sync is under way, but not at its end", "[cursor]") {
  auto cursor = open(example_cursor());
  const auto w = test::all(cursor.windows(false));
  cursor.close(w[0], {});
  CHECK(cursor.progress_json() == R"({"ts":0})"); // less than a step
  cursor.close(w[1], {});
  CHECK(cursor.progress_json() == R"({"ts":49})");
  CHECK(cursor.state_json() == R"({"ts":0})");
  CHECK(windows_of(example_cursor(), cursor.progress_json()) == "[49,73] [74,98] [99,100]");
  cursor.close(w[3], {});
  CHECK(cursor.progress_json() == R"({"ts":49})"); // a gap
  cursor.close(w[2], at(60));
  CHECK(cursor.progress_json() == R"({"ts":60})"); // nothing of the last step
  CHECK(cursor.state_json() == R"({"ts":60})");
  auto other = open(example_cursor());
  for (const auto& window : w)
    other.close(window, {});
  CHECK(other.progress_json() == R"({"ts":75})");
  CHECK(other.state_json() == R"({"ts":0})");
  auto whole = example_cursor();
  whole.step.reset();
  auto single = open(whole);
  single.close(test::all(single.windows(false)).front(), {});
  CHECK(single.progress_json() == R"({"ts":0})");
}

TEST_CASE("a state can be held, but not before what came in", "[cursor]") {
  auto cursor = open(example_cursor(), R"({"ts":40})");
  for (const auto& w : test::all(cursor.windows(false)))
    cursor.close(w, at(90));
  CHECK(cursor.state_json_until(at(60)) == R"({"ts":60})");
  CHECK(cursor.state_json_until(at(100)) == R"({"ts":90})");
  CHECK(cursor.state_json_until(at(20)) == R"({"ts":40})");
  CHECK(open(example_cursor()).state_json_until(instant::min()) == R"({"ts":0})");
}

TEST_CASE("an empty list of slices is no state", "[cursor]") {
  CHECK(windows_of(example_cursor(), R"({"slices":[],"state_type":"date-range"})")
        == "[0,24] [25,49] [50,74] [75,100]");
}

// -- steps and granularity -----------------------------------------------------

TEST_CASE("calendar steps follow the calendar", "[cursor]") {
  auto c = example_cursor();
  c.state = state_format::text;
  c.datetime_format = "%Y-%m-%d";
  c.granularity = 24h;
  c.start = instant{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1}};
  c.end = instant{std::chrono::sys_days{std::chrono::year{2024} / 3 / 10}};
  c.step = language::duration{1, 0s};
  std::string out;
  for (const auto& w : test::all(open(c).windows(false)))
    out += *format_cursor(c, w.lower) + "/" + *format_cursor(c, w.upper) + " ";
  CHECK(out == "2024-01-01/2024-01-31 2024-02-01/2024-02-29 2024-03-01/2024-03-10 ");
}

TEST_CASE("a cursor that cannot be cut into windows is refused", "[cursor]") {
  auto c = example_cursor();
  c.step = language::duration{0, 0s};
  CHECK(contains(refused(c, ""), "manifest: The step of \"ts\" is not positive"));
  c.step = language::duration{0, 500ms};
  CHECK(contains(refused(c, ""), "shorter than its cursor_granularity"));
  c.granularity.reset();
  c.step = language::duration{0, 1us};
  CHECK(contains(refused(c, ""), "100000000 windows"));
  c.step = language::duration{0, 25s};
  c.lookback = {0, -1s};
  CHECK(contains(refused(c, ""), "lookback_window"));
}

// -- children ------------------------------------------------------------------

TEST_CASE("what the stream has read already is read once more for its children only", "[cursor]") {
  auto c = example_cursor();
  CHECK(windows_of(c, "", true) == "[0,24] [25,49] [50,74] [75,100]");
  CHECK(windows_of(c, R"({"ts":40})", true) == "c[0,24] c[25,39] [40,64] [65,89] [90,100]");
  CHECK(windows_of(c, R"({"ts":100})", true) == "c[0,24] c[25,49] c[50,74] c[75,99] [100,100]");
  CHECK(windows_of(c, R"({"ts":500})", true) == "c[0,24] c[25,49] c[50,74] c[75,100]");
  CHECK(windows_of(c, R"({"slices":[{"start":0,"end":24},{"start":50,"end":100}],"state_type":"date-range"})", true)
        == "c[0,24] [25,49] c[50,74] c[75,99] [100,100]");
  c.lookback = {0, 10s};
  CHECK(windows_of(c, R"({"ts":40})", true) == "c[0,24] c[25,29] [30,54] [55,79] [80,100]");
  c.granularity.reset();
  CHECK(windows_of(c, R"({"ts":40})", true) == "c[0,25] c[25,30] [30,55] [55,80] [80,100]");
}

TEST_CASE("windows for children only do not move the state", "[cursor]") {
  const std::string state
    = R"({"slices":[{"start":0,"end":40,"most_recent_cursor_value":20}],"state_type":"date-range"})";
  auto cursor = open(example_cursor(), state);
  const auto before = cursor.intervals();
  for (const auto& w : test::all(cursor.windows(true)))
    if (w.children_only)
      cursor.close(w, at(99));
  CHECK(cursor.intervals() == before);
  CHECK(cursor.state_json() == R"({"ts":20})");
}

// -- understanding states and records ------------------------------------------

TEST_CASE("moments in a state may be written in every common way", "[cursor]") {
  auto c = example_cursor();
  c.end = at(2000000000);
  c.step.reset();
  for (const auto* state :
       {R"({"ts":1623348420})", R"({"ts":1623348420.0})", R"({"ts":1.62334842e9})", R"({"ts":"1623348420"})",
        R"({"ts":"2021-06-10T18:07:00"})", R"({"ts":"2021-06-10T18:07:00Z"})", R"({"ts":"2021-06-10 18:07:00"})",
        R"({"ts":"2021-06-10T20:07:00+02:00"})", R"({"ts":"2021-06-10T18:07:00.900Z"})"}) {
    INFO(state);
    CHECK(open(c, state).state_json() == R"({"ts":1623348420})");
    c.state = state_format::text;
    CHECK(open(c, state).state_json() == R"({"ts":"2021-06-10T18:07:00Z"})");
    c.state = state_format::epoch_seconds;
  }
}

TEST_CASE("a text state's own format comes first, whatever it makes of digits", "[cursor]") {
  auto c = example_cursor();
  c.end = at(2000000000);
  c.step.reset();
  c.state = state_format::text;
  c.datetime_format = "%Y%m%d";
  CHECK(open(c, R"({"ts":20210610})").state_json() == R"({"ts":"20210610"})");
  c.datetime_format = "%ms";
  CHECK(open(c, R"({"ts":"1623348420500"})").state_json() == R"({"ts":"1623348420500"})");
  c.datetime_format = "%s";
  CHECK(open(c, R"({"ts":1623348420})").state_json() == R"({"ts":"1623348420"})");
}

TEST_CASE("no state, an empty one and Airbyte's markers start from scratch", "[cursor]") {
  for (const auto* state : {"", "  ", "{}", R"({"__ab_no_cursor_state_message":true})",
                            R"({"__ab_full_refresh_sync_complete":true})", R"({"ts":null})"}) {
    INFO(state);
    CHECK(open(example_cursor(), state).state_json() == R"({"ts":0})");
    CHECK(windows_of(example_cursor(), state) == "[0,24] [25,49] [50,74] [75,100]");
  }
}

TEST_CASE("a negative state is a moment before 1970", "[cursor]") {
  auto c = example_cursor();
  c.start = at(-1000);
  CHECK(open(c, R"({"ts":-500})").state_json() == R"({"ts":-500})");
  CHECK(open(c, R"({"ts":-500.5})").state_json() == R"({"ts":-501})"); // down, never up
  CHECK(open(example_cursor(), R"({"ts":-500})").state_json() == R"({"ts":0})");
}

TEST_CASE("a state that cannot be understood is refused with its reason", "[cursor]") {
  const struct {
    const char* state;
    const char* reason;
  } cases[] = {
    {R"({"ts":1e300})", "\"ts\" is 1e"},
    {R"({"ts":99999999999999})", "epoch milliseconds are not accepted"},
    {R"({"ts":1623348420000})", "epoch milliseconds are not accepted"},
    {R"({"ts":99999999999999999999999999})", "\"ts\" is "},
    {R"({"ts":-99999999999999})", "between the years 1 and 9999"},
    {R"({"ts":"yesterday"})", "\"ts\" is \"yesterday\""},
    {R"({"ts":""})", "\"ts\" is \"\""},
    {R"({"ts":"nan"})", "\"ts\" is \"nan\""},
    {R"({"ts":true})", "\"ts\" is true"},
    {R"({"ts":[1]})", "\"ts\" is [1]"},
    {R"({"ts":{}})", "\"ts\" is {}"},
    {R"({"other":5})", "no \"ts\"; it is {\"other\":5}"},
    {R"({"states":[],"use_global_cursor":false})", "no \"ts\""},
    {R"({"__ab_no_cursor_state_message":false})", "expected true"},
    {R"({"__ab_full_refresh_sync_complete":"true"})", "expected true"},
    {R"({"ts":5,"__ab_no_cursor_state_message":null})", "expected true"},
    {R"({"slices":[],"state_type":"date-range","__ab_no_cursor_state_message":[]})", "expected true"},
    {R"({"slices":{},"state_type":"date-range"})", "no list \"slices\""},
    {R"({"slices":[{"start":[],"end":5}],"state_type":"date-range"})", "slices[0].start is []"},
    {R"({"slices":[{"start":true,"end":5}],"state_type":"date-range"})", "slices[0].start is true"},
    {R"({"slices":[{"start":0,"end":null}],"state_type":"date-range"})", "no slices[0].end"},
    {R"({"slices":[],"state_type":true})", "expected \"date-range\""},
    {R"({"slices":[],"state_type":null})", "expected \"date-range\""},
    {R"({"ts":5)", "not valid JSON"},
    {R"([])", "expected an object"},
    {R"(17)", "expected an object"},
    {R"({"state_type":"date-range"})", "no list \"slices\""},
    {R"({"slices":[],"state_type":"integers"})", "expected \"date-range\""},
    {R"({"slices":[5],"state_type":"date-range"})", "no slices[0].start"},
    {R"({"slices":[{"start":0}],"state_type":"date-range"})", "no slices[0].end"},
    {R"({"slices":[{"start":0,"end":"x"}],"state_type":"date-range"})", "slices[0].end is \"x\""},
    {R"({"slices":[{"start":9,"end":5}],"state_type":"date-range"})", "slices[0] ends before it starts"},
    {R"({"slices":[{"start":0,"end":5,"most_recent_cursor_value":{}}],"state_type":"date-range"})",
     "slices[0].most_recent_cursor_value is {}"},
  };
  for (const auto& x : cases) {
    const auto message = refused(example_cursor(), x.state);
    INFO(x.state << "\n" << message);
    CHECK(contains(message, "state: "));
    CHECK(contains(message, x.reason));
    CHECK(contains(message, "remove it to read from the start date"));
  }
  CHECK(refused(example_cursor(), "{\"ts\":\"" + std::string(100000, 'x') + "\"}").size() < 400);
}

TEST_CASE("a record's cursor value is read by its formats, then as ISO 8601, then as epoch seconds", "[cursor]") {
  auto c = example_cursor();
  c.record_formats = {"%Y-%m-%dT%H:%M:%S", "%d/%m/%Y"};
  const auto read = [&](std::string_view json) {
    const auto t = parse_record_cursor(c, json);
    return t ? std::to_string(t->time_since_epoch().count()) : "none";
  };
  CHECK(read(R"("2021-06-10T11:07:00")") == "1623323220000000");
  CHECK(read(R"("10/06/2021")") == "1623283200000000");
  CHECK(read(R"("2021-06-10T11:07:00Z")") == "1623323220000000");
  CHECK(read(R"("2021-06-10T11:07:00.5+00:00")") == "1623323220500000");
  CHECK(read(R"("2021\u002d06-10T11:07:00")") == "1623323220000000");
  CHECK(read("1623348420") == "1623348420000000");
  CHECK(read("1623348420.25") == "1623348420250000");
  for (const auto* bad : {"null", "true", "[]", "{}", "", "\"\"", "\"x\"", "\"", "1e300", "99999999999999", "nan"})
    CHECK(read(bad) == "none");
}

// -- clamped windows -----------------------------------------------------------

namespace {

/// Windows of whole days from the tenth on; the run is on the sixteenth.
datetime_cursor daily_cursor() {
  const auto day = [](int n) { return instant{std::chrono::sys_days{std::chrono::year{2024} / 1 / n}}; };
  datetime_cursor c;
  c.cursor_field = "at";
  c.datetime_format = "%dT%H";
  c.record_formats = {"%Y-%m-%dT%H"};
  c.start = day(10) + 5h;
  c.end = day(16) - 1s;
  c.step = language::duration{0, 48h};
  c.granularity = 1s;
  c.clamp = window_clamp{window_clamp::period::day};
  return c;
}

/// `11T00-12T23`: days and hours.
std::string days_of(const std::vector<cursor_window>& windows) {
  std::string out;
  for (const auto& w : windows)
    out += (out.empty() ? "" : " ") + std::string{w.children_only ? "c" : ""}
           + *language::format_datetime(w.lower, "%dT%H") + "-" + *language::format_datetime(w.upper, "%dT%H");
  return out;
}

std::string days_of(const datetime_cursor& c, std::string_view state = "", bool for_children = false) {
  return days_of(test::all(open(c, state).windows(for_children)));
}

} // namespace

TEST_CASE("clamped windows begin and end with their periods, whatever the state says", "[cursor]") {
  auto c = daily_cursor();
  CHECK(days_of(c) == "11T00-12T23 13T00-14T23 15T00-15T23");
  CHECK(days_of(c, R"({"at":"2024-01-13T13"})") == "14T00-15T23");
  CHECK(days_of(c, R"({"at":"2024-01-13T00"})") == "13T00-14T23 15T00-15T23");
  CHECK(days_of(c, R"({"at":"2024-01-15T13"})").empty());
  c.lookback = {0, 24h};
  CHECK(days_of(c, R"({"at":"2024-01-15T13"})") == "15T00-15T23");
  c.step = language::duration{0, 1h};
  CHECK(days_of(c, R"({"at":"2024-01-14T13"})") == "14T00-14T23 15T00-15T23");
  CHECK(days_of(c, R"({"at":"2024-01-14T13"})", true)
        == "c11T00-11T23 c12T00-12T23 c13T00-13T23 14T00-14T23 15T00-15T23");
}

TEST_CASE("the state of clamped windows follows what was read, from the middle of a period on, too", "[cursor]") {
  const auto c = daily_cursor();
  auto fresh = open(c);
  CHECK(fresh.state_json() == R"({"at":"10T05"})");
  const auto windows = test::all(fresh.windows(false));
  fresh.close(windows[1], windows[1].lower + 7h);
  CHECK(fresh.state_json() == R"({"at":"10T05"})");
  fresh.close(windows[0], {});
  CHECK(fresh.state_json() == R"({"at":"13T07"})");
  auto later = open(c, R"({"at":"2024-01-13T13"})");
  CHECK(later.state_json() == R"({"at":"13T13"})");
  const auto rest = test::all(later.windows(false));
  later.close(rest[0], rest[0].lower + 3h);
  CHECK(later.state_json() == R"({"at":"14T03"})");
}

TEST_CASE("a start within a period that has begun on its first day is read from that day on", "[cursor]") {
  auto c = daily_cursor();
  c.clamp = window_clamp{window_clamp::period::week, std::chrono::Wednesday}; // the tenth is one
  c.step = language::duration{0, 7 * 24h};
  CHECK(days_of(c) == "10T00-15T23");
  c.end += 7 * 24h;
  for (auto step : {1h, 7 * 24h}) {
    c.step = language::duration{0, step};
    CHECK(days_of(c) == "10T00-16T23 17T00-22T23");
  }
  c.end -= 7 * 24h;
  auto state = open(c);
  state.close(test::all(state.windows(false))[0], c.start + 24h);
  CHECK(state.state_json() == R"({"at":"11T05"})");
  CHECK(days_of(c, R"({"at":"2024-01-11T05"})").empty()); // the week of it ends beyond the end
}

TEST_CASE("a window that would begin where it ends is left out if the API wants none", "[cursor]") {
  auto c = example_cursor();
  CHECK(windows_of(c, R"({"ts":100})") == "[100,100]");
  c.without_points = true;
  CHECK(windows_of(c, R"({"ts":100})").empty());
  CHECK(windows_of(c, R"({"ts":99})") == "[99,100]");
  CHECK(windows_of(c, R"({"ts":100})", true) == "c[0,24] c[25,49] c[50,74] c[75,100]");
}

// -- cursors that count --------------------------------------------------------

TEST_CASE("a cursor that counts has numbers as states, and one window without an end", "[cursor]") {
  datetime_cursor c;
  c.cursor_field = "id";
  c.counts = true;
  c.start = instant{5us};
  c.end = instant::max();
  auto state = open(c, R"({"id":1234567890123456789,"more":1})");
  CHECK(state.state_json() == R"({"id":1234567890123456789,"more":1})");
  const auto windows = test::all(state.windows(false));
  REQUIRE(windows.size() == 1);
  CHECK(format_cursor(c, windows[0].lower) == "1234567890123456789");
  CHECK(format_cursor(c, windows[0].upper) == "inf");
  state.close(windows[0], instant{1234567890123456799us});
  CHECK(state.state_json() == R"({"id":1234567890123456799,"more":1})");
  CHECK(open(c).state_json() == R"({"id":5})");
  CHECK(open(c, R"({"id":3})").state_json() == R"({"id":5})");
  CHECK(open(c, R"({"id":-3})").state_json() == R"({"id":5})");
  for (const auto* bad : {R"({"id":"7"})", R"({"id":7.5})", R"({"id":12345678901234567890})", R"({"id":[7]})"})
    CHECK(contains(refused(c, bad), R"(The state's "id" is)"));
}

TEST_CASE("a cursor that counts reads whole numbers of records", "[cursor]") {
  datetime_cursor c;
  c.counts = true;
  CHECK(parse_record_cursor(c, "12") == instant{12us});
  CHECK(parse_record_cursor(c, "-1") == instant{-1us});
  for (const auto* no : {"1.5", "\"12\"", "null", "[]", "true", "99999999999999999999", ""})
    CHECK_FALSE(parse_record_cursor(c, no));
}
