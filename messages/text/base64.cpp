#include "messages/text/base64.hpp"

#include <cstdint>

namespace sluice {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      out.push_back(at + i > bytes.size() ? '=' : alphabet[(group >> (18 - 6 * i)) & 0x3F]);
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out;
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (char c : text) {
    if (c == '=') {
      // Complete: what follows is ignored, as in Python.
      if (digits >= 2 && digits + ++padding == 4)
        break;
      continue;
    }
    auto digit = alphabet.find(c);
    if (digit == std::string_view::npos)
      continue;
    padding = 0;
    group = (group << 6) | static_cast<std::uint32_t>(digit);
    if (++digits == 4) {
      for (int shift : {16, 8, 0})
        out.push_back(static_cast<char>((group >> shift) & 0xFF));
      group = 0;
      digits = 0;
    }
  }
  if (digits == 0)
    return out;
  if (digits + padding != 4)
    return std::nullopt;
  if (digits >= 2)
    out.push_back(static_cast<char>((group >> (6 * digits - 8)) & 0xFF));
  if (digits == 3)
    out.push_back(static_cast<char>((group >> 2) & 0xFF));
  return out;
}

} // namespace sluice
