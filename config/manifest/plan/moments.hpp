#pragma once

#include "config/language/value.hpp"
#include "config/manifest/plan/cursors.hpp"

#include <optional>
#include <string_view>

/// The moments that a cursor's values name: in states, and in records.
namespace sluice {

/// A moment in a state. Text states are read in the cursor's own format first, whatever it makes of digits; numbers are
/// epoch seconds. None: it names no moment between the years 1 and 9999.
std::optional<language::instant> read_moment(const datetime_cursor& cursor, const language::value& x);

/// Reads a record's cursor value: the record formats in turn, `datetime_format`, then ISO 8601; a number that none of
/// them accepts is epoch seconds. `json` is the value's JSON text, e.g. `"2021-06-10T11:07:00"` with quotes, or
/// `1623348420`.
std::optional<language::instant> parse_record_cursor(const datetime_cursor& cursor, std::string_view json);

} // namespace sluice
