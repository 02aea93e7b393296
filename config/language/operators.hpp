#pragma once

#include "config/language/ast.hpp"
#include "config/language/context.hpp"

namespace sluice::language::detail {

// Python's operators on what templates know. Integers that leave 64 bits are errors, never wrong results.

result<object> negate(const object& x);
result<object> apply(context& c, binary_operator op, const object& a, const object& b);
result<bool> compare(context& c, comparison_operator op, const object& a, const object& b);

/// Python's `format % x` for strings: `%s %r %d %i %f %x %%` with width, `0`, `-` and precision.
result<object> percent_format(context& c, std::string_view format, const object& x);

} // namespace sluice::language::detail
