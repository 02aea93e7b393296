#include "config/language/builtins/number_format.hpp"
#include "config/language/operators.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace sluice::language::detail {

namespace {

/// `%(name)-08.3f`
struct conversion {
  std::optional<std::string_view> name;
  bool left = false;
  bool zeros = false;
  std::size_t width = 0;
  number_style style;
};

/// Reads what stands behind a `%`; nothing if it is not supported.
std::optional<conversion> read_conversion(std::string_view format, std::size_t& at) {
  conversion result;
  if (at < format.size() && format[at] == '(') {
    auto end = format.find(')', at);
    if (end == std::string_view::npos)
      return std::nullopt;
    result.name = format.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  for (; at < format.size() && std::string_view{"-0+ #"}.find(format[at]) != std::string_view::npos; ++at) {
    result.left = result.left || format[at] == '-';
    result.zeros = result.zeros || format[at] == '0';
    result.style.alternate = result.style.alternate || format[at] == '#';
    if (format[at] == '+' || (format[at] == ' ' && result.style.plus == 0))
      result.style.plus = format[at];
  }
  auto width = read_format_number(format, at);
  if (!width || *width < 0)
    return std::nullopt;
  result.width = static_cast<std::size_t>(*width);
  if (at < format.size() && format[at] == '.') {
    ++at;
    result.style.precision = read_format_number(format, at);
    if (!result.style.precision || *result.style.precision < 0)
      return std::nullopt;
  }
  while (at < format.size() && std::string_view{"hlL"}.find(format[at]) != std::string_view::npos)
    ++at;
  if (at == format.size() || std::string_view{"srdiuoxXeEfFgGca"}.find(format[at]) == std::string_view::npos)
    return std::nullopt;
  auto code = format[at++];
  result.style.code = code == 'i' || code == 'u' ? 'd' : code == 'a' ? 'r' : code;
  return result;
}

/// What a conversion of an integer takes: the integer, or a float without what is behind its point.
result<object> whole_number(const conversion& how, const object& x) {
  if (as_integer(x) || x.as_big() != nullptr)
    return x;
  auto number = as_number(x);
  if (!number)
    return refuse_kind(x, std::string{"a number for '%"} + how.style.code + "'");
  if (how.style.code != 'd')
    return refuse("a float is no integer", error_kind::type);
  if (!(std::fabs(*number) < 9.2e18))
    return refuse("the number does not suit '%d'");
  return object{value{static_cast<std::int64_t>(*number)}};
}

result<std::string> format_number(const conversion& how, const object& x) {
  bool is_float = std::string_view{"eEfFgG"}.find(how.style.code) != std::string_view::npos;
  auto number = is_float ? result<object>{x} : whole_number(how, x);
  if (!number)
    return tl::unexpected(number.error());
  if (!as_number(*number) && number->as_big() == nullptr)
    return refuse_kind(x, std::string{"a number for '%"} + how.style.code + "'");
  auto parts = write_number(*number, how.style);
  if (!parts)
    return tl::unexpected(parts.error());
  auto size = parts->sign.size() + parts->digits.size();
  auto missing = how.width > size ? how.width - size : 0;
  if (how.left)
    return parts->text() + std::string(missing, ' ');
  if (!how.zeros)
    return std::string(missing, ' ') + parts->text();
  return parts->sign + std::string(missing, '0') + parts->digits;
}

/// `%c`: a character, or its number.
result<std::string> character_of(const object& x) {
  if (auto* text = x.as_string(); text != nullptr && utf8_length(*text) == 1)
    return *text;
  auto code = as_integer(x);
  if (!code)
    return refuse_kind(x, "a character for '%c'");
  if (*code < 0 || *code > 0x10FFFF)
    return refuse("there is no such character");
  std::string text;
  append_utf8(text, static_cast<char32_t>(*code));
  return text;
}

result<std::string> format_one(context& c, const conversion& how, const object& x) {
  auto code = how.style.code;
  if (code != 's' && code != 'r' && code != 'c')
    return format_number(how, x);
  std::string text;
  if (code != 'r') {
    auto converted = code == 's' ? c.text_of(x) : character_of(x);
    if (!converted)
      return converted;
    text = std::move(*converted);
  } else if (!append_repr(text, x, limits::text)) {
    return refuse("the result is longer than 1 MiB");
  } else if (auto ok = c.charge(text.size()); !ok) {
    return tl::unexpected(ok.error());
  }
  if (how.style.precision && code != 'c')
    text.resize(utf8_offset(text, static_cast<std::size_t>(*how.style.precision)));
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
      return refuse("the text before '%' has a conversion that is not known here");
    if (how->name) {
      if (!x.is_dict())
        return refuse_kind(x, "a dict for a conversion with a name");
      auto item = find_item(x, object{value{std::string{*how->name}}});
      if (!item)
        return refuse("the dict has no item that a conversion names");
      auto text = format_one(c, *how, *item);
      if (!text)
        return tl::unexpected(text.error());
      out += *text;
      if (out.size() > limits::text)
        return refuse("the result is longer than 1 MiB");
      continue;
    }
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
