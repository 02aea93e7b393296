#include "actors/core/pages/list_rows.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace sluice {

namespace {

using token = page_index::token;

/// Where a path's list begins: the keys before its first `*`, or all of them.
std::size_t list_depth(const std::vector<std::string>& path) {
  return static_cast<std::size_t>(std::find(path.begin(), path.end(), "*") - path.begin());
}

/// The value at the first `depth` keys of a path.
std::optional<token> find(const page_index& page, const std::vector<std::string>& path, std::size_t depth) {
  token at = 0;
  for (std::size_t i = 0; i < depth; ++i) {
    std::optional<token> found;
    if (page.kind(at) == '{')
      page.each_field(at, [&](std::string_view key, token value) {
        if (json::key_equals(key, path[i]))
          found = value;
        return true;
      });
    if (!found)
      return std::nullopt;
    at = *found;
  }
  return at;
}

page_rows rows_of(const page_index& page, token list) {
  page_rows result;
  page.each_element(list, [&](token value) {
    result.last = page.value_text(value);
    if (++result.count == 1)
      result.first = result.last;
    return true;
  });
  return result;
}

} // namespace

std::uint64_t page_rows::fingerprint() const {
  if (count == 0)
    return 0;
  std::hash<std::string_view> hash;
  return (hash(first) * 31 + hash(last) + count) | 1U;
}

std::optional<page_rows> rows_beside_outputs(const endpoint& e, const page_index& page) {
  // Nobody compares rows with a total, or there is one output, whose records are the rows.
  if (e.pages.total.source().empty() || (e.outputs.size() < 2 && e.rows_output))
    return std::nullopt;
  std::vector<const std::vector<std::string>*> paths;
  for (const auto& o : e.outputs)
    paths.push_back(&o.record_path);
  std::stable_sort(paths.begin(), paths.end(),
                   [](const auto* a, const auto* b) { return list_depth(*a) < list_depth(*b); });
  for (const auto* path : paths) {
    auto at = find(page, *path, list_depth(*path));
    if (at && page.kind(*at) == '[')
      return rows_of(page, *at);
  }
  // Not a list: one object, or nothing.
  return e.rows_output ? std::nullopt : std::optional{page_rows{}};
}

} // namespace sluice
