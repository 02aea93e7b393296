#include "actors/core/token_check.hpp"

#include "actors/core/json_check.hpp"
#include "actors/core/json_scan.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace sluice {

namespace {

using token = std::uint32_t;

constexpr std::array<bool, 256> set_of(std::string_view characters) {
  std::array<bool, 256> result{};
  for (char c : characters) {
    result[static_cast<unsigned char>(c)] = true;
  }
  return result;
}

/// What may follow a number or word in a list or an object. The first stage gives tokens for all but the rest of the
/// number or word itself: if its end is one, only blanks come before the next token.
constexpr auto scalar_ends = set_of(" \t\n\r,]}");
constexpr auto structure = set_of("{}[]:,");
constexpr auto simple_escapes = set_of("\"\\/bfnrt");
constexpr auto hex_digits = set_of("0123456789abcdefABCDEF");

bool is_in(const std::array<bool, 256>& set, char c) noexcept {
  return set[static_cast<unsigned char>(c)];
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::uint64_t eight_bytes(const char* p) noexcept {
  std::uint64_t block = 0;
  std::memcpy(&block, p, 8);
  return block;
}

constexpr std::uint64_t each_byte(std::uint64_t byte) noexcept {
  return byte * 0x0101010101010101U;
}

/// Skips at least one digit, or returns nullptr.
const char* skip_digits(const char* p) noexcept {
  if (!is_digit(*p)) {
    return nullptr;
  }
  do {
    ++p;
  } while (is_digit(*p));
  return p;
}

/// A number at `p`, digits of any number. The text's end is no digit, which ends every loop.
bool is_any_number(const char* p) noexcept {
  p += *p == '-' ? 1 : 0;
  auto first = p;
  p = skip_digits(p);
  if (p == nullptr || (*first == '0' && p - first > 1)) {
    return false;
  }
  if (*p == '.') {
    p = skip_digits(p + 1);
    if (p == nullptr) {
      return false;
    }
  }
  if (*p == 'e' || *p == 'E') {
    p += p[1] == '+' || p[1] == '-' ? 2 : 1;
    p = skip_digits(p);
    if (p == nullptr) {
      return false;
    }
  }
  return is_in(scalar_ends, *p);
}

bool is_number(const char* p) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    // Most numbers are integers of less than eight digits. Their lengths have no pattern that a loop's branch could
    // follow, so all bytes are looked at together: the lowest high bit that is set tells the first that is no digit.
    auto block = eight_bytes(p) ^ each_byte('0');
    auto others = (((block & each_byte(0x7F)) + each_byte(0x76)) | block) & each_byte(0x80);
    auto digits = static_cast<unsigned>(std::countr_zero(others)) / 8;
    if (digits - 1 < 7 && is_in(scalar_ends, p[digits]) && (*p != '0' || digits == 1)) {
      return true;
    }
  }
  return is_any_number(p);
}

/// The next backslash, or `end`. In texts that have any the next one is often near.
const char* find_backslash(const char* p, const char* end) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    for (auto near = p + 32; near <= end && p < near; p += 8) {
      auto block = eight_bytes(p) ^ each_byte('\\');
      if (auto found = (block - each_byte(1)) & ~block & each_byte(0x80); found != 0) {
        return p + std::countr_zero(found) / 8;
      }
    }
  }
  auto found = static_cast<const char*>(std::memchr(p, '\\', static_cast<std::size_t>(end - p)));
  return found != nullptr ? found : end;
}

/// Backslashes only stand in strings that end.
bool check_escapes(std::string_view text) noexcept {
  auto end = text.data() + text.size();
  auto p = static_cast<const char*>(std::memchr(text.data(), '\\', text.size()));
  if (p == nullptr) {
    return true;
  }
  while (p != end) {
    if (is_in(simple_escapes, p[1])) {
      p += 2;
    } else if (p[1] == 'u' && is_in(hex_digits, p[2]) && is_in(hex_digits, p[3]) && is_in(hex_digits, p[4])
               && is_in(hex_digits, p[5])) {
      p += 6;
    } else {
      return false;
    }
    p = find_backslash(p, end);
  }
  return true;
}

bool check_grammar(const char* text, const token* tokens, token count, token* behind) noexcept {
  struct container {
    token first;
    char closing;
  };
  std::array<container, max_json_depth> open; // NOLINT(cppcoreguidelines-pro-type-member-init): read where written
  std::size_t depth = 0;
  char closing = '\0';
  // No rule takes the zero byte behind the text, where the last of `tokens` points: none goes beyond it.
  auto kind = [&](token t) { return text[tokens[t]]; };
  if (kind(0) != '{' && kind(0) != '[') {
    return false;
  }
  for (token t = 0;;) {
    // Here begins a value, or a field if an object is open.
    if (closing == '}') {
      if (kind(t) != '"' || kind(t + 1) != ':') {
        return false;
      }
      t += 2;
    }
    auto value = text + tokens[t];
    switch (*value) {
      case '"':
        break;
      case '{':
      case '[':
        if (depth == max_json_depth) {
          return false;
        }
        closing = static_cast<char>(*value + 2); // `}` and `]` in ASCII
        open[depth++] = {t, closing};
        if (kind(t + 1) != closing) {
          ++t;
          continue;
        }
        break;
      case 't':
        if (std::memcmp(value, "true", 4) != 0 || !is_in(scalar_ends, value[4])) {
          return false;
        }
        break;
      case 'f':
        if (std::memcmp(value + 1, "alse", 4) != 0 || !is_in(scalar_ends, value[5])) {
          return false;
        }
        break;
      case 'n':
        if (std::memcmp(value, "null", 4) != 0 || !is_in(scalar_ends, value[4])) {
          return false;
        }
        break;
      default:
        if (!is_number(value)) {
          return false;
        }
    }
    // Behind a value: what is complete is closed.
    for (++t; kind(t) != ','; ++t) {
      if (kind(t) != closing) {
        return false;
      }
      behind[open[--depth].first] = t + 1;
      if (depth == 0) {
        return t + 1 == count;
      }
      closing = open[depth - 1].closing;
    }
    ++t;
  }
}

} // namespace

bool check_tokens(std::string_view text, const token* tokens, token count, token* behind) {
  return check_grammar(text.data(), tokens, count, behind) && check_escapes(text);
}

void copy_without_blanks(std::string_view text, token* tokens, token count, char* to) {
  auto write = to;
  for (token t = 0; t < count; ++t) {
    auto from = text.data() + tokens[t];
    auto end = text.data() + tokens[t + 1];
    tokens[t] = static_cast<token>(write - to);
    if (is_in(structure, *from)) {
      *write++ = *from;
      continue;
    }
    while (json::is_space(end[-1])) {
      --end;
    }
    auto size = static_cast<std::size_t>(end - from);
    // A copy of fixed size is a few instructions; most tokens are short.
    std::memcpy(write, from, copy_slack);
    if (size > copy_slack) {
      std::memcpy(write, from, size);
    }
    write += size;
  }
  tokens[count] = static_cast<token>(write - to);
  *write = '\0';
}

} // namespace sluice
