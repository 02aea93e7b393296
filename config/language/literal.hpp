#pragma once

#include "config/language/object.hpp"
#include "config/language/value.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sluice::language::detail {

/// Python's `ast.literal_eval`, as the reference applies it to every rendered text: the value that `text` is a literal
/// of; nothing if it is no literal, or one of a kind that `value` has not: an integer of more than 4300 digits, a set,
/// bytes, a complex number, an ellipsis, a dict with keys other than strings. So does a float that is infinite or has
/// fewer digits than the text. A tuple becomes a list; `is_tuple`, if given, tells whether there was one.
std::optional<value> parse_literal(std::string_view text, bool* is_tuple = nullptr);

/// The value of a rendered text: the literal, or the text itself.
value literal_or_text(std::string text);

/// What `literal_or_text(str(x))` gives, if it can be said without making the text.
std::optional<value> evaluate_directly(const object& x);

} // namespace sluice::language::detail
