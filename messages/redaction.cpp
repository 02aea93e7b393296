#include "messages/redaction.hpp"

#include "messages/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sluice {

namespace {

constexpr std::string_view mask = "****";
constexpr std::size_t shortest_secret = 3;
/// Pieces of base64 text shorter than this would hit by chance.
constexpr std::size_t shortest_base64_piece = 6;

using byte = unsigned char;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

bool is_alphanumeric(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Percent-encodes all bytes but letters, digits and those in `unreserved`.
std::string url_encoded(std::string_view text, std::string_view unreserved, std::string_view digits) {
  std::string result;
  for (auto c : text) {
    if (is_alphanumeric(c) || unreserved.find(c) != std::string_view::npos) {
      result += c;
    } else {
      result += '%';
      result += digits[static_cast<byte>(c) >> 4];
      result += digits[static_cast<byte>(c) & 15];
    }
  }
  return result;
}

/// Base64 without padding.
std::string base64(std::string_view text) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  std::uint32_t bits = 0;
  auto count = 0;
  for (auto c : text) {
    bits = (bits << 8) | static_cast<byte>(c);
    for (count += 8; count >= 6; count -= 6)
      result += alphabet[(bits >> (count - 6)) & 63];
  }
  if (count > 0)
    result += alphabet[(bits << (6 - count)) & 63];
  return result;
}

/// The characters of a longer base64 text that depend on `secret` alone, if `lead` bytes (modulo 3) come before it.
std::string base64_inside(std::string_view secret, std::size_t lead) {
  auto encoded = base64(std::string(lead, '\0') + std::string{secret});
  auto first = (lead * 8 + 5) / 6;
  auto last = (lead + secret.size()) * 8 / 6;
  return encoded.substr(first, last - first);
}

std::string url_safe(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

/// As a JSON string without its quotes, everything beyond ASCII as `\uXXXX` (what many encoders write).
std::string ascii_json_escaped(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  auto append_unit = [&result](std::uint32_t unit) {
    result += "\\u";
    for (auto shift = 12; shift >= 0; shift -= 4)
      result += digits[(unit >> shift) & 15];
  };
  for (std::size_t i = 0; i < text.size();) {
    auto length = std::max<std::size_t>(1, utf8_sequence_length(text.substr(i, 4)));
    if (length == 1) {
      auto piece = json_string(text.substr(i, 1));
      result.append(piece, 1, piece.size() - 2);
    } else {
      std::uint32_t point = static_cast<byte>(text[i]) & (0xFF >> (length + 1));
      for (std::size_t k = 1; k < length; ++k)
        point = (point << 6) | (static_cast<byte>(text[i + k]) & 0x3F);
      if (point >= 0x10000) {
        append_unit(0xD800 + ((point - 0x10000) >> 10));
        append_unit(0xDC00 + ((point - 0x10000) & 0x3FF));
      } else {
        append_unit(point);
      }
    }
    i += length;
  }
  return result;
}

} // namespace

void redactor::add(std::string secret) {
  auto core = std::string{trimmed(secret)};
  if (core.empty())
    return;
  if (utf8_length(core) < shortest_secret) {
    short_secrets_.push_back(std::move(core));
    return;
  }
  add_form(core);
  for (std::string_view digits : {"0123456789ABCDEF", "0123456789abcdef"}) {
    add_form(url_encoded(core, "-._~", digits));
    // What URI classes leave alone in a path or a query.
    add_form(url_encoded(core, "-._~!$&'()*+,;=:@/?", digits));
  }
  auto form_encoded = url_encoded(core, "-._* ", "0123456789ABCDEF");
  std::replace(form_encoded.begin(), form_encoded.end(), ' ', '+');
  add_form(std::move(form_encoded));
  auto encoded = base64(core);
  add_form(url_safe(encoded));
  auto padding = std::string((4 - encoded.size() % 4) % 4, '=');
  add_form(url_safe(encoded) + padding);
  add_form(encoded + padding);
  add_form(std::move(encoded));
  for (std::size_t lead = 0; lead < 3; ++lead) {
    auto inside = base64_inside(core, lead);
    if (inside.size() < shortest_base64_piece)
      continue;
    add_form(url_safe(inside));
    add_form(std::move(inside));
  }
  auto escaped = json_string(core);
  add_form(escaped.substr(1, escaped.size() - 2));
  add_form(ascii_json_escaped(core));
}

void redactor::add_form(std::string form) {
  if (std::find(forms_.begin(), forms_.end(), form) == forms_.end())
    forms_.push_back(std::move(form));
}

std::string redactor::apply(std::string_view text) const {
  if (std::find(short_secrets_.begin(), short_secrets_.end(), trimmed(text)) != short_secrets_.end())
    return std::string{mask};
  // All occurrences first, then one replacement of their union: replacing one form after the other could leave the tail
  // of a longer secret that overlaps a shorter one.
  std::vector<std::pair<std::size_t, std::size_t>> hits;
  for (const auto& form : forms_)
    for (auto at = text.find(form); at != std::string_view::npos; at = text.find(form, at + 1))
      hits.emplace_back(at, at + form.size());
  std::sort(hits.begin(), hits.end());
  std::string result;
  result.reserve(text.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < hits.size();) {
    auto [from, to] = hits[i];
    for (++i; i < hits.size() && hits[i].first < to; ++i)
      to = std::max(to, hits[i].second);
    result += text.substr(done, from - done);
    result += mask;
    done = to;
  }
  result += text.substr(done);
  return result;
}

} // namespace sluice
