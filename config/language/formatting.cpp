#include "config/language/number_text.hpp"
#include "config/language/operators.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace sluice::language::detail {

namespace {

/// `%-08.3f`
struct conversion {
  bool left = false;
  bool zeros = false;
  std::size_t width = 0;
  std::optional<int> precision;
  char code = 0;
};

constexpr int widest = 1000;

/// Reads the digits at `at`; at most `widest`.
std::optional<int> read_number(std::string_view format, std::size_t& at) {
  int x = 0;
  auto [end, code] = std::from_chars(format.data() + at, format.data() + format.size(), x);
  if (code == std::errc::invalid_argument)
    return 0;
  if (code != std::errc{} || x > widest)
    return std::nullopt;
  at = static_cast<std::size_t>(end - format.data());
  return x;
}

/// Reads what stands behind a `%`; nothing if it is not supported.
std::optional<conversion> read_conversion(std::string_view format, std::size_t& at) {
  conversion result;
  for (; at < format.size() && (format[at] == '-' || format[at] == '0'); ++at)
    (format[at] == '-' ? result.left : result.zeros) = true;
  auto width = read_number(format, at);
  if (!width || *width < 0)
    return std::nullopt;
  result.width = static_cast<std::size_t>(*width);
  if (at < format.size() && format[at] == '.') {
    ++at;
    result.precision = read_number(format, at);
    if (!result.precision || *result.precision < 0)
      return std::nullopt;
  }
  if (at == format.size() || std::string_view{"srdifx"}.find(format[at]) == std::string_view::npos)
    return std::nullopt;
  result.code = format[at++];
  return result;
}

result<std::string> format_number(const conversion& how, const object& x) {
  if (auto* big = x.as_big()) {
    if (how.code == 'f' || how.code == 'x')
      return refuse(std::string{"an integer beyond 64 bits does not suit '%"} + how.code + "'");
    return big->digits;
  }
  auto number = as_number(x);
  if (!number)
    return refuse_kind(x, std::string{"a number for '%"} + how.code + "'");
  std::array<char, 1600> buffer; // 309 digits before the point, at most 1000 behind it
  int length = 0;
  if (how.code == 'f') {
    length = std::snprintf(buffer.data(), buffer.size(), "%.*f", how.precision.value_or(6), *number);
  } else {
    auto integer = as_integer(x);
    bool fits = integer || std::fabs(*number) < 9.2e18;
    if (!fits || (how.code == 'x' && (!integer || *integer < 0)))
      return refuse(std::string{"the number does not suit '%"} + how.code + "'");
    long long whole = integer ? *integer : static_cast<long long>(*number);
    length = std::snprintf(buffer.data(), buffer.size(), how.code == 'x' ? "%llx" : "%lld", whole);
  }
  return std::string{buffer.data(), static_cast<std::size_t>(length)};
}

result<std::string> format_one(context& c, const conversion& how, const object& x) {
  if (how.code != 's' && how.code != 'r') {
    auto text = format_number(how, x);
    if (!text || text->size() >= how.width)
      return text;
    auto missing = how.width - text->size();
    if (how.left)
      return *text + std::string(missing, ' ');
    if (!how.zeros)
      return std::string(missing, ' ') + *text;
    auto sign = text->starts_with('-') ? 1U : 0U;
    return text->substr(0, sign) + std::string(missing, '0') + text->substr(sign);
  }
  std::string text;
  if (how.code == 's') {
    auto converted = c.text_of(x);
    if (!converted)
      return converted;
    text = std::move(*converted);
  } else if (!append_repr(text, x, limits::text)) {
    return refuse("the result is longer than 1 MiB");
  } else if (auto ok = c.charge(text.size()); !ok) {
    return tl::unexpected(ok.error());
  }
  if (how.precision)
    text.resize(utf8_offset(text, static_cast<std::size_t>(*how.precision)));
  auto size = utf8_length(text);
  std::string blanks(how.width > size ? how.width - size : 0, ' ');
  return how.left ? text + blanks : blanks + text;
}

} // namespace

result<object> percent_format(context& c, std::string_view format, const object& x) {
  // A tuple holds one argument a conversion; anything else is the only argument.
  std::vector<object> values{x};
  bool is_tuple = sequence::of(x) && sequence::of(x)->is_tuple();
  if (is_tuple) {
    auto items = c.elements_of(x);
    if (!items)
      return tl::unexpected(items.error());
    values = std::move(*items);
  }
  if (auto ok = c.charge(format.size()); !ok)
    return tl::unexpected(ok.error());
  std::size_t used = 0;
  std::string out;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out.push_back(format[at++]);
      continue;
    }
    ++at;
    if (at < format.size() && format[at] == '%') {
      out.push_back(format[at++]);
      continue;
    }
    auto how = read_conversion(format, at);
    if (!how)
      return refuse("the text before '%' has a conversion other than %s %r %d %i %f %x");
    if (used == values.size())
      return refuse("there are fewer values than conversions in the text before '%'", error_kind::type);
    auto text = format_one(c, *how, values[used++]);
    if (!text)
      return tl::unexpected(text.error());
    out += *text;
    if (out.size() > limits::text)
      return refuse("the result is longer than 1 MiB");
  }
  // Python lets what could be looked up by name go unused.
  bool may_be_unused = x.is_dict() || x.as_undefined() != nullptr || (x.is_list() && !is_tuple);
  if (used != values.size() && !may_be_unused)
    return refuse("there are more values than conversions in the text before '%'", error_kind::type);
  return c.text(std::move(out));
}

} // namespace sluice::language::detail
