#include "config/language/characters.hpp"

#include "messages/text/utf8.hpp"

namespace sluice::language::detail {

namespace {

template <class Mapping>
std::string map_code_points(std::string_view text, Mapping mapping) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();)
    append_utf8(out, mapping(next_code_point(text, at)));
  return out;
}

/// Blocks in which an even code point is the capital of the odd one behind it (`first_is_even`), or the reverse.
bool alternates_from_even(char32_t c) noexcept {
  return (c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14A && c <= 0x177)
         || (c >= 0x460 && c <= 0x481) || (c >= 0x48A && c <= 0x4BF) || (c >= 0x4D0 && c <= 0x52F);
}

bool alternates_from_odd(char32_t c) noexcept {
  return (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
}

} // namespace

bool is_space(char32_t c) noexcept {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680
         || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_word(char32_t c) noexcept {
  if (c < 0x80)
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  bool is_sign = (c < 0xC0 && c != 0xAA && c != 0xB2 && c != 0xB3 && c != 0xB5 && (c < 0xB9 || c == 0xBB || c == 0xBF))
                 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF)
                 || (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020)
                 || (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0x1F000 && c <= 0x1FAFF);
  return !is_sign && is_printable(c);
}

bool is_printable(char32_t c) noexcept {
  if (c == ' ')
    return true;
  if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || is_space(c))
    return false;
  // Format characters, surrogates, private use, non-characters.
  return !(c == 0xAD || (c >= 0x600 && c <= 0x605) || c == 0x61C || c == 0x6DD || c == 0x70F || c == 0x180E
           || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F)
           || (c >= 0xD800 && c <= 0xF8FF) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) || (c & 0xFFFE) == 0xFFFE
           || c >= 0xE0000);
}

char32_t to_lower(char32_t c) noexcept {
  if (c < 0x80)
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2) || (c >= 0x410 && c <= 0x42F))
    return c + 32;
  if (c >= 0x400 && c <= 0x40F)
    return c + 80;
  if (c == 0x178)
    return 0xFF;
  if (alternates_from_even(c))
    return c | 1;
  if (alternates_from_odd(c) && (c & 1) == 1)
    return c + 1;
  return c;
}

char32_t to_upper(char32_t c) noexcept {
  if (c < 0x80)
    return c >= 'a' && c <= 'z' ? c - 32 : c;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3CB && c != 0x3C2) || (c >= 0x430 && c <= 0x44F))
    return c - 32;
  if (c >= 0x450 && c <= 0x45F)
    return c - 80;
  if (c == 0xFF)
    return 0x178;
  if (c == 0x3C2) // final sigma
    return 0x3A3;
  if (alternates_from_even(c))
    return c & ~char32_t{1};
  if (alternates_from_odd(c) && (c & 1) == 0)
    return c - 1;
  return c;
}

std::string lower(std::string_view text) {
  return map_code_points(text, to_lower);
}

std::string upper(std::string_view text) {
  return map_code_points(text, to_upper);
}

std::string_view strip_left(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    auto start = at;
    if (!is_space(next_code_point(text, at)))
      return text.substr(start);
  }
  return {};
}

std::string_view strip_right(std::string_view text) noexcept {
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_space(next_code_point(text, at)))
      end = at;
  }
  return text.substr(0, end);
}

std::string_view strip(std::string_view text) noexcept {
  return strip_right(strip_left(text));
}

} // namespace sluice::language::detail
