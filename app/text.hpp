#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// `12,345`
std::string count_text(std::uint64_t n);
/// `40 ms`, `4.2 s`, `12 s`, `3 min 05 s`, `2 h 10 min`
std::string duration_text(std::int64_t us);
/// `0.7`, `12`, `1,234`
std::string rate_text(double per_second);

} // namespace sluice
