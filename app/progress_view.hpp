#pragma once

#include "app/text/lines.hpp"
#include "messages/report.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace sluice {

/// How fast a run is at the moment, not on average.
struct current_rates {
  double requests_per_s = 0;
  /// By stream.
  std::vector<double> records_per_s;
};

/// Rates over the last few seconds, from the snapshots of that time.
class rate_meter {
public:
  current_rates add(const run_snapshot& x);

private:
  struct sample {
    std::int64_t at_us = 0;
    std::uint64_t requests = 0;
    std::vector<std::uint64_t> records;
  };
  std::deque<sample> samples_;
};

/// The block that a terminal shows: fewer lines than it has rows, each narrower than it. What is unknown is left out;
/// what does not fit, too, the least important first.
std::vector<styled_line> progress_block(const run_snapshot& x, const current_rates& rates, const screen& s);

/// Longest line for a log that does not go into detail, bytes; a timestamp goes before it.
inline constexpr std::size_t most_progress_bytes = 275;

/// One line of `key=value` pairs for a log, without blanks in the values; the keys are documented in the user guide.
/// @param detail each stream and quota is told, however long the line gets; else only what fits, the most important
/// first.
std::string progress_pairs(const run_snapshot& x, const current_rates& rates, bool detail);

/// The policy that lets no request go for at least a second although there are some, and nothing is on its way; null:
/// none.
const quota_gauge* holding_quota(const run_snapshot& x);

} // namespace sluice
