#pragma once

#include <cstdint>
#include <string>

/// Numbers for people.
namespace sluice {

/// `12,345`
std::string count_text(std::uint64_t n);
/// `0.7`, `12`, `1,234`
std::string rate_text(double per_second);
/// `512 B`, `24 KiB`, `3.4 MiB`, `120 MiB`, `1.5 GiB`
std::string bytes_text(std::uint64_t bytes);
/// `81 %`
std::string percent_text(double share);

} // namespace sluice
