#pragma once

#include <string_view>
#include <vector>

namespace sluice {

/// The candidate that `name` was most likely meant to be: fewest edits (insert, delete, replace, swap of neighbours),
/// upper and lower case alike. Empty if none is near: more than a third of its length (at least two edits) away.
std::string_view nearest(std::string_view name, const std::vector<std::string_view>& candidates);

} // namespace sluice
