#include "messages/text/json_text.hpp"

#include "messages/text/utf8.hpp"

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
      append_utf8(out, replacement_character);
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
