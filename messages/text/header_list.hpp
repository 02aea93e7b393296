#pragma once

#include "messages/text/ascii.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The fields of HTTP heads (RFC 9110), and what their names and values may be.
namespace sluice {

/// Names and values in their order; a name may come several times.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// The first value of a header, its name compared without case.
inline std::optional<std::string_view> find_header(const header_list& headers, std::string_view name) noexcept {
  for (const auto& [key, value] : headers)
    if (equals_ignoring_case(key, name))
      return std::string_view{value};
  return std::nullopt;
}

inline bool has_header(const header_list& headers, std::string_view name) noexcept {
  return find_header(headers, name).has_value();
}

inline constexpr char_set token_characters = ascii_letters | ascii_digits | char_set{"!#$%&'*+-.^_`|~"};

/// A non-empty `token`: what a method or a header's name may be.
constexpr bool is_token(std::string_view text) noexcept {
  return !text.empty() && token_characters.covers(text);
}

/// Calls `visit` with each non-empty element, trimmed, of a list that is separated by any of `separators`.
template <class Visitor>
constexpr void for_each_element(std::string_view list, std::string_view separators, Visitor visit) {
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(separators), list.size());
    if (const auto element = trim(list.substr(0, end)); !element.empty())
      visit(element);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

} // namespace sluice
