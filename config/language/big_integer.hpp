#pragma once

#include "config/language/value.hpp"

#include <optional>
#include <string_view>

/// Arithmetic on integers of any size, as Python does it; on decimal texts, because that is how values hold them.
namespace sluice::language::detail {

/// Digits beyond which nothing is computed: a template could make numbers that take hours.
inline constexpr std::size_t most_digits = 4300;

// The arguments are integers of any size (bools are not); nothing if the result, or what leads to it, has more than
// `most_digits`. Divisors must not be 0.

std::optional<value> add_integers(const value& a, const value& b);
std::optional<value> subtract_integers(const value& a, const value& b);
std::optional<value> multiply_integers(const value& a, const value& b);
/// Rounded towards minus infinity.
std::optional<value> divide_integers(const value& a, const value& b);
/// What that leaves, with the sign of `b`.
std::optional<value> remainder_of_integers(const value& a, const value& b);
/// `exponent` is not negative.
std::optional<value> power_of_integer(const value& a, std::uint64_t exponent);

} // namespace sluice::language::detail
