#include "config/language/builtins/number_format.hpp"

#include "config/language/datetime.hpp"
#include "config/language/number_text.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

bool is_integer_code(char code) {
  return std::string_view{"doxXbn"}.find(code) != std::string_view::npos;
}

/// The digits of an integer in a base, without its sign.
result<std::string> integer_digits(const object& x, const number_style& style) {
  if (auto* big = x.as_big()) {
    if (style.code != 'd')
      return refuse("an integer beyond 64 bits is only written in base 10");
    return big->digits.front() == '-' ? big->digits.substr(1) : big->digits;
  }
  auto i = *as_integer(x);
  auto magnitude = i < 0 ? ~static_cast<std::uint64_t>(i) + 1 : static_cast<std::uint64_t>(i);
  int base = style.code == 'x' || style.code == 'X' ? 16 : style.code == 'o' ? 8 : style.code == 'b' ? 2 : 10;
  std::array<char, 80> buffer;
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, base).ptr;
  std::string digits{buffer.data(), end};
  if (style.precision && digits.size() < static_cast<std::size_t>(*style.precision))
    digits.insert(0, static_cast<std::size_t>(*style.precision) - digits.size(), '0');
  if (style.alternate && base != 10)
    digits.insert(0, base == 16 ? "0x" : base == 8 ? "0o" : "0b");
  if (style.code == 'X')
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  return digits;
}

std::string float_digits(double x, const number_style& style) {
  if (!std::isfinite(x)) {
    std::string text = std::isnan(x) ? "nan" : "inf";
    bool upper = style.code == 'E' || style.code == 'F' || style.code == 'G';
    return !upper ? text : std::isnan(x) ? "NAN" : "INF";
  }
  auto code = style.code == '%' ? 'f' : style.code;
  std::array<char, 2048> buffer; // 309 digits before the point, at most 1000 behind it
  std::string format = style.alternate ? "%#.*" : "%.*";
  format.push_back(code);
  auto size = std::snprintf(buffer.data(), buffer.size(), format.c_str(), style.precision.value_or(6),
                            style.code == '%' ? x * 100 : x);
  return std::string{buffer.data(), static_cast<std::size_t>(size)} + (style.code == '%' ? "%" : "");
}

void group_digits(std::string& digits, char separator) {
  auto end = std::min(digits.find_first_not_of("0123456789"), digits.size());
  for (auto at = end; at > 3; at -= 3)
    digits.insert(at - 3, 1, separator);
}

/// `[[fill]align][sign][#][0][width][,][.precision][code]`
struct format_spec {
  std::string fill{" "};
  char align = 0;
  number_style style{};
  std::size_t width = 0;
};

std::optional<format_spec> read_spec(std::string_view text) {
  format_spec spec;
  spec.style.code = 0;
  constexpr std::string_view aligns = "<>^=";
  std::size_t at = 0;
  if (!text.empty()) {
    std::size_t behind = 0;
    next_code_point(text, behind);
    if (behind < text.size() && aligns.find(text[behind]) != std::string_view::npos) {
      spec.fill = text.substr(0, behind);
      at = behind;
    }
  }
  auto is = [&](std::string_view any) { return at < text.size() && any.find(text[at]) != std::string_view::npos; };
  if (is(aligns))
    spec.align = text[at++];
  if (is("+- "))
    spec.style.plus = text[at] == '-' ? char{0} : text[at], ++at;
  if (is("#"))
    spec.style.alternate = true, ++at;
  if (is("0")) {
    ++at;
    if (spec.align == 0) {
      spec.align = '=';
      spec.fill = "0";
    }
  }
  auto width = read_format_number(text, at);
  if (!width || *width < 0)
    return std::nullopt;
  spec.width = static_cast<std::size_t>(*width);
  if (is(",_"))
    spec.style.group = text[at++];
  if (is(".")) {
    ++at;
    if (at == text.size() || !ascii_digits.contains(text[at]))
      return std::nullopt;
    auto precision = read_format_number(text, at);
    if (!precision || *precision < 0)
      return std::nullopt;
    spec.style.precision = *precision;
  }
  if (at < text.size())
    spec.style.code = text[at++];
  return at == text.size() ? std::optional{spec} : std::nullopt;
}

std::string padded(const format_spec& spec, char align, const number_parts& parts) {
  auto size = utf8_length(parts.sign) + utf8_length(parts.digits);
  auto missing = spec.width > size ? spec.width - size : 0;
  auto left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string before;
  std::string after;
  for (std::size_t i = 0; i < missing; ++i)
    (i < left ? before : after) += spec.fill;
  return align == '=' ? parts.sign + before + parts.digits : before + parts.text() + after;
}

/// A float without a code: as few digits as tell it, but at least one behind the point.
result<number_parts> plain_float(double x, const number_style& style) {
  number_parts parts;
  if (style.precision) {
    auto with_code = style;
    with_code.code = 'g';
    parts.digits = float_digits(std::fabs(x), with_code);
    if (parts.digits.find_first_of(".en") == std::string::npos)
      parts.digits += ".0";
  } else {
    parts.digits = python_float(std::fabs(x));
  }
  parts.sign = std::signbit(x) ? "-" : style.plus != 0 ? std::string(1, style.plus) : "";
  if (style.group != 0)
    group_digits(parts.digits, style.group);
  return parts;
}

} // namespace

std::optional<int> read_format_number(std::string_view format, std::size_t& at) {
  int x = 0;
  auto [end, code] = std::from_chars(format.data() + at, format.data() + format.size(), x);
  if (code == std::errc::invalid_argument)
    return 0;
  if (code != std::errc{} || x > widest_format)
    return std::nullopt;
  at = static_cast<std::size_t>(end - format.data());
  return x;
}

result<number_parts> write_number(const object& x, const number_style& style) {
  number_parts parts;
  bool negative = false;
  if (is_integer_code(style.code)) {
    auto digits = integer_digits(x, style);
    if (!digits)
      return failure(digits.error());
    parts.digits = std::move(*digits);
    negative = x.as_big() != nullptr ? x.as_big()->digits.front() == '-' : *as_integer(x) < 0;
  } else {
    auto number = x.as_big() != nullptr ? *x.as_value()->number() : *as_number(x);
    negative = std::signbit(number);
    parts.digits = float_digits(std::fabs(number), style);
  }
  if (style.group != 0)
    group_digits(parts.digits, style.group);
  parts.sign = negative ? "-" : style.plus != 0 ? std::string(1, style.plus) : "";
  return parts;
}

result<std::string> format_value(context& c, const object& x, std::string_view spec_text) {
  if (spec_text.empty())
    return c.text_of(x);
  if (auto* t = x.as_datetime() != nullptr ? x.as_datetime() : nullptr) {
    auto text = format_datetime(*t, spec_text);
    return text ? result<std::string>{std::move(*text)} : refuse(text.error().message);
  }
  if (auto* day = x.as_date()) {
    auto text = format_datetime(datetime{day->day, std::chrono::seconds{0}}, spec_text);
    return text ? result<std::string>{std::move(*text)} : refuse(text.error().message);
  }
  auto spec = read_spec(spec_text);
  if (!spec)
    return refuse("the format is none that is known here");
  auto code = spec->style.code;
  bool is_number = as_number(x).has_value() || x.as_big() != nullptr;
  if (is_number) {
    bool is_whole = as_integer(x).has_value() || x.as_big() != nullptr;
    bool is_bool = x.as_value()->as_bool() != nullptr;
    if (code == 0 && is_whole && !is_bool)
      code = 'd';
    if (code == 'n')
      code = is_whole ? 'd' : 'g';
    if (code == 'c' || code == 's')
      return refuse("the format does not suit a number");
    if (code == 0 && is_bool && spec->style.plus == 0) {
      auto text = c.text_of(x);
      return text ? padded(*spec, spec->align == 0 ? '<' : spec->align, {"", *text}) : text;
    }
    bool known = code == 0 || std::string_view{"doxXbeEfFgG%"}.find(code) != std::string_view::npos;
    if (!known || (is_integer_code(code) && (!is_whole || spec->style.precision)))
      return refuse("the format does not suit the number");
    auto style = spec->style;
    style.code = code;
    auto parts = code == 0 ? plain_float(*as_number(x), style) : write_number(x, style);
    if (!parts)
      return failure(parts.error());
    return padded(*spec, spec->align == 0 ? '>' : spec->align, *parts);
  }
  if (x.as_string() == nullptr)
    return refuse(std::string{kind_of(x)} + " takes no format", error_kind::type);
  bool suits = (code == 0 || code == 's') && spec->style.plus == 0 && !spec->style.alternate && spec->align != '='
               && spec->style.group == 0;
  if (spec->align == '=' && spec->fill == "0" && code == 0) { // a zero in front of the width
    spec->align = '<';
    suits = true;
  }
  if (!suits)
    return refuse("the format does not suit a text");
  auto text = *x.as_string();
  if (spec->style.precision)
    text.resize(utf8_offset(text, static_cast<std::size_t>(*spec->style.precision)));
  return padded(*spec, spec->align == 0 ? '<' : spec->align, {"", text});
}

} // namespace sluice::language::detail
