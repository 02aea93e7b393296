#pragma once

#include "config/language/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// The shortest text that reads back as `x`, as Python's `repr` writes it: `2.0`, `0.1`, `1e+16`, `1e-05`, `inf`,
/// `nan`.
std::string python_float(double x);

/// The shortest JSON number that reads back as `x`, with a point or an exponent: `2.0`, `1e16`. `x` must be finite.
std::string json_float(double x);

/// The float that `text`, an unsigned decimal number as C++ and Python write it, means; infinite if it is too large.
std::optional<double> read_float(std::string_view text);

/// True if `x` still tells all significant digits of `text`, the decimal number that it was read from: it is finite,
/// not rounded, not rounded to zero.
bool holds_digits(double x, std::string_view text);

/// What Python's `float(text)` accepts: blanks around it, a sign, `1_000.5`, `1e5`, `inf`, `nan`.
std::optional<double> python_parse_float(std::string_view text);

/// What Python's `int(text, base)` accepts: integers of up to 4300 digits.
std::optional<value> python_parse_int(std::string_view text, int base);

/// Takes the underscores out of a number in which each stands between two (hexadecimal) digits; nothing if one does
/// not.
std::optional<std::string> without_underscores(std::string_view text);

} // namespace sluice::language::detail
