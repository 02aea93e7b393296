#pragma once

#include "messages/text/ascii.hpp"

#include <algorithm>
#include <string_view>

/// Character classes of HTTP and of URLs. They are ASCII whatever the locale is, which `<cctype>` does not promise.
namespace sluice::net {

inline constexpr char_set token_characters = ascii_letters | ascii_digits | char_set{"!#$%&'*+-.^_`|~"};

/// A non-empty `token` of RFC 9110: what a method or a header name may be.
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

} // namespace sluice::net
