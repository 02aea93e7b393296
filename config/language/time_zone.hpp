#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sluice::language::detail {

/// How far the clocks of a time zone are ahead of UTC at a moment, by the zone's name in the system's database
/// (`Europe/Paris`); nothing if it has none of that name.
std::optional<std::chrono::seconds> zone_offset(std::string_view zone, std::chrono::sys_seconds at);

} // namespace sluice::language::detail
