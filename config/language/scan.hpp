#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace sluice::language::detail {

/// The number that exactly `length` (at most 9) ASCII digits at `text[at]` make; nothing if they are not all digits.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t length) noexcept;

/// An offset from UTC at the start of a text, and how many characters it takes.
struct scanned_offset {
  std::chrono::seconds offset{0};
  std::size_t length = 0;
};

/// Scans `Z`, `±hh:mm`, `±hhmm`, each with optional seconds as Python's `%z` allows; `±hh` only with `hours_alone`.
std::optional<scanned_offset> scan_offset(std::string_view text, bool hours_alone) noexcept;

} // namespace sluice::language::detail
