#include "config/language/characters.hpp"
#include "config/language/method_tables.hpp"
#include "config/language/text_functions.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <limits>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

object text_piece(std::string_view text) {
  return value{std::string{text}};
}

/// An optional integer argument.
result<std::int64_t> integer_or(const arguments& args, std::size_t parameter, std::int64_t otherwise) {
  if (!args.has(parameter))
    return otherwise;
  auto x = as_integer(args[parameter]);
  if (!x)
    return refuse_kind(args[parameter], "an integer");
  return *x;
}

/// An optional string argument; none counts as absent.
result<std::optional<std::string>> string_or_nothing(const arguments& args, std::size_t parameter) {
  if (!args.has(parameter) || args[parameter].is_none())
    return std::optional<std::string>{};
  if (args[parameter].as_string() == nullptr)
    return refuse_kind(args[parameter], "a string");
  return std::optional{*args[parameter].as_string()};
}

template <std::string (*Convert)(std::string_view)>
result<object> convert(context& c, const object& self, const arguments&) {
  return c.text(Convert(*self.as_string()));
}

/// (chars=)
template <bool Left, bool Right>
result<object> strip_method(context& c, const object& self, const arguments& args) {
  auto set = string_or_nothing(args, 0);
  if (!set)
    return failure(set.error());
  auto& text = *self.as_string();
  if (*set)
    return c.text(std::string{strip(text, **set, Left, Right)});
  return c.text(std::string{Left && Right ? strip(text) : Left ? strip_left(text) : strip_right(text)});
}

/// The pieces that a split makes, each paid for.
class pieces {
public:
  explicit pieces(context& c) : c_(c) {}

  /// False if there are too many.
  bool add(std::string_view text) {
    auto ok = c_.charge(sizeof(object) + text.size());
    if (ok)
      made_.push_back(text_piece(text));
    else
      problem_ = ok.error();
    return ok.has_value();
  }
  bool full(std::int64_t most) const noexcept { return most >= 0 && static_cast<std::int64_t>(made_.size()) >= most; }
  result<object> list(bool reversed = false) {
    if (problem_)
      return failure(*problem_);
    if (reversed)
      std::reverse(made_.begin(), made_.end());
    return make_sequence(std::move(made_));
  }

private:
  context& c_;
  std::vector<object> made_;
  std::optional<evaluation_error> problem_;
};

/// Python's split at white space: no empty pieces.
result<object> split_at_blanks(pieces made, std::string_view text, std::int64_t most) {
  bool ok = true;
  for (text = strip_left(text); ok && !text.empty(); text = strip_left(text)) {
    std::size_t end = made.full(most) ? text.size() : 0;
    for (std::size_t at = end; at < text.size();) {
      if (is_space(next_code_point(text, at)))
        break;
      end = at;
    }
    ok = made.add(text.substr(0, end));
    text.remove_prefix(end);
  }
  return made.list();
}

result<object> split_at(pieces made, std::string_view text, std::string_view separator, std::int64_t most) {
  std::size_t start = 0;
  bool ok = true;
  for (auto found = find_text(text, separator); ok && found != std::string_view::npos && !made.full(most);
       found = find_text(text, separator, start)) {
    ok = made.add(text.substr(start, found - start));
    start = found + separator.size();
  }
  if (ok)
    made.add(text.substr(start));
  return made.list();
}

/// Searched in the mirror, because there is no search from the right that takes linear time.
result<object> split_from_right(pieces made, std::string_view text, std::string_view separator, std::int64_t most) {
  std::string mirrored{text.rbegin(), text.rend()};
  std::string mirrored_separator{separator.rbegin(), separator.rend()};
  std::size_t start = 0;
  bool ok = true;
  for (auto found = find_text(mirrored, mirrored_separator); ok && found != std::string_view::npos && !made.full(most);
       found = find_text(mirrored, mirrored_separator, start)) {
    ok = made.add(text.substr(text.size() - found, found - start));
    start = found + separator.size();
  }
  if (ok)
    made.add(text.substr(0, text.size() - start));
  return made.list(true);
}

/// (sep=, maxsplit=-1)
template <bool FromRight>
result<object> split_method(context& c, const object& self, const arguments& args) {
  auto separator = string_or_nothing(args, 0);
  auto most = integer_or(args, 1, -1);
  if (!separator)
    return failure(separator.error());
  if (!most)
    return failure(most.error());
  auto& text = *self.as_string();
  if (*separator && (*separator)->empty())
    return refuse("the separator must not be empty");
  if (!*separator) {
    if (FromRight && *most >= 0)
      return refuse("give a separator together with maxsplit");
    return split_at_blanks(pieces{c}, text, *most);
  }
  return FromRight ? split_from_right(pieces{c}, text, **separator, *most)
                   : split_at(pieces{c}, text, **separator, *most);
}

result<object> replace_method(context& c, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr || args[1].as_string() == nullptr)
    return refuse_kind(args[0].as_string() == nullptr ? args[0] : args[1], "a string");
  auto count = integer_or(args, 2, -1);
  if (!count)
    return failure(count.error());
  return replace(c, *self.as_string(), *args[0].as_string(), *args[1].as_string(), *count);
}

/// The argument is a string or a tuple of strings.
template <bool AtStart>
result<object> affix_method(context& c, const object& self, const arguments& args) {
  auto& text = *self.as_string();
  auto fits = [&](const std::string& affix) { return AtStart ? text.starts_with(affix) : text.ends_with(affix); };
  if (auto* affix = args[0].as_string())
    return object{value{fits(*affix)}};
  auto view = sequence::of(args[0]);
  if (!view || !view->is_tuple())
    return refuse_kind(args[0], "a string or a tuple of strings");
  for (std::size_t i = 0; i < view->size(); ++i) {
    auto item = view->look(i);
    if (auto ok = c.charge_copy(item); !ok)
      return failure(ok.error());
    if (item.as_string() == nullptr)
      return refuse_kind(item, "a string");
    if (fits(*item.as_string()))
      return object{value{true}};
  }
  return object{value{false}};
}

template <bool AtStart>
result<object> remove_affix(context& c, const object& self, const arguments& args) {
  auto* affix = args[0].as_string();
  if (affix == nullptr)
    return refuse_kind(args[0], "a string");
  std::string_view text = *self.as_string();
  if (AtStart && text.starts_with(*affix))
    text.remove_prefix(affix->size());
  else if (!AtStart && text.ends_with(*affix))
    text.remove_suffix(affix->size());
  return c.text(std::string{text});
}

result<object> join_method(context& c, const object& self, const arguments& args) {
  auto items = c.elements_of(args[0]);
  if (!items)
    return failure(items.error());
  for (auto& item : *items) {
    if (item.as_string() == nullptr)
      return refuse_kind(item, "a string in the list");
  }
  return join(c, *items, *self.as_string());
}

/// Position in characters, nothing if `part` is not in `text`.
std::optional<std::int64_t> find_part(const std::string& text, const std::string& part) {
  auto found = find_text(text, part);
  if (found == std::string_view::npos)
    return std::nullopt;
  return static_cast<std::int64_t>(utf8_length(std::string_view{text}.substr(0, found)));
}

result<object> find_method(context&, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  return object{value{find_part(*self.as_string(), *args[0].as_string()).value_or(-1)}};
}

result<object> index_method(context&, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  auto at = find_part(*self.as_string(), *args[0].as_string());
  return at ? object{value{*at}} : result<object>{refuse("the text does not occur")};
}

result<object> count_method(context&, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  auto& text = *self.as_string();
  auto& part = *args[0].as_string();
  if (part.empty())
    return object{value{static_cast<std::int64_t>(utf8_length(text) + 1)}};
  std::int64_t count = 0;
  for (auto at = find_text(text, part); at != std::string_view::npos; at = find_text(text, part, at + part.size()))
    ++count;
  return object{value{count}};
}

template <bool (*Fits)(char32_t)>
result<object> all_characters(context&, const object& self, const arguments&) {
  auto& text = *self.as_string();
  bool all = !text.empty();
  for (std::size_t at = 0; all && at < text.size();)
    all = Fits(next_code_point(text, at));
  return object{value{all}};
}

result<object> zfill_method(context& c, const object& self, const arguments& args) {
  auto width = integer_or(args, 0, 0);
  if (!width)
    return failure(width.error());
  if (*width > static_cast<std::int64_t>(limits::text))
    return refuse("the result is longer than 1 MiB");
  auto& text = *self.as_string();
  auto missing = *width - static_cast<std::int64_t>(utf8_length(text));
  auto sign = text.starts_with('-') || text.starts_with('+') ? 1U : 0U;
  auto zeros = std::string(static_cast<std::size_t>(std::max<std::int64_t>(missing, 0)), '0');
  return c.text(text.substr(0, sign) + zeros + text.substr(sign));
}

/// `'{} {1}'.format(...)`: positions only; conversions and widths are not supported.
result<object> format_method(context& c, const object& self, const arguments& args) {
  std::string_view text = *self.as_string();
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size() && out.size() <= limits::text; ++at) {
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
    auto end = text.find('}', at);
    if (x == '}' || end == std::string_view::npos)
      return refuse("the format has a single brace");
    auto field = text.substr(at + 1, end - at - 1);
    bool digits
      = field.size() < 4 && std::all_of(field.begin(), field.end(), [](char d) { return d >= '0' && d <= '9'; });
    if (!digits)
      return refuse("only {} and {0} are supported in a format");
    auto position = field.empty() ? next++ : static_cast<std::size_t>(std::stoul(std::string{field}));
    if (position >= args.rest().size())
      return refuse("there are fewer arguments than the format needs");
    auto piece = c.text_of(args.rest()[position]);
    if (!piece)
      return failure(piece.error());
    out += *piece;
    at = end;
  }
  return c.text(std::move(out));
}

bool is_decimal_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

} // namespace

const std::vector<builtin>& string_methods() {
  static const std::vector<builtin> all = {
    {"capitalize", {}, 0, false, convert<capitalize>},
    {"count", {"sub"}, 1, false, count_method},
    {"endswith", {"suffix"}, 1, false, affix_method<false>},
    {"find", {"sub"}, 1, false, find_method},
    {"format", {}, 0, true, format_method},
    {"index", {"sub"}, 1, false, index_method},
    {"isdigit", {}, 0, false, all_characters<is_decimal_digit>},
    {"isspace", {}, 0, false, all_characters<is_space>},
    {"join", {"iterable"}, 1, false, join_method},
    {"lower", {}, 0, false, convert<lower>},
    {"lstrip", {"chars"}, 0, false, strip_method<true, false>},
    {"removeprefix", {"prefix"}, 1, false, remove_affix<true>},
    {"removesuffix", {"suffix"}, 1, false, remove_affix<false>},
    {"replace", {"old", "new", "count"}, 2, false, replace_method},
    {"rsplit", {"sep", "maxsplit"}, 0, false, split_method<true>},
    {"rstrip", {"chars"}, 0, false, strip_method<false, true>},
    {"split", {"sep", "maxsplit"}, 0, false, split_method<false>},
    {"startswith", {"prefix"}, 1, false, affix_method<true>},
    {"strip", {"chars"}, 0, false, strip_method<true, true>},
    {"title", {}, 0, false, convert<title>},
    {"upper", {}, 0, false, convert<upper>},
    {"zfill", {"width"}, 1, false, zfill_method},
  };
  return all;
}

} // namespace sluice::language::detail
