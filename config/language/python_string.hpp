#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// Resolves the escape sequences of a Python string literal's body (`\n`, `\x41`, `\u00e9`, `\101`); unknown ones stay
/// as they are. Nothing if one is cut short, or is a `\N{name}`.
std::optional<std::string> unescape(std::string_view body);

} // namespace sluice::language::detail
