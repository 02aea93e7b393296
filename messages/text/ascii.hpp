#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Characters of protocols: ASCII whatever the locale is, and looked up rather than searched for, because every byte of
/// every request and response head passes here.
namespace sluice {

/// A set of characters, as a table.
class char_set {
public:
  constexpr char_set() = default;
  constexpr explicit char_set(std::string_view members) noexcept {
    for (char c : members)
      has_[static_cast<unsigned char>(c)] = true;
  }
  /// All from `first` to `last`, as unsigned bytes.
  static constexpr char_set range(unsigned char first, unsigned char last) noexcept {
    char_set result;
    for (std::size_t c = first; c <= last; ++c)
      result.has_[c] = true;
    return result;
  }
  constexpr char_set operator|(const char_set& other) const noexcept {
    auto result = *this;
    for (std::size_t c = 0; c < has_.size(); ++c)
      result.has_[c] = has_[c] || other.has_[c];
    return result;
  }
  constexpr char_set operator~() const noexcept {
    char_set result;
    for (std::size_t c = 0; c < has_.size(); ++c)
      result.has_[c] = !has_[c];
    return result;
  }

  constexpr bool contains(char c) const noexcept { return has_[static_cast<unsigned char>(c)]; }
  /// Where the first of these characters is; the size of `text` if none is.
  constexpr std::size_t find_in(std::string_view text) const noexcept {
    const auto found = std::find_if(text.begin(), text.end(), [this](char c) { return contains(c); });
    return static_cast<std::size_t>(found - text.begin());
  }
  /// No other characters are in `text`.
  constexpr bool covers(std::string_view text) const noexcept {
    return std::all_of(text.begin(), text.end(), [this](char c) { return contains(c); });
  }

private:
  std::array<bool, 256> has_{};
};

inline constexpr char_set ascii_digits = char_set::range('0', '9');
inline constexpr char_set ascii_letters = char_set::range('a', 'z') | char_set::range('A', 'Z');
/// Characters that end a line or hide in one: everything below the space, and DEL.
inline constexpr char_set ascii_controls = char_set::range(0, 0x1f) | char_set{"\x7f"};

constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) { return ascii_lower(c); });
  return result;
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// Value of a hexadecimal digit, -1 for anything else.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c))
    return c - '0';
  const char lower = ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Without the spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && blank(text.back()))
    text.remove_suffix(1);
  return text;
}

/// What separates tokens in JSON, and lines in texts.
inline constexpr std::string_view blanks_and_line_ends = " \t\r\n";

/// Without any of `characters` at both ends.
constexpr std::string_view trim(std::string_view text, std::string_view characters) noexcept {
  const auto last = text.find_last_not_of(characters);
  if (last == std::string_view::npos)
    return {};
  text.remove_suffix(text.size() - 1 - last);
  return text.substr(text.find_first_not_of(characters));
}

namespace detail {

/// Eight characters in lower case. A byte's high bit in the sums tells whether its letter is at least `A`, and beyond
/// `Z`; no byte carries into the next one, because the high bits are taken out before.
inline std::uint64_t ascii_lower(std::uint64_t x) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  const auto low = x & each * 0x7f;
  const auto upper = (low + each * (0x80 - 'A')) & ~(low + each * (0x7f - 'Z')) & ~x & each * 0x80;
  return x | (upper >> 2);
}

} // namespace detail

/// No control character is in `text`, the tab excepted: what the value of a header field may be.
inline bool is_field_text(std::string_view text) noexcept {
  constexpr char_set allowed = ~ascii_controls | char_set{"\t"};
  constexpr std::uint64_t each = 0x0101010101010101;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t x = 0;
    std::memcpy(&x, text.data() + i, 8);
    const auto low = x & (each * 0x7f);
    // A byte's high bit: set if it is at least a space, and set if it is DEL (or beyond ASCII, as `x` tells).
    const auto from_space = (low + each * (0x80 - 0x20)) | x;
    const auto from_delete = (low + each) & ~x;
    if (((~from_space | from_delete) & (each * 0x80)) != 0 && !allowed.covers(text.substr(i, 8)))
      return false;
  }
  return allowed.covers(text.substr(i));
}

/// Compares names that are ASCII, such as those of headers. Bytes beyond ASCII are equal only to themselves.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size())
    return false;
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a.data() + i, 8);
    std::memcpy(&y, b.data() + i, 8);
    if (x != y && detail::ascii_lower(x) != detail::ascii_lower(y))
      return false;
  }
  for (; i < a.size(); ++i)
    if (a[i] != b[i] && ascii_lower(a[i]) != ascii_lower(b[i]))
      return false;
  return true;
}

} // namespace sluice
