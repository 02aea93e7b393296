#pragma once

#include <string_view>

namespace sluice {

/// True if there is something in `pattern` that stands for more than itself: `*`, `?` or `[`.
inline bool is_glob(std::string_view pattern) noexcept {
  return pattern.find_first_of("*?[") != std::string_view::npos;
}

/// Python's `fnmatchcase`: `*` is any text, `?` one character, `[a-c_]` one of some, `[!a-c]` none of them; a bracket
/// that is not closed is itself. Characters are code points of UTF-8. Takes at most the product of both sizes.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

} // namespace sluice
