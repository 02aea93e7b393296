#include "config/language/characters.hpp"
#include "config/language/context.hpp"
#include "config/language/number_text.hpp"
#include "config/language/regex.hpp"
#include "config/language/text_functions.hpp"
#include "config/language/value_text.hpp"
#include "messages/text/base64.hpp"
#include "messages/text/url.hpp"
#include "messages/text/utf8.hpp"

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

result<object> filter_length(context&, const object& self, const arguments&) {
  auto size = length(self);
  if (!size)
    return refuse_kind(self, "a string, list or dict");
  return object{value{static_cast<std::int64_t>(*size)}};
}

template <std::string (*Convert)(std::string_view)>
result<object> filter_text(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  return text ? c.text(Convert(*text)) : failure(text.error());
}

/// (d='')
result<object> filter_join(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  auto separator = args.has(0) ? c.text_of(args[0]) : std::string{};
  if (!separator)
    return failure(separator.error());
  return join(c, *items, *separator);
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

/// The first or last element. A long list is not copied for it.
result<object> end_of(context& c, const object& self, bool last) {
  object missing{undefined{last ? "the last of no elements" : "the first of no elements"}};
  if (auto view = sequence::of(self)) {
    if (view->size() == 0)
      return missing;
    auto at = last ? view->size() - 1 : 0;
    return self.is_borrowed() ? view->look(at) : (*view)[at];
  }
  auto items = c.elements_of(self);
  if (!items)
    return failure(items.error());
  return items->empty() ? missing : last ? items->back() : items->front();
}

result<object> filter_first(context& c, const object& self, const arguments&) {
  return end_of(c, self, false);
}

result<object> filter_last(context& c, const object& self, const arguments&) {
  return end_of(c, self, true);
}

result<object> filter_list(context& c, const object& self, const arguments&) {
  auto items = c.elements_of(self);
  return items ? make_sequence(std::move(*items)) : result<object>{failure(items.error())};
}

/// JSON as Jinja writes it: keys sorted, and nothing in it that ends a script element in HTML.
result<object> filter_tojson(context& c, const object& self, const arguments&) {
  auto plain = c.plain_of(self);
  if (!plain)
    return failure(plain.error());
  std::string json;
  append_json(json, *plain, {.python = true, .sort_keys = true}, limits::text);
  std::string out;
  for (char x : json) {
    if (x == '<' || x == '>' || x == '&' || x == '\'') {
      std::array<char, 8> buffer;
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(x));
      out += buffer.data();
    } else {
      out.push_back(x);
    }
  }
  return c.text(std::move(out));
}

/// A string is quoted for a path, a dict becomes a query.
result<object> filter_urlencode(context& c, const object& self, const arguments&) {
  auto* dict = self.as_dict();
  if (dict == nullptr) {
    if (sequence::of(self))
      return refuse("a list cannot be encoded, use a dict", error_kind::type);
    auto text = c.text_of(self);
    return text ? c.text(url::quote(*text, "/", false)) : failure(text.error());
  }
  std::string out;
  for (auto& [key, x] : *dict) {
    auto text = c.text_of(x);
    if (!text)
      return failure(text.error());
    out += (out.empty() ? "" : "&") + url::quote(key, "", true) + "=" + url::quote(*text, "", true);
    if (out.size() > limits::text)
      break;
  }
  return c.text(std::move(out));
}

/// What the reference's own filters do with no string: an error that no template survives.
failure refuse_not_string(const object& x) {
  auto error = refuse_kind(x, "a string").value();
  if (error.kind == error_kind::type)
    error.kind = error_kind::other;
  return failure(std::move(error));
}

result<object> filter_base64encode(context& c, const object& self, const arguments&) {
  if (self.as_string() == nullptr) // an AttributeError in Python
    return refuse_not_string(self);
  return c.text(base64_encode(*self.as_string()));
}

result<object> filter_base64decode(context& c, const object& self, const arguments&) {
  if (self.as_string() == nullptr)
    return refuse_not_string(self);
  auto decoded = base64_decode(*self.as_string());
  if (!decoded || !is_valid_utf8(*decoded))
    return refuse("the text is no Base64 of UTF-8 text");
  return c.text(std::move(*decoded));
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
      return refuse("the integer result does not fit 64 bits");
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

/// (precision=0, method='common'); `common` keeps integers.
result<object> filter_round(context&, const object& self, const arguments& args) {
  bool is_common = !args.has(1) || (args[1].as_string() != nullptr && *args[1].as_string() == "common");
  if (self.as_big() != nullptr) // rounded to whole numbers, it is what it is
    return is_common ? result<object>{self} : refuse("an integer beyond 64 bits can only be rounded by 'common'");
  auto x = as_number(self);
  if (!x)
    return refuse_kind(self, "a number");
  auto precision = args.has(0) ? as_integer(args[0]) : 0;
  constexpr std::int64_t finest = 20;
  if (!precision || *precision < 0 || *precision > finest)
    return refuse("the precision must be an integer from 0 to 20");
  auto method = args.has(1) && args[1].as_string() != nullptr ? *args[1].as_string() : std::string{"common"};
  if (method == "common") {
    if (auto i = as_integer(self))
      return object{value{*i}};
    if (!std::isfinite(*x))
      return self;
    // Printed and read back: exact for decimal halves, as Python's round is.
    std::array<char, 400> buffer;
    std::snprintf(buffer.data(), buffer.size(), "%.*f", static_cast<int>(*precision), *x);
    return object{value{std::strtod(buffer.data(), nullptr)}};
  }
  auto scale = std::pow(10.0, static_cast<double>(*precision));
  if (method == "ceil")
    return object{value{std::ceil(*x * scale) / scale}};
  if (method == "floor")
    return object{value{std::floor(*x * scale) / scale}};
  return refuse("the method must be 'common', 'ceil' or 'floor'");
}

const std::vector<builtin>& filters() {
  static const std::vector<builtin> all = {
    {"abs", {}, 0, false, filter_abs},
    {"base64decode", {}, 0, false, filter_base64decode},
    {"base64encode", {}, 0, false, filter_base64encode},
    {"capitalize", {}, 0, false, filter_text<capitalize>},
    {"count", {}, 0, false, filter_length},
    {"d", {"default_value", "boolean"}, 0, false, filter_default},
    {"default", {"default_value", "boolean"}, 0, false, filter_default},
    {"first", {}, 0, false, filter_first},
    {"float", {"default"}, 0, false, filter_float},
    {"int", {"default", "base"}, 0, false, filter_int},
    {"join", {"d"}, 0, false, filter_join},
    {"last", {}, 0, false, filter_last},
    {"length", {}, 0, false, filter_length},
    {"list", {}, 0, false, filter_list},
    {"lower", {}, 0, false, filter_text<lower>},
    {"regex_replace", {"regex", "replacement"}, 2, false, filter_regex_replace},
    {"regex_search", {"regex"}, 1, false, filter_regex_search},
    {"replace", {"old", "new", "count"}, 2, false, filter_replace},
    {"round", {"precision", "method"}, 0, false, filter_round},
    {"string", {}, 0, false, filter_string},
    {"title", {}, 0, false, filter_text<title_words>},
    {"tojson", {}, 0, false, filter_tojson},
    {"trim", {"chars"}, 0, false, filter_trim},
    {"upper", {}, 0, false, filter_text<upper>},
    {"urlencode", {}, 0, false, filter_urlencode},
  };
  return all;
}

} // namespace

const builtin* find_filter(std::string_view name) noexcept {
  return find_builtin(filters(), name);
}

std::vector<std::string_view> filter_names() {
  return names_of(filters());
}

} // namespace sluice::language::detail
