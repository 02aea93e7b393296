#include "actors/core/decode/token_check.hpp"

#include "messages/text/ascii.hpp"
#include "messages/text/json_check.hpp"
#include "messages/text/json_scan.hpp"

#include <algorithm>
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
constexpr auto hex_digits = set_of("0123456789abcdefABCDEF");

bool is_in(const std::array<bool, 256>& set, char c) noexcept {
  return set[static_cast<unsigned char>(c)];
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

/// Bytes that an escape takes, by what follows its backslash; 0 if it is none.
constexpr auto escape_sizes = [] {
  std::array<std::uint8_t, 256> result{};
  for (char c : std::string_view{"\"\\/bfnrt"}) {
    result[static_cast<unsigned char>(c)] = 2;
  }
  result['u'] = 6;
  return result;
}();

/// `p` is at a backslash. Short and long escapes alternate without a pattern: one branch serves for both.
bool is_escape(const char* p) noexcept {
  auto size = escape_sizes[static_cast<unsigned char>(p[1])];
  auto is_hex = [p](int i) -> unsigned { return hex_digits[static_cast<unsigned char>(p[i])]; };
  const auto of_two = static_cast<unsigned>(size == 2);
  const auto of_six = static_cast<unsigned>(size == 6) & is_hex(2) & is_hex(3) & is_hex(4) & is_hex(5);
  return (of_two | of_six) != 0;
}

/// Looks at each byte of a text that has only valid tokens, in blocks of 64.
class byte_scan {
public:
  /// Reads four bytes beyond the text if it ends with a whole block.
  bool run(std::string_view text) noexcept {
    auto p = text.data();
    for (auto rest = text.size() / block_size; rest > 0; --rest, p += block_size) {
      if (look_at(p) && !check_block(p)) {
        return false;
      }
    }
    std::array<char, block_size + 8> last{};
    last.fill(' ');
    std::memcpy(last.data(), p, text.size() % block_size);
    return !look_at(last.data()) || check_block(last.data());
  }

  /// Tabs or line breaks, which only stand between tokens.
  bool has_controls() const noexcept {
    std::array<unsigned char, sizeof lowest_> lowest{};
    std::memcpy(lowest.data(), &lowest_, sizeof lowest_);
    return *std::min_element(lowest.begin(), lowest.end()) < 0x20;
  }

private:
  static constexpr std::size_t block_size = 64;
  /// Of sixteen bytes: a register on all machines that matter.
  using bytes = unsigned char __attribute__((vector_size(16)));

  static bytes sixteen(const char* p) noexcept {
    bytes result{};
    std::memcpy(&result, p, sizeof result);
    return result;
  }

  /// True if the block at `p` has a backslash.
  bool look_at(const char* p) noexcept {
    auto a = sixteen(p);
    auto b = sixteen(p + 16);
    auto c = sixteen(p + 32);
    auto d = sixteen(p + 48);
    auto low = [](bytes x, bytes y) { return x < y ? x : y; };
    lowest_ = low(lowest_, low(low(a, b), low(c, d)));
    auto found = (a == '\\') | (b == '\\') | (c == '\\') | (d == '\\');
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), &found, sizeof found);
    bool any = (halves[0] | halves[1]) != 0;
    // A block without one may still begin with what the last backslash of the block before stands for.
    first_is_escaped_ = first_is_escaped_ && any;
    return any;
  }

  /// The block's backslashes, the first byte as lowest bit.
  static std::uint64_t backslashes(const char* p) noexcept {
    std::uint64_t result = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; ++i) {
      std::uint64_t found = 0;
      if constexpr (std::endian::native == std::endian::little) {
        auto block = eight_bytes(p + 8 * i) ^ each_byte('\\');
        auto high_bits = ~(((block & each_byte(0x7F)) + each_byte(0x7F)) | block) & each_byte(0x80);
        found = ((high_bits >> 7) * 0x0102040810204080U) >> 56; // bit 8n becomes bit n
      } else {
        for (unsigned n = 0; n < 8; ++n) {
          found |= std::uint64_t{p[8 * i + n] == '\\'} << n;
        }
      }
      result |= found << (8 * i);
    }
    return result;
  }

  bool check_block(const char* p) noexcept {
    auto rest = backslashes(p) & ~std::uint64_t{first_is_escaped_};
    first_is_escaped_ = false;
    while (rest != 0) {
      auto at = static_cast<unsigned>(std::countr_zero(rest));
      if (!is_escape(p + at)) {
        return false;
      }
      first_is_escaped_ = at == block_size - 1;
      rest &= ~(std::uint64_t{3} << at); // the next one is what this one stands in front of
    }
    return true;
  }

  bytes lowest_ = bytes{} + static_cast<unsigned char>(' ');
  bool first_is_escaped_ = false;
};

bool has_line_break(std::string_view text) noexcept {
  return std::memchr(text.data(), '\n', text.size()) != nullptr
         || std::memchr(text.data(), '\r', text.size()) != nullptr;
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

token_check check_tokens(std::string_view text, const token* tokens, token count, token* behind) {
  byte_scan bytes;
  if (!check_grammar(text.data(), tokens, count, behind) || !bytes.run(text)) {
    return token_check::refused;
  }
  return bytes.has_controls() && has_line_break(text) ? token_check::many_lines : token_check::one_line;
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
