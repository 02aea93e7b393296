// State files, and cursors that start from them.
#include "actors/core/state/cursor.hpp"
#include "actors/core/state/slice_ledger.hpp"
#include "config/state_file.hpp"
#include "messages/text/json_check.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/fuzz/built_in_plan.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <memory>
#include <string>

using namespace sluice;
using namespace sluice::fuzz;

namespace {

std::vector<datetime_cursor> cursors(const plan& p) {
  auto built_in = *p.endpoints.front().cursor;
  auto text = built_in;
  text.state = state_format::text;
  text.step = language::duration{1, {}};
  auto fine = built_in;
  fine.granularity.reset();
  fine.lookback = language::duration{0, std::chrono::days{3}};
  fine.step.reset();
  return {built_in, text, fine};
}

void check_windows(const std::vector<cursor_window>& windows, const datetime_cursor& cursor) {
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto& w = windows[i];
    require(w.lower <= w.upper, "a window has its ends in order");
    require(w.lower >= cursor.start && w.upper <= cursor.end, "a window lies in what is to be read");
    if (i > 0)
      require(cursor.granularity ? windows[i - 1].upper < w.lower : windows[i - 1].upper <= w.lower,
              "windows come in order and do not overlap");
  }
}

/// A run from this state to its end, its windows closed newest first, and the run after it.
void run(const datetime_cursor& cursor, std::string_view state) {
  auto opened = cursor_state::open(cursor, state);
  if (!opened) {
    require(opened.error().code == errc::bad_state || opened.error().code == errc::bad_manifest,
            "a state that is refused is a bad state");
    return;
  }
  check_windows(test::all(opened->windows(true)), cursor);
  auto windows = test::all(opened->windows(false));
  check_windows(windows, cursor);
  auto check_state = [&] {
    auto json = opened->state_json();
    require(!check_json(json) && json.find('\n') == std::string::npos, "a state is JSON on one line");
    require(cursor_state::open(cursor, json).has_value(), "a state that was printed can be read: " + json);
    auto concurrent = opened->concurrent_state_json();
    require(!check_json(concurrent), "a concurrent state is JSON");
    require(cursor_state::open(cursor, concurrent).has_value(), "a concurrent state can be read: " + concurrent);
  };
  check_state();
  // A state for each window would take too long where there are thousands.
  auto stride = windows.size() / 8 + 1;
  for (std::size_t i = windows.size(); i-- > 0;) {
    opened->close(windows[i], i % 3 == 0 ? std::nullopt : std::optional{windows[i].upper});
    if (i % stride == 0)
      check_state();
  }
  auto rest = cursor_state::open(cursor, opened->concurrent_state_json());
  for (const auto& w : test::all(rest->windows(false)))
    require(w.upper == cursor.end, "after all windows only the tail is read again");
}

} // namespace

/// The first byte chooses between a file and a stream's state object.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto built_in = built_in_plan();
  static const auto all_cursors = cursors(*built_in);
  auto input = text_of(data, size);
  if (take_choice(input, 2) == 1) {
    if (check_json(input))
      return 0; // the file's reader gives JSON only
    for (const auto& cursor : all_cursors)
      run(cursor, input);
    return 0;
  }
  auto states = parse_state(input);
  if (!states) {
    require(states.error().code == errc::bad_state, "a state file that is refused is a bad state");
    return 0;
  }
  for (const auto& s : *states) {
    require(!check_json(s.json), "a stream's state is JSON");
    for (const auto& cursor : all_cursors)
      run(cursor, s.json);
    plan p = *built_in;
    p.streams.front().initial_state = s.json;
    (void)slice_ledger::open(std::make_shared<const plan>(std::move(p)));
  }
  return 0;
}
