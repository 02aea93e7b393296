#include "config/language/number_text.hpp"

#include "config/language/characters.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace sluice::language::detail {

namespace {

/// The shortest decimal digits of a finite number: 0.digits * 10^point, sign apart.
struct decimal {
  std::string digits;
  int point = 0;
};

decimal shortest_digits(double magnitude) {
  std::array<char, 32> buffer;
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, std::chars_format::scientific).ptr;
  std::string_view text{buffer.data(), static_cast<std::size_t>(end - buffer.data())};
  auto e = text.find('e');
  decimal result;
  for (char c : text.substr(0, e)) {
    if (c != '.')
      result.digits.push_back(c);
  }
  result.point = std::atoi(std::string{text.substr(e + 1)}.c_str()) + 1;
  return result;
}

/// `digits` with the decimal point put where it belongs, always with at least one digit on both sides.
std::string positional(const decimal& d) {
  auto size = static_cast<int>(d.digits.size());
  if (d.point <= 0)
    return "0." + std::string(static_cast<std::size_t>(-d.point), '0') + d.digits;
  if (d.point >= size)
    return d.digits + std::string(static_cast<std::size_t>(d.point - size), '0') + ".0";
  return d.digits.substr(0, static_cast<std::size_t>(d.point)) + "."
         + d.digits.substr(static_cast<std::size_t>(d.point));
}

std::string mantissa(const decimal& d) {
  return d.digits.size() == 1 ? d.digits : d.digits.substr(0, 1) + "." + d.digits.substr(1);
}

/// The decimal digits of a number that is written in another base; `digits` are valid there.
std::string decimal_digits(std::string_view digits, unsigned base) {
  constexpr std::uint64_t limb = 1'000'000'000;
  std::vector<std::uint32_t> limbs{0}; // the lowest first
  for (char c : digits) {
    std::uint64_t carry = static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    for (auto& x : limbs) {
      carry += std::uint64_t{x} * base;
      x = static_cast<std::uint32_t>(carry % limb);
      carry /= limb;
    }
    if (carry > 0)
      limbs.push_back(static_cast<std::uint32_t>(carry));
  }
  auto text = std::to_string(limbs.back());
  for (auto x = limbs.rbegin() + 1; x != limbs.rend(); ++x) {
    auto part = std::to_string(*x);
    text += std::string(9 - part.size(), '0') + part;
  }
  return text;
}

} // namespace

std::string python_float(double x) {
  if (std::isnan(x))
    return "nan";
  std::string sign = std::signbit(x) ? "-" : "";
  if (std::isinf(x))
    return sign + "inf";
  if (x == 0)
    return sign + "0.0";
  auto d = shortest_digits(std::fabs(x));
  if (d.point > -4 && d.point <= 16)
    return sign + positional(d);
  auto exponent = std::abs(d.point - 1);
  return sign + mantissa(d) + (d.point > 0 ? "e+" : "e-") + (exponent < 10 ? "0" : "") + std::to_string(exponent);
}

std::string json_float(double x) {
  std::string sign = std::signbit(x) ? "-" : "";
  if (x == 0)
    return sign + "0.0";
  auto d = shortest_digits(std::fabs(x));
  if (d.point > -5 && d.point <= 16)
    return sign + positional(d);
  return sign + mantissa(d) + "e" + std::to_string(d.point - 1);
}

std::optional<double> read_float(std::string_view text) {
  double x = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), x);
  if (end != text.data() + text.size() || code == std::errc::invalid_argument)
    return std::nullopt;
  if (code == std::errc::result_out_of_range) // from_chars does not say in which direction
    return std::strtod(std::string{text}.c_str(), nullptr);
  return x;
}

bool holds_digits(double x, std::string_view text) {
  if (!std::isfinite(x))
    return false;
  std::string digits;
  for (char c : text.substr(0, text.find_first_of("eE"))) {
    if (c >= '0' && c <= '9' && (c != '0' || !digits.empty()))
      digits.push_back(c);
  }
  digits.resize(digits.find_last_not_of('0') + 1); // npos + 1 is 0
  if (digits.empty() || x == 0)
    return digits.empty();
  return shortest_digits(std::fabs(x)).digits == digits;
}

std::optional<std::string> without_underscores(std::string_view text) {
  auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out.push_back(text[i]);
      continue;
    }
    if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
      return std::nullopt;
  }
  return out;
}

std::optional<double> python_parse_float(std::string_view text) {
  text = strip(text);
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.remove_prefix(1);
  if (text.starts_with('-'))
    return std::nullopt;
  auto digits = without_underscores(text);
  auto x = digits ? read_float(*digits) : std::nullopt;
  if (!x)
    return std::nullopt;
  return negative ? -*x : *x;
}

std::optional<value> python_parse_int(std::string_view text, int base) {
  text = strip(text);
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+'))
    text.remove_prefix(1);
  std::string_view prefix = base == 16 ? "xX" : base == 8 ? "oO" : base == 2 ? "bB" : "";
  if (text.size() > 2 && text[0] == '0' && prefix.find(text[1]) != std::string_view::npos)
    text.remove_prefix(text[2] == '_' ? 3 : 2);
  if (text.starts_with('-'))
    return std::nullopt;
  auto digits = without_underscores(text);
  if (!digits)
    return std::nullopt;
  constexpr std::size_t most_digits = 4300; // where Python stops as well
  if (digits->size() > most_digits || digits->starts_with('+'))
    return std::nullopt;
  if (negative)
    digits->insert(digits->begin(), '-');
  std::int64_t x = 0;
  auto [end, code] = std::from_chars(digits->data(), digits->data() + digits->size(), x, base);
  if (end != digits->data() + digits->size() || code == std::errc::invalid_argument)
    return std::nullopt;
  if (code != std::errc::result_out_of_range)
    return value{x};
  std::string_view plain{*digits};
  plain.remove_prefix(negative ? 1 : 0);
  return make_integer((negative ? "-" : "")
                      + (base == 10 ? std::string{plain} : decimal_digits(plain, static_cast<unsigned>(base))));
}

} // namespace sluice::language::detail
