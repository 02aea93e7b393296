#include "config/language/value_path.hpp"

#include "messages/text/glob.hpp"

#include <cstddef>
#include <span>

namespace sluice::language {

namespace {

/// Adds what `path` leads to, but not more than two of it.
void find_all(const value& x, std::span<const std::string> path, std::vector<const value*>& found) {
  if (found.size() > 1)
    return;
  if (path.empty()) {
    found.push_back(&x);
    return;
  }
  const auto& segment = path.front();
  if (const auto* dict = x.as_dict()) {
    for (const auto& [key, member] : *dict)
      if (glob_matches(segment, key))
        find_all(member, path.subspan(1), found);
  } else if (const auto* list = x.as_list()) {
    for (std::size_t at = 0; at < list->size(); ++at)
      if (glob_matches(segment, std::to_string(at)))
        find_all((*list)[at], path.subspan(1), found);
  }
}

} // namespace

const value* only_value_at(const value& root, const std::vector<std::string>& path) {
  std::vector<const value*> found;
  find_all(root, path, found);
  return found.size() == 1 ? found.front() : nullptr;
}

} // namespace sluice::language
