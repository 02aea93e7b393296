#pragma once

#include "config/language/context.hpp"

#include <re2/re2.h>

namespace sluice::language::detail {

/// What a regex filter does with a text, its pattern and its arguments.
using regex_action
  = result<object> (*)(context& c, const std::string& text, const re2::RE2& pattern, const arguments& args);

/// Calls `action` with the pattern in argument 0, compiled here unless it is a literal.
result<object> with_pattern(context& c, const object& self, const arguments& args, regex_action action);

/// The first group of the first match; none if it took no part in the match; "" without match or group.
result<object> regex_search(context& c, const std::string& text, const re2::RE2& pattern, const arguments& args);

/// Every match replaced by argument 1, in which `\1` and `\g<1>` stand for groups.
result<object> regex_replace(context& c, const std::string& text, const re2::RE2& pattern, const arguments& args);

} // namespace sluice::language::detail
