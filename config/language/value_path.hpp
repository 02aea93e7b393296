#pragma once

#include "config/language/value.hpp"

#include <string>
#include <vector>

namespace sluice::language {

/// The only value that `path` leads to, as the reference's dpath finds it: each segment is a key, a position in a list,
/// or a pattern of `glob_matches` for either. nullptr if there is none, or more than one.
const value* only_value_at(const value& root, const std::vector<std::string>& path);

} // namespace sluice::language
