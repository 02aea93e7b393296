#pragma once

#include "app/text/lines.hpp"
#include "messages/report.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What `sluice top` shows of a run: how it stands, its quotas, its streams, its actors by kind, idle ones last. Rates
/// and shares of time are those between the two snapshots; without the first, since the run began. No line is wider
/// than the screen; where that is wide enough, streams and actors stand side by side.
std::vector<styled_line> top_lines(const std::optional<run_snapshot>& before, const run_snapshot& now, const screen& s);

/// What fits into a window of these lines.
struct top_page {
  /// At most as many as the screen has rows; the last one names the keys.
  std::vector<styled_line> lines;
  /// The first line of streams and actors that is shown: what was asked for, or the last that makes sense.
  std::size_t first = 0;
  /// Lines of them that are shown at a time.
  std::size_t room = 0;
};
/// @param first so many lines of streams and actors are scrolled away.
top_page top_page_of(const std::optional<run_snapshot>& before, const run_snapshot& now, const screen& s,
                     std::size_t first);

/// Where the time of an actor kind went, as shares that add up to 1 (or are all 0).
struct time_shares {
  double busy = 0;
  /// Waiting for a server.
  double answer = 0;
  /// Held up by who reads stdout or stderr.
  double blocked = 0;
  /// Idle because a rate limit let nothing go.
  double quota = 0;
  double idle = 0;
};
time_shares shares_of(const std::optional<run_snapshot>& before, const run_snapshot& now, const std::string& kind);

} // namespace sluice
