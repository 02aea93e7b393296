#include "config/language/builtins/method_tables.hpp"
#include "config/language/builtins/number_format.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
#include "config/language/lookup.hpp"
#include "config/language/value_text.hpp"
#include "messages/text/ascii.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

// -- what a text is made of -----------------------------------------------------------

bool is_decimal(char32_t c) {
  return c >= '0' && c <= '9';
}
bool has_case(char32_t c) {
  return to_lower(c) != to_upper(c);
}
bool is_alphabetic(char32_t c) {
  return is_word(c) && !is_decimal(c) && c != '_';
}
bool is_alphanumeric(char32_t c) {
  return is_word(c) && c != '_';
}
bool is_ascii(char32_t c) {
  return c < 0x80;
}

/// @param Empty what holds for a text without characters.
template <bool (*Fits)(char32_t), bool Empty>
result<object> all_characters(context&, const object& self, const arguments&) {
  auto& text = *self.as_string();
  bool all = Empty || !text.empty();
  for (std::size_t at = 0; all && at < text.size();)
    all = Fits(next_code_point(text, at));
  return object{value{all}};
}

/// Some letter has case, and all that have are of this one.
template <bool Upper>
result<object> all_in_case(context&, const object& self, const arguments&) {
  auto& text = *self.as_string();
  bool any = false;
  for (std::size_t at = 0; at < text.size();) {
    auto c = next_code_point(text, at);
    if (!has_case(c))
      continue;
    if (c != (Upper ? to_upper(c) : to_lower(c)))
      return object{value{false}};
    any = true;
  }
  return object{value{any}};
}

result<object> is_title(context&, const object& self, const arguments&) {
  auto& text = *self.as_string();
  bool any = std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; });
  return object{value{any && title(text) == text && lower(text) != text}};
}

result<object> is_identifier(context&, const object& self, const arguments&) {
  auto& text = *self.as_string();
  bool ok = !text.empty() && !ascii_digits.contains(text.front());
  for (std::size_t at = 0; ok && at < text.size();)
    ok = is_word(next_code_point(text, at));
  return object{value{ok}};
}

result<object> swap_case(context& c, const object& self, const arguments&) {
  auto& text = *self.as_string();
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto letter = next_code_point(text, at);
    append_utf8(out, letter == to_lower(letter) ? to_upper(letter) : to_lower(letter));
  }
  return c.text(std::move(out));
}

result<object> fold_case(context& c, const object& self, const arguments&) {
  return c.text(lower(*self.as_string()));
}

// -- pieces -----------------------------------------------------------------------------

/// (sep): what is before it, it, and what is behind it.
template <bool Last>
result<object> partition(context& c, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  std::string_view text = *self.as_string();
  auto& separator = *args[0].as_string();
  if (separator.empty())
    return refuse("the separator must not be empty");
  auto at = Last ? text.rfind(separator) : find_text(text, separator);
  auto piece = [](std::string_view x) { return object{value{std::string{x}}}; };
  std::vector<object> pieces;
  if (at == std::string_view::npos)
    pieces = {piece(Last ? "" : text), piece(""), piece(Last ? text : "")};
  else
    pieces = {piece(text.substr(0, at)), piece(separator), piece(text.substr(at + separator.size()))};
  if (auto ok = c.charge(text.size()); !ok)
    return failure(ok.error());
  return c.make_list(std::move(pieces), list_kind::tuple);
}

/// (keepends=false)
result<object> split_lines_method(context& c, const object& self, const arguments& args) {
  auto& text = *self.as_string();
  std::vector<object> lines;
  for (auto line : split_lines(text, args.has(0) && truthy(args[0]))) {
    if (auto ok = c.charge(sizeof(object) + line.size()); !ok)
      return failure(ok.error());
    lines.emplace_back(value{std::string{line}});
  }
  return c.make_list(std::move(lines));
}

// -- layout -----------------------------------------------------------------------------

enum class side : std::uint8_t { left, right, both };

/// (width, fillchar=' ')
template <side Where>
result<object> justify(context& c, const object& self, const arguments& args) {
  auto width = as_integer(args[0]);
  if (!width)
    return refuse_kind(args[0], "an integer");
  if (*width > static_cast<std::int64_t>(limits::text))
    return refuse("the result is longer than 1 MiB");
  std::string fill = " ";
  if (args.has(1)) {
    if (args[1].as_string() == nullptr || utf8_length(*args[1].as_string()) != 1)
      return refuse("the fill must be one character", error_kind::type);
    fill = *args[1].as_string();
  }
  auto& text = *self.as_string();
  if (Where == side::both)
    return c.text(centered(text, *width, fill));
  std::string blanks;
  for (auto i = static_cast<std::int64_t>(utf8_length(text)); i < *width; ++i)
    blanks += fill;
  return c.text(Where == side::left ? text + blanks : blanks + text);
}

/// (tabsize=8)
result<object> expand_tabs(context& c, const object& self, const arguments& args) {
  auto size = args.has(0) ? as_integer(args[0]) : 8;
  if (!size)
    return refuse_kind(args[0], "an integer");
  if (*size > widest_format)
    return refuse("a tab is at most 1000 blanks wide");
  auto& text = *self.as_string();
  std::string out;
  std::int64_t column = 0;
  for (std::size_t at = 0; at < text.size() && out.size() <= limits::text;) {
    auto from = at;
    auto letter = next_code_point(text, at);
    if (letter == '\t') {
      auto blanks = *size > 0 ? *size - column % *size : 0;
      out.append(static_cast<std::size_t>(blanks), ' ');
      column += blanks;
    } else {
      out.append(text, from, at - from);
      column = letter == '\n' || letter == '\r' ? 0 : column + 1;
    }
  }
  return c.text(std::move(out));
}

// -- format -------------------------------------------------------------------------------

/// Python's `str.format`: `{}`, `{0}`, `{name}`, `{0.attribute[key]!r:>10}`, and fields within the format of one.
class formatter {
public:
  formatter(context& c, const std::vector<object>& positional, const std::vector<std::pair<std::string, object>>& named)
    : c_(c), positional_(positional), named_(named) {}

  result<std::string> run(std::string_view text, std::size_t level = 0) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
      char x = text[at];
      if (x != '{' && x != '}') {
        out.push_back(x);
        continue;
      }
      if (text.substr(at + 1).starts_with(x)) {
        out.push_back(x);
        ++at;
        continue;
      }
      auto end = x == '{' ? end_of_field(text, at) : std::string_view::npos;
      if (end == std::string_view::npos)
        return refuse("the format has a single brace");
      if (level > 1)
        return refuse("the format has fields too deep in each other");
      auto piece = field(text.substr(at + 1, end - at - 1), level);
      if (!piece)
        return piece;
      out += *piece;
      if (out.size() > limits::text)
        return refuse("the result is longer than 1 MiB");
      at = end;
    }
    return out;
  }

private:
  static std::size_t end_of_field(std::string_view text, std::size_t at) {
    std::size_t open = 0;
    for (; at < text.size(); ++at) {
      open += text[at] == '{' ? 1 : 0;
      if (text[at] == '}' && --open == 0)
        return at;
    }
    return std::string_view::npos;
  }

  result<std::string> field(std::string_view text, std::size_t level) {
    auto name_end = std::min(text.find_first_of("!:"), text.size());
    auto x = look_up(text.substr(0, name_end));
    if (!x)
      return failure(x.error());
    text.remove_prefix(name_end);
    if (text.starts_with('!')) {
      if (text.size() < 2 || (text.size() > 2 && text[2] != ':'))
        return refuse("the format has a conversion that is not known");
      auto converted = convert(text[1], *x);
      if (!converted)
        return failure(converted.error());
      x = object{value{std::move(*converted)}};
      text.remove_prefix(2);
    }
    text.remove_prefix(text.empty() ? 0 : 1);
    auto spec
      = text.find('{') == std::string_view::npos ? result<std::string>{std::string{text}} : run(text, level + 1);
    return spec ? format_value(c_, *x, *spec) : spec;
  }

  result<std::string> convert(char how, const object& x) {
    if (how == 's')
      return c_.text_of(x);
    std::string text;
    if (how != 'r' && how != 'a')
      return refuse("the format has a conversion that is not known");
    if (!append_repr(text, x, limits::text))
      return refuse("the result is longer than 1 MiB");
    auto ok = c_.charge(text.size());
    return ok ? result<std::string>{std::move(text)} : failure(ok.error());
  }

  /// `0.name[key]`
  result<object> look_up(std::string_view path) {
    auto end = std::min(path.find_first_of(".["), path.size());
    auto x = argument(path.substr(0, end));
    for (path.remove_prefix(end); x && !path.empty();) {
      bool is_item = path.front() == '[';
      path.remove_prefix(1);
      end = is_item ? path.find(']') : std::min(path.find_first_of(".["), path.size());
      if (end == std::string_view::npos || end == 0)
        return refuse("the format has a field that is not complete");
      auto name = std::string{path.substr(0, end)};
      path.remove_prefix(is_item ? end + 1 : end);
      if (is_item && all_digits(name))
        x = read_item(c_, *x, object{value{std::stoi(name)}});
      else
        x = is_item ? read_item(c_, *x, object{value{name}}) : read_attribute(c_, *x, name, is_method(name));
      if (x && x->as_undefined() != nullptr)
        return refuse("the format reads something that is not there");
    }
    return x;
  }

  static bool all_digits(std::string_view text) {
    return !text.empty() && text.size() < 6
           && std::all_of(text.begin(), text.end(), [](char d) { return ascii_digits.contains(d); });
  }

  result<object> argument(std::string_view name) {
    if (name.empty() || all_digits(name)) {
      auto position = name.empty() ? next_++ : static_cast<std::size_t>(std::stoi(std::string{name}));
      if (position >= positional_.size())
        return refuse("there are fewer arguments than the format needs");
      return positional_[position];
    }
    for (auto& [known, x] : named_) {
      if (known == name)
        return x;
    }
    return refuse("the format names an argument that is not there");
  }

  context& c_;
  const std::vector<object>& positional_;
  const std::vector<std::pair<std::string, object>>& named_;
  std::size_t next_ = 0;
};

result<object> format_method(context& c, const object& self, const arguments& args) {
  auto text = formatter{c, args.rest(), args.named()}.run(*self.as_string());
  return text ? c.text(std::move(*text)) : failure(text.error());
}

/// (mapping)
result<object> format_map(context& c, const object& self, const arguments& args) {
  auto items = mapping::of(args[0]);
  if (!items)
    return refuse_kind(args[0], "a dict");
  std::vector<std::pair<std::string, object>> named;
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto key = items->key(i);
    if (key.as_string() != nullptr)
      named.emplace_back(*key.as_string(), items->at(i));
  }
  if (auto ok = c.charge_elements(args[0]); !ok)
    return failure(ok.error());
  auto text = formatter{c, {}, named}.run(*self.as_string());
  return text ? c.text(std::move(*text)) : failure(text.error());
}

} // namespace

const std::vector<builtin>& text_methods() {
  static const std::vector<builtin> all = {
    {"casefold", {}, 0, false, fold_case},
    {"center", {"width", "fillchar"}, 1, false, justify<side::both>},
    {"expandtabs", {"tabsize"}, 0, false, expand_tabs},
    {"format", {}, 0, true, format_method, true},
    {"format_map", {"mapping"}, 1, false, format_map},
    {"isalnum", {}, 0, false, all_characters<is_alphanumeric, false>},
    {"isalpha", {}, 0, false, all_characters<is_alphabetic, false>},
    {"isascii", {}, 0, false, all_characters<is_ascii, true>},
    {"isdecimal", {}, 0, false, all_characters<is_decimal, false>},
    {"isdigit", {}, 0, false, all_characters<is_decimal, false>},
    {"isidentifier", {}, 0, false, is_identifier},
    {"islower", {}, 0, false, all_in_case<false>},
    {"isnumeric", {}, 0, false, all_characters<is_decimal, false>},
    {"isprintable", {}, 0, false, all_characters<is_printable, true>},
    {"isspace", {}, 0, false, all_characters<is_space, false>},
    {"istitle", {}, 0, false, is_title},
    {"isupper", {}, 0, false, all_in_case<true>},
    {"ljust", {"width", "fillchar"}, 1, false, justify<side::left>},
    {"partition", {"sep"}, 1, false, partition<false>},
    {"rjust", {"width", "fillchar"}, 1, false, justify<side::right>},
    {"rpartition", {"sep"}, 1, false, partition<true>},
    {"splitlines", {"keepends"}, 0, false, split_lines_method},
    {"swapcase", {}, 0, false, swap_case},
  };
  return all;
}

} // namespace sluice::language::detail
