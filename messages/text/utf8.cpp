#include "messages/text/utf8.hpp"

#include <algorithm>

namespace sluice {

namespace {

using byte = unsigned char;

} // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
  if (text.empty())
    return 0;
  auto at = [text](std::size_t i) { return static_cast<byte>(text[i]); };
  auto first = at(0);
  if (first < 0x80)
    return 1;
  auto length = first >= 0xC2 && first <= 0xDF   ? 2u
                : first >= 0xE0 && first <= 0xEF ? 3u
                : first >= 0xF0 && first <= 0xF4 ? 4u
                                                 : 0u;
  if (length == 0 || text.size() < length)
    return 0;
  // Only the second byte can make a sequence overlong, a surrogate or too large.
  byte lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  byte highest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (at(1) < lowest || at(1) > highest)
    return 0;
  for (auto i = 2u; i < length; ++i)
    if ((at(i) & 0xC0) != 0x80)
      return 0;
  return length;
}

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    auto length = utf8_sequence_length(text.substr(i, 4));
    if (length == 0)
      return i;
    i += length;
  }
  return i;
}

bool is_valid_utf8(std::string_view text) noexcept {
  return valid_utf8_prefix(text) == text.size();
}

std::string as_valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto valid = valid_utf8_prefix(text);
    result += text.substr(0, valid);
    if (valid < text.size())
      append_utf8(result, replacement_character);
    text.remove_prefix(std::min(valid + 1, text.size()));
  }
  return result;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.size() <= max_bytes)
    return text;
  auto end = max_bytes;
  for (auto steps = 0; steps < 3 && end > 0 && (static_cast<byte>(text[end]) & 0xC0) == 0x80; ++steps)
    --end;
  return text.substr(0, end);
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::size_t result = 0;
  for (std::size_t i = 0; i < text.size(); ++result) {
    auto length = utf8_sequence_length(text.substr(i, 4));
    i += length == 0 ? 1 : length;
  }
  return result;
}

std::size_t utf8_offset(std::string_view text, std::size_t index) noexcept {
  std::size_t at = 0;
  for (; index > 0 && at < text.size(); --index)
    at += std::max<std::size_t>(1, utf8_sequence_length(text.substr(at, 4)));
  return at;
}

char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
  auto length = utf8_sequence_length(text.substr(at, 4));
  if (length == 0) {
    ++at;
    return replacement_character;
  }
  constexpr byte lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t c = static_cast<byte>(text[at]) & lead_bits[length];
  for (std::size_t i = 1; i < length; ++i)
    c = (c << 6) | (static_cast<byte>(text[at + i]) & 0x3F);
  at += length;
  return c;
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

} // namespace sluice
