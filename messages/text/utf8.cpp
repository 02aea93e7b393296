#include "messages/text/utf8.hpp"

namespace sluice::language::detail {

namespace {

/// Length of the sequence that a lead byte announces; 0 if the byte cannot lead.
std::size_t sequence_length(unsigned char lead) noexcept {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead < 0xE0)
    return 2;
  if (lead >= 0xE0 && lead < 0xF0)
    return 3;
  if (lead >= 0xF0 && lead < 0xF5)
    return 4;
  return 0;
}

/// Decodes one sequence; returns its length, 0 if it is not valid UTF-8.
std::size_t decode(std::string_view text, std::size_t at, char32_t& c) noexcept {
  auto lead = static_cast<unsigned char>(text[at]);
  auto length = sequence_length(lead);
  if (length == 0 || text.size() - at < length)
    return 0;
  constexpr unsigned lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  c = lead & lead_bits[length];
  for (std::size_t i = 1; i < length; ++i) {
    auto byte = static_cast<unsigned char>(text[at + i]);
    if ((byte & 0xC0) != 0x80)
      return 0;
    c = (c << 6) | (byte & 0x3F);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < smallest[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
    return 0;
  return length;
}

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

char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
  char32_t c = 0;
  auto length = decode(text, at, c);
  at += length == 0 ? 1 : length;
  return length == 0 ? replacement_character : c;
}

void append_utf8(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
    c = replacement_character;
  auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3F))); };
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_valid_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    char32_t c = 0;
    auto length = decode(text, at, c);
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count)
    next_code_point(text, at);
  return count;
}

std::size_t byte_offset(std::string_view text, std::size_t index) noexcept {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index)
    next_code_point(text, at);
  return at;
}

bool is_space(char32_t c) noexcept {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680
         || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
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
