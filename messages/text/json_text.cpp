#include "messages/text/json_text.hpp"

#include <array>

namespace sluice {

namespace {

using byte = unsigned char;

/// Bytes that a JSON string cannot hold as they are, or that need a look at their neighbours.
constexpr std::array<bool, 256> special_bytes = [] {
  std::array<bool, 256> result{};
  for (std::size_t i = 0; i < 256; ++i)
    result[i] = i < 0x20 || i == '"' || i == '\\' || i >= 0x80;
  return result;
}();

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

void append_escaped(std::string& out, byte c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += static_cast<char>(c);
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += digits[c >> 4];
      out += digits[c & 15];
  }
}

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

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size();) {
    auto c = static_cast<byte>(text[i]);
    if (!special_bytes[c]) {
      ++i;
      continue;
    }
    if (auto length = c >= 0x80 ? utf8_sequence_length(text.substr(i, 4)) : 0; length > 0) {
      i += length;
      continue;
    }
    out.append(text, plain_from, i - plain_from);
    if (c >= 0x80)
      out += replacement_character;
    else
      append_escaped(out, c);
    plain_from = ++i;
  }
  out.append(text, plain_from, text.size() - plain_from);
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 2);
  append_json_string(result, text);
  return result;
}

} // namespace sluice
