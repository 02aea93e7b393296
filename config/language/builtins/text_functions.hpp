#pragma once

#include "config/language/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::language::detail {

/// Python's `str.capitalize` and `str.title`.
std::string capitalize(std::string_view text);
std::string title(std::string_view text);

/// Jinja's filter `title`, which unlike the method takes an apostrophe for a part of the word.
std::string title_words(std::string_view text);

/// Where `part` is in `text`, from `from` on; npos if it is not. Takes linear time, which `std::string::find` does not.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0) noexcept;

/// `text` without the characters in `set` at its start and end.
std::string_view strip(std::string_view text, std::string_view set, bool left, bool right);

/// Python's `str.splitlines`.
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);

/// Python's `str.center`; `fill` is one character.
std::string centered(std::string_view text, std::int64_t width, std::string_view fill);

/// What is wrong with a value that is no string, for those who raise an error then that no template survives.
tl::unexpected<evaluation_error> refuse_not_string(const object& x);

/// Python's `str.replace`; `count` < 0 replaces all.
result<object> replace(context& c, std::string_view text, std::string_view from, std::string_view to,
                       std::int64_t count);

/// The texts of `items` with `separator` in between.
result<object> join(context& c, const std::vector<object>& items, std::string_view separator);

/// The entry of that name in a sorted table, or nullptr.
const builtin* find_builtin(const std::vector<builtin>& sorted, std::string_view name) noexcept;
std::vector<std::string_view> names_of(const std::vector<builtin>& table);

} // namespace sluice::language::detail
