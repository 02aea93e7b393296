#include "config/language/builtins/filter_tables.hpp"
#include "config/language/builtins/regex.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
#include "config/language/context.hpp"
#include "config/language/lookup.hpp"
#include "config/language/number_text.hpp"
#include "config/language/value_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

constexpr double int_limit = 9223372036854775808.0; // 2^63

result<object> truncated(double x) {
  if (!std::isfinite(x))
    return refuse("infinity and not a number are no integers");
  if (x >= -int_limit && x < int_limit)
    return object{value{static_cast<std::int64_t>(x)}};
  std::array<char, 400> buffer;
  auto size = std::snprintf(buffer.data(), buffer.size(), "%.0f", x);
  return object{make_integer({buffer.data(), static_cast<std::size_t>(size)})};
}

/// (default=0, base=10): text that is no number gives the default.
result<object> filter_int(context&, const object& self, const arguments& args) {
  if (auto* missing = self.as_undefined())
    return refuse_undefined(*missing);
  if (auto i = as_integer(self))
    return object{value{*i}};
  if (self.as_big() != nullptr)
    return self;
  if (auto number = as_number(self))
    return truncated(*number);
  auto otherwise = args.has(0) ? args[0] : object{value{0}};
  if (self.as_string() == nullptr)
    return otherwise;
  auto base = args.has(1) ? as_integer(args[1]) : 10;
  if (!base || *base < 2 || *base > 36)
    return refuse("the base must be an integer from 2 to 36");
  if (auto x = python_parse_int(*self.as_string(), static_cast<int>(*base)))
    return object{std::move(*x)};
  auto number = python_parse_float(*self.as_string());
  if (!number || std::isnan(*number))
    return otherwise;
  return truncated(*number);
}

/// (default=0.0)
result<object> filter_float(context&, const object& self, const arguments& args) {
  if (auto* missing = self.as_undefined())
    return refuse_undefined(*missing);
  if (auto number = as_number(self))
    return object{value{*number}};
  if (self.as_big() != nullptr)
    return object{value{*self.as_value()->number()}};
  if (auto* text = self.as_string()) {
    if (auto number = python_parse_float(*text))
      return object{value{*number}};
  }
  return args.has(0) ? args[0] : object{value{0.0}};
}

/// The reference's own `string`: what is no string becomes JSON in triple quotes, which literal evaluation takes off
/// again.
result<object> filter_string(context& c, const object& self, const arguments&) {
  if (self.as_string() != nullptr)
    return self;
  auto plain = c.plain_of(self);
  if (!plain)
    return failure(plain.error());
  std::string text = "\"\"\"";
  append_json(text, *plain, {.python = true}, limits::text);
  return c.text(text + "\"\"\"");
}

template <std::string (*Convert)(std::string_view)>
result<object> filter_text(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  return text ? c.text(Convert(*text)) : failure(text.error());
}

/// (default_value='', boolean=false)
result<object> filter_default(context&, const object& self, const arguments& args) {
  bool replace = self.as_undefined() != nullptr || (args.has(1) && truthy(args[1]) && !truthy(self));
  if (!replace)
    return self;
  return args.has(0) ? args[0] : object{value{""}};
}

/// (old, new, count=)
result<object> filter_replace(context& c, const object& self, const arguments& args) {
  auto text = c.text_of(self);
  auto from = c.text_of(args[0]);
  auto to = c.text_of(args[1]);
  for (auto* x : {&text, &from, &to}) {
    if (!*x)
      return failure(x->error());
  }
  auto count = args.has(2) && !args[2].is_none() ? as_integer(args[2]) : std::int64_t{-1};
  if (!count)
    return refuse_kind(args[2], "an integer as count");
  return replace(c, *text, *from, *to, *count);
}

/// (regex): the first group of the first match, "" if there is none.
result<object> filter_regex_search(context& c, const object& self, const arguments& args) {
  return with_pattern(c, self, args, regex_search);
}

/// (regex, replacement)
result<object> filter_regex_replace(context& c, const object& self, const arguments& args) {
  return with_pattern(c, self, args, regex_replace);
}

/// (chars=)
result<object> filter_trim(context& c, const object& self, const arguments& args) {
  auto text = c.text_of(self);
  if (!text)
    return failure(text.error());
  bool any = args.has(0) && !args[0].is_none();
  if (any && args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string of characters");
  return c.text(std::string{any ? strip(*text, *args[0].as_string(), true, true) : strip(*text)});
}

result<object> filter_abs(context&, const object& self, const arguments&) {
  if (auto i = as_integer(self)) {
    if (*i == std::numeric_limits<std::int64_t>::min())
      return object{make_integer("9223372036854775808")};
    return object{value{std::abs(*i)}};
  }
  if (auto* big = self.as_big())
    return object{make_integer(big->digits.front() == '-' ? big->digits.substr(1) : big->digits)};
  if (auto x = as_number(self))
    return object{value{std::fabs(*x)}};
  if (auto* span = self.as_duration(); span != nullptr && span->months == 0)
    return object{duration{0, std::chrono::abs(span->exact)}};
  return refuse_kind(self, "a number");
}

/// The attribute of that name, never the key of a dict.
result<object> filter_attr(context& c, const object& self, const arguments& args) {
  auto name = c.text_of(args[0]);
  if (!name)
    return failure(name.error());
  if (auto* missing = self.as_undefined())
    return object{*missing};
  if (self.is_dict() && !is_method(*name))
    return object{undefined{*name}};
  return read_attribute(c, self, *name, is_method(*name));
}

/// Marks text as HTML, which nothing here asks for.
result<object> filter_safe(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  return text ? c.text(std::move(*text)) : failure(text.error());
}

/// To a multiple of a power of ten, if `places` are negative; halves go to the even one.
std::int64_t round_integer(std::int64_t x, int places) {
  constexpr int most_digits = 18;
  if (places >= 0)
    return x;
  if (-places > most_digits)
    return 0;
  std::int64_t unit = 1;
  for (int i = 0; i < -places; ++i)
    unit *= 10;
  auto rest = x % unit;
  auto rounded = x - rest;
  auto twice = 2 * std::abs(rest);
  bool odd = (rounded / unit) % 2 != 0;
  if (twice > unit || (twice == unit && odd))
    rounded += x < 0 ? -unit : unit;
  return rounded;
}

/// Printed and read back: exact for decimal halves, as Python's round is.
double round_float(double x, int places) {
  if (!std::isfinite(x))
    return x;
  std::array<char, 800> buffer;
  if (places >= 0) {
    std::snprintf(buffer.data(), buffer.size(), "%.*f", places, x);
    return std::strtod(buffer.data(), nullptr);
  }
  auto unit = std::pow(10.0, -places);
  return std::isinf(unit) ? 0.0 : std::nearbyint(x / unit) * unit;
}

/// (precision=0, method='common'); `common` keeps integers.
result<object> filter_round(context&, const object& self, const arguments& args) {
  bool is_common = !args.has(1) || (args[1].as_string() != nullptr && *args[1].as_string() == "common");
  auto precision = args.has(0) && !args[0].is_none() ? as_integer(args[0]) : 0;
  if (!precision)
    return refuse_kind(args[0], "an integer as precision");
  if (self.as_big() != nullptr) // rounded to whole numbers, it is what it is
    return is_common && *precision >= 0 ? result<object>{self}
                                        : refuse("an integer beyond 64 bits can only be rounded by 'common'");
  auto x = as_number(self);
  if (!x)
    return refuse_kind(self, "a number");
  constexpr std::int64_t finest = 320;
  auto places = static_cast<int>(std::clamp(*precision, -finest, finest));
  auto method = args.has(1) && args[1].as_string() != nullptr ? *args[1].as_string() : std::string{"common"};
  if (method == "common") {
    if (auto i = as_integer(self))
      return object{value{round_integer(*i, places)}};
    return object{value{round_float(*x, places)}};
  }
  auto scale = std::pow(10.0, static_cast<double>(places));
  if (method == "ceil")
    return object{value{std::ceil(*x * scale) / scale}};
  if (method == "floor")
    return object{value{std::floor(*x * scale) / scale}};
  return refuse("the method must be 'common', 'ceil' or 'floor'");
}

} // namespace

const std::vector<builtin>& text_filters() {
  static const std::vector<builtin> all = {
    {"abs", {}, 0, false, filter_abs},
    {"attr", {"name"}, 1, false, filter_attr},
    {"capitalize", {}, 0, false, filter_text<capitalize>},
    {"d", {"default_value", "boolean"}, 0, false, filter_default},
    {"default", {"default_value", "boolean"}, 0, false, filter_default},
    {"float", {"default"}, 0, false, filter_float},
    {"int", {"default", "base"}, 0, false, filter_int},
    {"lower", {}, 0, false, filter_text<lower>},
    {"regex_replace", {"regex", "replacement"}, 2, false, filter_regex_replace},
    {"regex_search", {"regex"}, 1, false, filter_regex_search},
    {"replace", {"old", "new", "count"}, 2, false, filter_replace},
    {"round", {"precision", "method"}, 0, false, filter_round},
    {"safe", {}, 0, false, filter_safe},
    {"string", {}, 0, false, filter_string},
    {"title", {}, 0, false, filter_text<title_words>},
    {"trim", {"chars"}, 0, false, filter_trim},
    {"upper", {}, 0, false, filter_text<upper>},
  };
  return all;
}

} // namespace sluice::language::detail
