#pragma once

#include "app/text/lines.hpp"
#include "messages/report.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sluice {

/// What `sluice top` shows of a run: how it stands, its quotas, its actors by kind, its streams. Rates and shares of
/// time are those between the two snapshots; without the first, since the run began. No line is wider than the screen;
/// with `fit`, there are no more than it has rows: streams that find no room are counted.
std::vector<styled_line> top_lines(const std::optional<run_snapshot>& before, const run_snapshot& now, const screen& s,
                                   bool fit);

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
