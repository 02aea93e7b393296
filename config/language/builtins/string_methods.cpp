#include "config/language/builtins/method_tables.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/characters.hpp"
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
    return c_.make_list(std::move(made_));
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

/// The part of a text that `start` and `end` (parameters 1 and 2) leave, and where it begins, in characters.
struct text_window {
  std::string_view text;
  std::int64_t first = 0;
};

result<text_window> window_of(const object& self, const arguments& args) {
  std::string_view text = *self.as_string();
  if (!args.has(1))
    return text_window{text, 0};
  auto size = static_cast<std::int64_t>(utf8_length(text));
  std::int64_t bounds[] = {0, size};
  for (std::size_t i : {0U, 1U}) {
    if (!args.has(i + 1) || args[i + 1].is_none())
      continue;
    auto x = as_integer(args[i + 1]);
    if (!x)
      return refuse_kind(args[i + 1], "an integer");
    bounds[i] = *x < 0 ? std::max<std::int64_t>(*x + size, 0) : std::min(*x, size + 1);
  }
  if (bounds[0] > size || bounds[1] < bounds[0])
    return text_window{{}, -1}; // not even an empty text is in it
  auto from = utf8_offset(text, static_cast<std::size_t>(bounds[0]));
  auto to = utf8_offset(text, static_cast<std::size_t>(bounds[1]));
  return text_window{text.substr(from, to - from), bounds[0]};
}

/// (affix, start=, end=): the affix is a string or a tuple of strings.
template <bool AtStart>
result<object> affix_method(context& c, const object& self, const arguments& args) {
  auto window = window_of(self, args);
  if (!window)
    return failure(window.error());
  auto fits = [&](const std::string& affix) {
    return window->first >= 0 && (AtStart ? window->text.starts_with(affix) : window->text.ends_with(affix));
  };
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

/// Where the last `part` in `text` begins; npos if there is none.
std::size_t find_last(std::string_view text, std::string_view part) {
  std::string mirrored{text.rbegin(), text.rend()};
  std::string mirrored_part{part.rbegin(), part.rend()};
  auto found = find_text(mirrored, mirrored_part);
  return found == std::string_view::npos ? found : text.size() - found - part.size();
}

/// (sub, start=, end=): the position in characters, -1 if it is not there.
template <bool Last>
result<std::int64_t> find_part(const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  auto window = window_of(self, args);
  if (!window)
    return failure(window.error());
  if (window->first < 0)
    return -1;
  auto& part = *args[0].as_string();
  auto found = Last ? find_last(window->text, part) : find_text(window->text, part);
  if (found == std::string_view::npos)
    return -1;
  return window->first + static_cast<std::int64_t>(utf8_length(window->text.substr(0, found)));
}

template <bool Last>
result<object> find_method(context&, const object& self, const arguments& args) {
  return find_part<Last>(self, args).map([](std::int64_t at) { return object{value{at}}; });
}

template <bool Last>
result<object> index_method(context&, const object& self, const arguments& args) {
  auto at = find_part<Last>(self, args);
  if (at && *at < 0)
    return refuse("the text does not occur");
  return at.map([](std::int64_t found) { return object{value{found}}; });
}

result<object> count_method(context&, const object& self, const arguments& args) {
  if (args[0].as_string() == nullptr)
    return refuse_kind(args[0], "a string");
  auto window = window_of(self, args);
  if (!window)
    return failure(window.error());
  auto& part = *args[0].as_string();
  if (window->first < 0)
    return object{value{0}};
  if (part.empty())
    return object{value{static_cast<std::int64_t>(utf8_length(window->text) + 1)}};
  std::int64_t count = 0;
  for (auto at = find_text(window->text, part); at != std::string_view::npos;
       at = find_text(window->text, part, at + part.size()))
    ++count;
  return object{value{count}};
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

} // namespace

const std::vector<builtin>& string_methods() {
  static const std::vector<builtin> all = {
    {"capitalize", {}, 0, false, convert<capitalize>},
    {"count", {"sub", "start", "end"}, 1, false, count_method},
    {"endswith", {"suffix", "start", "end"}, 1, false, affix_method<false>},
    {"find", {"sub", "start", "end"}, 1, false, find_method<false>},
    {"index", {"sub", "start", "end"}, 1, false, index_method<false>},
    {"join", {"iterable"}, 1, false, join_method},
    {"lower", {}, 0, false, convert<lower>},
    {"lstrip", {"chars"}, 0, false, strip_method<true, false>},
    {"removeprefix", {"prefix"}, 1, false, remove_affix<true>},
    {"removesuffix", {"suffix"}, 1, false, remove_affix<false>},
    {"replace", {"old", "new", "count"}, 2, false, replace_method},
    {"rfind", {"sub", "start", "end"}, 1, false, find_method<true>},
    {"rindex", {"sub", "start", "end"}, 1, false, index_method<true>},
    {"rsplit", {"sep", "maxsplit"}, 0, false, split_method<true>},
    {"rstrip", {"chars"}, 0, false, strip_method<false, true>},
    {"split", {"sep", "maxsplit"}, 0, false, split_method<false>},
    {"startswith", {"prefix", "start", "end"}, 1, false, affix_method<true>},
    {"strip", {"chars"}, 0, false, strip_method<true, true>},
    {"title", {}, 0, false, convert<title>},
    {"upper", {}, 0, false, convert<upper>},
    {"zfill", {"width"}, 1, false, zfill_method},
  };
  return all;
}

} // namespace sluice::language::detail
