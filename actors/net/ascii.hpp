#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// Character classes of HTTP and of URLs. They are ASCII whatever the locale is, which `<cctype>` does not promise.
namespace sluice::net {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_alpha(char c) noexcept {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

/// Value of a hexadecimal digit, -1 for anything else.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c))
    return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// A character that ends a line or hides in one: everything below the space, and DEL.
constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// A non-empty `token` of RFC 9110: what a method or a header name may be.
constexpr bool is_token(std::string_view text) noexcept {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [=](char c) {
    return is_alpha(c) || is_digit(c) || marks.find(c) != std::string_view::npos;
  });
}

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

inline std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

/// Without the spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
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
