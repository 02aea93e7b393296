#pragma once

#include "config/manifest/compile.hpp"

#include <string_view>
#include <vector>

namespace sluice {

/// The reference's state of a full refresh that was read to its end.
inline constexpr std::string_view full_refresh_marker = R"({"__ab_no_cursor_state_message":true})";

/// The state is that marker (or has it among other markers).
bool is_end_marker(std::string_view state_json);

/// The state is of a substream that was stopped on its way: its sync goes on with the next run. Streams of the same
/// sync that have the end marker are complete already. (A sync that ended incomplete is over.)
bool is_under_way(std::string_view state_json);

/// `errc::bad_state` if the state of a stream that has neither a cursor nor partitions says more than that: than
/// Airbyte's markers, and the next page that older versions of the reference noted.
expected<void> check_plain_state(std::string_view state_json);

/// If one of the streams is under way, this run continues its sync, and the streams with the end marker have nothing
/// left to be read in it. Without this, two streams that never fit into one run's quota would start anew in turns for
/// ever.
void skip_complete_streams(std::vector<selected_stream>& streams);

} // namespace sluice
