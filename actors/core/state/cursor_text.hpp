#pragma once

#include "actors/core/state/cursor.hpp"
#include "config/language/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the readers and writers of states share.
namespace sluice::state_text {

/// Why no windows can be made of the cursor; nothing if they can.
std::optional<error> unusable(const datetime_cursor& cursor);

using sluice::read_moment;

/// The moment as JSON text of the state's format, rounded down to what it can say.
std::string write_moment(const datetime_cursor& cursor, instant t);

/// What a state in the form of the reference's concurrent cursors has read:
/// `{"slices":[{"start":..,"end":..,"most_recent_cursor_value":..}],"state_type":"date-range"}`.
expected<std::vector<interval>> read_slices(const datetime_cursor& cursor, const language::value& state);

/// `errc::bad_state`: `what` is one or more sentences; what to do is added.
tl::unexpected<error> bad_state(std::string what);

/// The same for a value that is no moment; `where` completes "The state's ...".
tl::unexpected<error> bad_moment(const datetime_cursor& cursor, const std::string& where, const language::value& x);

/// A value for a message: short, however long it is.
std::string shown(const language::value& x);
std::string shown_json(std::string_view json);

/// Airbyte's own keys, `__ab_...`, which say nothing about what was read.
bool is_marker(std::string_view key);

/// True if the text is empty or nothing but space: no state.
bool is_blank(std::string_view text);

} // namespace sluice::state_text
