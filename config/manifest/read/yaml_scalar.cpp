// Plain scalars by the rules of YAML 1.1 in PyYAML's reading; yaml-cpp itself leaves all scalars as text.

#include "config/language/number_text.hpp"
#include "config/manifest/read/yaml_reader.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <string>

namespace sluice {

namespace {

using language::value;

template <std::size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// Digits of a base with `_` between them. Text that no integer could be (too many digits, `0b_`) stays text.
value whole_number(std::string digits, int base, std::string_view text) {
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  if (digits.empty())
    return value{std::int64_t{0}};
  auto x = language::detail::python_parse_int((text.front() == '-' ? "-" : "") + digits, base);
  return x ? std::move(*x) : value{std::string{text}};
}

/// `1:30:00`: base 60.
value sexagesimal(std::string_view digits, bool negative) {
  double x = 0;
  while (!digits.empty()) {
    auto colon = digits.find(':');
    std::string part{digits.substr(0, colon)};
    part.erase(std::remove(part.begin(), part.end(), '_'), part.end());
    x = x * 60 + std::strtod(part.c_str(), nullptr);
    digits = colon == std::string_view::npos ? std::string_view{} : digits.substr(colon + 1);
  }
  x = negative ? -x : x;
  if (x > -9e15 && x < 9e15 && x == static_cast<double>(static_cast<std::int64_t>(x)))
    return value{static_cast<std::int64_t>(x)};
  return value{x};
}

} // namespace

value resolve_plain_scalar(std::string_view text) {
  static constexpr std::array<std::string_view, 5> nulls = {"", "~", "null", "Null", "NULL"};
  static constexpr std::array<std::string_view, 9> yes
    = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
  static constexpr std::array<std::string_view, 9> no
    = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
  if (one_of(text, nulls))
    return {};
  if (one_of(text, yes))
    return value{true};
  if (one_of(text, no))
    return value{false};
  // Anything else that is not text starts with a digit, a sign or a point; most scalars are told apart here.
  if (text.size() > 400 || std::string_view{"0123456789+-."}.find(text.front()) == std::string_view::npos)
    return value{std::string{text}};

  static const re2::RE2 binary{"[-+]?0b([0-1_]+)"};
  static const re2::RE2 octal{"[-+]?0([0-7_]+)"};
  static const re2::RE2 decimal{"[-+]?(0|[1-9][0-9_]*)"};
  static const re2::RE2 hexadecimal{"[-+]?0x([0-9a-fA-F_]+)"};
  static const re2::RE2 base60{"[-+]?([1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*)"};
  static const re2::RE2 floating{
    "[-+]?(?:(?:[0-9][0-9_]*)\\.[0-9_]*(?:[eE][-+][0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)"};
  static const re2::RE2 infinity{"[-+]?\\.(?:inf|Inf|INF)"};
  static const re2::RE2 not_a_number{"\\.(?:nan|NaN|NAN)"};
  const bool negative = text.front() == '-';
  const re2::StringPiece piece{text.data(), text.size()};
  std::string digits;
  if (re2::RE2::FullMatch(piece, decimal, &digits))
    return whole_number(std::move(digits), 10, text);
  if (re2::RE2::FullMatch(piece, binary, &digits))
    return whole_number(std::move(digits), 2, text);
  if (re2::RE2::FullMatch(piece, octal, &digits))
    return whole_number(std::move(digits), 8, text);
  if (re2::RE2::FullMatch(piece, hexadecimal, &digits))
    return whole_number(std::move(digits), 16, text);
  if (re2::RE2::FullMatch(piece, floating)) {
    std::string plain{text};
    plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
    return value{std::strtod(plain.c_str(), nullptr)};
  }
  if (re2::RE2::FullMatch(piece, base60, &digits))
    return sexagesimal(digits, negative);
  if (re2::RE2::FullMatch(piece, infinity))
    return value{negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity()};
  if (re2::RE2::FullMatch(piece, not_a_number))
    return value{std::numeric_limits<double>::quiet_NaN()};
  return value{std::string{text}};
}

} // namespace sluice
