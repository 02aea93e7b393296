#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// `12,345`
std::string count_text(std::uint64_t n);
/// `40 ms`, `4.2 s`, `12 s`, `3 min 05 s`, `2 h 10 min`
std::string duration_text(std::int64_t us);
/// `0.7`, `12`, `1,234`
std::string rate_text(double per_second);
/// `7 us`, `982 us`, `1.8 ms`, `24 ms`, `2.0 s`, ...: for times that may be far below a millisecond.
std::string fine_duration_text(std::int64_t ns);
/// `812 B`, `5.2 KB`, `41 MB`
std::string size_text(std::uint64_t bytes);

/// Rows as a table whose columns are aligned, two blanks apart; the first row is the heading.
/// @param align `l` or `r` for each column, the last letter counts for those that follow.
std::string table_text(const std::vector<std::vector<std::string>>& rows, std::string_view align,
                       std::string_view indent = "  ");

} // namespace sluice
