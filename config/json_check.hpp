#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Deepest nesting of arrays and objects in an input file.
inline constexpr unsigned max_file_json_depth = 256;

/// Checks that `text` is one JSON document of bounded depth, without numbers beyond a double's range. If not: what is
/// wrong and where, `a value is missing (line 3, column 7)`. Never shows any of the text itself: it may hold secrets.
std::optional<std::string> find_json_fault(std::string_view text);

} // namespace sluice
