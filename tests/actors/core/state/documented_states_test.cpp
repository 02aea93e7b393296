#include "actors/core/slices/partition.hpp"
#include "actors/core/state/partition_cursors.hpp"
#include "tests/actors/core/state/all_windows.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace sluice;

namespace {

/// The cursor of surveys or, without windows of a length, that of their responses.
datetime_cursor documented_cursor() {
  datetime_cursor c;
  c.cursor_field = "date_modified";
  c.datetime_format = "%Y-%m-%dT%H:%M:%SZ";
  c.granularity = std::chrono::seconds{1};
  c.start = language::parse_iso8601("2020-01-01T00:00:00Z")->instant;
  c.end = language::parse_iso8601("2026-01-01T00:00:00Z")->instant;
  return c;
}

std::string begin_of(const cursor_windows& windows) {
  return language::format_datetime(windows.front().lower, "%Y-%m-%dT%H:%M:%SZ").value();
}

std::string text_between(const std::string& text, std::size_t from, std::string_view first, std::string_view last) {
  const auto begin = text.find(first, from);
  REQUIRE(begin != std::string::npos);
  const auto end = text.find(last, begin + first.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + first.size(), end - begin - first.size());
}

} // namespace

TEST_CASE("the states of docs/state.md mean what it says") {
  std::ifstream file{test::source_directory() + "/docs/state.md"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  constexpr std::string_view mark = "<!-- state of ";
  int seen = 0;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const auto claim = text_between(text, at, mark, " -->");
    const auto state = text_between(text, at, "```json\n", "```");
    INFO(claim << "\n" << state);
    if (claim.starts_with("cursor: begins ")) {
      for (const auto format : {state_format::text, state_format::epoch_seconds}) {
        auto c = documented_cursor();
        c.state = format;
        const auto cursor = cursor_state::open(c, state);
        REQUIRE(cursor);
        CHECK(begin_of(cursor->windows(false)) == claim.substr(15));
      }
    } else {
      REQUIRE(claim.starts_with("partitions: "));
      const auto cursors = partition_cursors::open(documented_cursor(), "survey_id", state);
      REQUIRE(cursors);
      std::istringstream parts{claim.substr(12)};
      for (std::string part; std::getline(parts >> std::ws, part, ';');) {
        const auto id = part.substr(0, part.find(' '));
        const auto partition = make_partition("survey_id", "\"" + id + "\"", {});
        CHECK(id + " begins " + begin_of(cursors->windows(partition)) == part);
      }
    }
    ++seen;
  }
  CHECK(seen == 7);
}
