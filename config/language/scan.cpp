#include "config/language/scan.hpp"

namespace sluice::language::detail {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t length) noexcept {
  if (at > text.size() || text.size() - at < length)
    return std::nullopt;
  int x = 0;
  for (char c : text.substr(at, length)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    x = x * 10 + (c - '0');
  }
  return x;
}

std::optional<scanned_offset> scan_offset(std::string_view text, bool hours_alone) noexcept {
  if (text.starts_with('Z') || text.starts_with('z'))
    return scanned_offset{std::chrono::seconds{0}, 1};
  if (!text.starts_with('+') && !text.starts_with('-'))
    return std::nullopt;
  auto hours = digits(text, 1, 2);
  if (!hours || *hours > 23)
    return std::nullopt;
  std::chrono::seconds offset = std::chrono::hours{*hours};
  std::size_t at = 3;
  // Minutes, then seconds, each with or without colon.
  for (int unit : {60, 1}) {
    std::size_t colon = at < text.size() && text[at] == ':' ? 1 : 0;
    auto x = digits(text, at + colon, 2);
    if (!x || *x > 59)
      break;
    offset += std::chrono::seconds{*x * unit};
    at += colon + 2;
  }
  if (at == 3 && !hours_alone)
    return std::nullopt;
  return scanned_offset{text[0] == '-' ? -offset : offset, at};
}

} // namespace sluice::language::detail
