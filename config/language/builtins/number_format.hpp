#pragma once

#include "config/language/context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// How a number is written, as `%` and `str.format` say it.
struct number_style {
  /// `d`, `o`, `x`, `X`, `b`, `e`, `E`, `f`, `F`, `g`, `G`, `%`
  char code = 'd';
  /// `+` or a blank in front of what is not negative; 0 for nothing.
  char plus = 0;
  /// `#`: `0x` in front of another base.
  bool alternate = false;
  /// `,` or `_` between groups of three digits; 0 for nothing.
  char group = 0;
  std::optional<int> precision{};
};

/// The sign, the prefix and the digits of a number, so that zeros can stand in between.
struct number_parts {
  std::string sign;
  std::string digits;
  std::string text() const { return sign + digits; }
};

/// Precisions and widths beyond this are refused.
inline constexpr int widest_format = 1000;

/// A number's text.
result<number_parts> write_number(const object& x, const number_style& style);

/// Python's `format(x, spec)`.
result<std::string> format_value(context& c, const object& x, std::string_view spec);

/// Reads the digits at `at`; 0 if there are none, nothing if there are more than `widest_format` allows.
std::optional<int> read_format_number(std::string_view format, std::size_t& at);

} // namespace sluice::language::detail
