#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Appends `text`, the text of a JSON value, to `out` without what `path` leads to. `*` in the path stands for every
/// field or element. Everything else keeps its bytes; a removed field takes its comma along. A path that leads nowhere
/// changes nothing.
void append_without(std::string& out, std::string_view text, const std::vector<std::string>& path);

/// Appends `text`, the text of a JSON object, to `out` with `path` set to the JSON text `value`: in place if the field
/// exists (all of them, if a key occurs several times), else as the last field. What is missing on the way is made: a
/// list before a segment that is a number, else an object; lists are filled up with null, as in the reference.
/// Returns an empty text, or what stands in the way: a value on the path that is neither.
std::string append_with(std::string& out, std::string_view text, const std::vector<std::string>& path,
                        std::string_view value);

} // namespace sluice
