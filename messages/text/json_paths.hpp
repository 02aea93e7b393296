#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Changes of a JSON text that copy all bytes but those that they are about. All take a path from its segment `depth` on
// for a path in the value `text`, and append to `out`.

namespace sluice {

/// Appends `text` without what `path` leads to, as the reference's dpath does it: segments are patterns of
/// `glob_matches`, or positions in lists (from the end if negative); one `**` stands for any number of them. A field
/// takes its comma along; an element that is not the last of its list becomes null. False, and nothing appended, if the
/// path leads nowhere.
bool append_without(std::string& out, std::string_view text, const std::vector<std::string>& path,
                    std::size_t depth = 0);

/// The texts of at most `most` values that a path, as above, leads to, in the order of the text.
std::vector<std::string_view> find_matches(std::string_view text, const std::vector<std::string>& path,
                                           std::size_t most);

/// Appends `text` without the values in it, lists and objects apart, for whose text `is_unwanted`; as above.
bool append_without_values(std::string& out, std::string_view text,
                           const std::function<bool(std::string_view)>& is_unwanted);

/// Appends `text` with `path` set to the JSON text `value`: in place if the field exists (all of them, if a key occurs
/// several times), else as the last field. What is missing on the way is made: a list before a segment that is a
/// number, else an object; lists are filled up with null, as in the reference. An empty `text` is missing itself.
/// Returns an empty text, or what stands in the way: a value on the path that is neither.
std::string append_with(std::string& out, std::string_view text, const std::vector<std::string>& path,
                        std::string_view value, std::size_t depth = 0);

} // namespace sluice
