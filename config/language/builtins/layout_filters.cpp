#include "config/language/builtins/filter_tables.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
#include "config/language/context.hpp"
#include "config/language/operators.hpp"
#include "config/language/value_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

/// An optional integer argument, for widths: no text here is longer than what a template may make.
result<std::int64_t> width_or(const arguments& args, std::size_t parameter, std::int64_t otherwise) {
  auto x = args.has(parameter) ? as_integer(args[parameter]) : otherwise;
  if (!x)
    return refuse_kind(args[parameter], "an integer");
  return std::clamp(*x, -static_cast<std::int64_t>(limits::text), static_cast<std::int64_t>(limits::text) + 1);
}

/// (width=80)
result<object> filter_center(context& c, const object& self, const arguments& args) {
  auto text = c.text_of(self);
  auto width = width_or(args, 0, 80);
  if (!text || !width)
    return failure(text ? width.error() : text.error());
  if (*width > static_cast<std::int64_t>(limits::text))
    return refuse("the result is longer than 1 MiB");
  return c.text(centered(*text, *width, " "));
}

/// (width=4, first=false, blank=false): each line but the first further in.
result<object> filter_indent(context& c, const object& self, const arguments& args) {
  if (self.as_string() == nullptr)
    return refuse_kind(self, "a string");
  std::string indent;
  if (args.has(0) && args[0].as_string() != nullptr) {
    indent = *args[0].as_string();
  } else {
    auto width = width_or(args, 0, 4);
    if (!width)
      return failure(width.error());
    indent.assign(static_cast<std::size_t>(std::max<std::int64_t>(*width, 0)), ' ');
  }
  bool first = args.has(1) && truthy(args[1]);
  bool blank = args.has(2) && truthy(args[2]);
  const auto text = *self.as_string() + "\n";
  std::string out;
  bool is_first = true;
  for (auto line : split_lines(text, false)) {
    if (!is_first)
      out += "\n";
    if (is_first ? first : blank || !line.empty())
      out += indent;
    is_first = false;
    out += line;
    if (auto ok = c.charge(indent.size() + line.size()); !ok)
      return failure(ok.error());
    if (out.size() > limits::text)
      break;
  }
  return c.text(std::move(out));
}

/// (length=255, killwords=false, end='...', leeway=5)
result<object> filter_truncate(context& c, const object& self, const arguments& args) {
  auto length = width_or(args, 0, 255);
  auto leeway = args.has(3) && args[3].is_none() ? 5 : width_or(args, 3, 5);
  auto end = args.has(2) ? c.text_of(args[2]) : std::string{"..."};
  if (!length || !leeway || !end)
    return failure(!length ? length.error() : !leeway ? leeway.error() : end.error());
  if (self.as_string() == nullptr)
    return refuse_kind(self, "a string");
  auto& text = *self.as_string();
  auto end_size = static_cast<std::int64_t>(utf8_length(*end));
  if (*length < end_size || *leeway < 0)
    return refuse("the length must be that of the end at least, and the leeway must not be negative");
  if (static_cast<std::int64_t>(utf8_length(text)) <= *length + *leeway)
    return c.text(text);
  auto kept = text.substr(0, utf8_offset(text, static_cast<std::size_t>(*length - end_size)));
  if (!args.has(1) || !truthy(args[1]))
    kept = kept.substr(0, kept.rfind(' '));
  return c.text(kept + *end);
}

result<object> filter_wordcount(context& c, const object& self, const arguments&) {
  auto text = c.text_of(self);
  if (!text)
    return failure(text.error());
  std::int64_t words = 0;
  bool inside = false;
  for (std::size_t at = 0; at < text->size();) {
    bool word = is_word(next_code_point(*text, at));
    words += word && !inside ? 1 : 0;
    inside = word;
  }
  return object{value{words}};
}

/// (binary=false)
result<object> filter_filesizeformat(context& c, const object& self, const arguments& args) {
  static const auto& to_float = *find_filter("float");
  auto number = call_builtin(c, to_float, self, {{object{}}, {}});
  if (!number)
    return number;
  if (!as_number(*number))
    return refuse("the text is no number");
  auto bytes = *as_number(*number);
  bool binary = args.has(0) && truthy(args[0]);
  double base = binary ? 1024 : 1000;
  if (bytes == 1)
    return c.text("1 Byte");
  std::array<char, 400> buffer{};
  if (!std::isfinite(bytes))
    return refuse("infinity and not a number are no sizes");
  if (bytes < base) {
    std::snprintf(buffer.data(), buffer.size(), "%.0f Bytes", std::trunc(bytes));
    return c.text(buffer.data());
  }
  static constexpr std::string_view letters = "kMGTPEZY";
  double unit = base;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    unit *= base;
    if (bytes >= unit && i + 1 < letters.size())
      continue;
    std::snprintf(buffer.data(), buffer.size(), "%.1f %c%sB", base * bytes / unit, binary && i == 0 ? 'K' : letters[i],
                  binary ? "i" : "");
    break;
  }
  return c.text(buffer.data());
}

/// `'%s %s' | format(a, b)`
result<object> filter_format(context& c, const object& self, const arguments& args) {
  if (!args.rest().empty() && !args.named().empty())
    return refuse("it takes either positional arguments or named ones");
  auto text = c.text_of(self);
  if (!text)
    return failure(text.error());
  if (args.named().empty())
    return percent_format(c, *text, c.make_list(args.rest(), list_kind::tuple));
  auto& dict = c.make_dict();
  for (auto& [name, x] : args.named())
    dict.items.emplace_back(object{value{name}}, x);
  return percent_format(c, *text, object{&dict});
}

} // namespace

const std::vector<builtin>& layout_filters() {
  static const std::vector<builtin> all = {
    {"center", {"width"}, 0, false, filter_center},
    {"filesizeformat", {"binary"}, 0, false, filter_filesizeformat},
    {"format", {}, 0, true, filter_format, true},
    {"indent", {"width", "first", "blank"}, 0, false, filter_indent},
    {"truncate", {"length", "killwords", "end", "leeway"}, 0, false, filter_truncate},
    {"wordcount", {}, 0, false, filter_wordcount},
  };
  return all;
}

} // namespace sluice::language::detail
