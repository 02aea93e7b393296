#pragma once

#include "actors/support/flight_record.hpp"
#include "messages/error.hpp"
#include "messages/report.hpp"
#include "messages/run.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// The answer to GET /status: a run's snapshot and its actors one by one, as one JSON object in one line.
/// docs/control.md documents the keys.
std::string status_json(const run_snapshot& x, const std::vector<flight_view>& actors, flight_time now);

/// Reads what `status_json` wrote, as far as `sluice top` shows it. Members that are missing count as 0. Errors are
/// `errc::bad_response`.
expected<run_snapshot> parse_status(std::string_view json);

/// Reads the body of PUT /settings: `{"fetchers.pool_size": 20, "limits": {"minute": 60}}`, each of which may be
/// missing. Errors are `errc::bad_config` and name the member.
expected<retune> parse_settings(std::string_view json);
/// Writes such a body.
std::string settings_json(const retune& wanted);

/// The body of the answer: `{"changes": [...]}` or `{"problem": "..."}`.
std::string changes_json(const retuned& done);
std::string problem_json(std::string_view problem);
/// Reads it.
expected<retuned> parse_changes(std::string_view json);

/// Longest body that is read.
inline constexpr std::size_t max_settings_bytes = 64 << 10;

} // namespace sluice
