#include "config/language/lookup.hpp"

#include "config/language/calendar.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>

namespace sluice::language::detail {

namespace {

std::optional<object> calendar_field(const civil_time& c, bool with_time, std::string_view name) {
  if (name == "year")
    return value{c.year};
  if (name == "month")
    return value{static_cast<int>(c.month)};
  if (name == "day")
    return value{static_cast<int>(c.day)};
  if (with_time && name == "hour")
    return value{c.hour};
  if (with_time && name == "minute")
    return value{c.minute};
  if (with_time && name == "second")
    return value{c.second};
  if (with_time && name == "microsecond")
    return value{c.microsecond};
  return std::nullopt;
}

/// Python's timedelta: days, and the seconds and microseconds of the rest.
std::optional<object> span_field(const duration& span, std::string_view name) {
  auto days = std::chrono::floor<std::chrono::days>(span.exact);
  auto rest = span.exact - days;
  auto seconds = std::chrono::floor<std::chrono::seconds>(rest);
  if (name == "days")
    return value{std::int64_t{days.count()}};
  if (name == "seconds")
    return value{std::int64_t{seconds.count()}};
  if (name == "microseconds")
    return value{std::int64_t{(rest - seconds).count()}};
  return std::nullopt;
}

std::optional<object> time_field(const object& base, std::string_view name) {
  if (auto* t = base.as_datetime()) {
    auto c = to_civil(t->instant, t->offset);
    return c ? calendar_field(*c, true, name) : std::nullopt;
  }
  if (auto* d = base.as_date()) {
    auto c = to_civil(instant{d->day});
    return c ? calendar_field(*c, false, name) : std::nullopt;
  }
  auto* span = base.as_duration();
  return span != nullptr && span->months == 0 ? span_field(*span, name) : std::nullopt;
}

/// What Python's numbers have beside their value.
std::optional<object> number_field(const object& base, std::string_view name) {
  if (!as_number(base) && base.as_big() == nullptr)
    return std::nullopt;
  bool is_integer = as_integer(base) || base.as_big() != nullptr;
  if (name == "real")
    return base;
  if (name == "imag")
    return is_integer ? value{0} : value{0.0};
  if (is_integer && name == "numerator")
    return base;
  if (is_integer && name == "denominator")
    return value{1};
  return std::nullopt;
}

/// Position `i` in a sequence of `size`, from the end if negative.
std::optional<std::size_t> position(std::int64_t i, std::size_t size) {
  auto count = static_cast<std::int64_t>(size);
  if (i < -count || i >= count)
    return std::nullopt;
  return static_cast<std::size_t>(i < 0 ? i + count : i);
}

std::string character(const std::string& text, std::size_t index) {
  auto start = utf8_offset(text, index);
  auto end = start;
  next_code_point(text, end);
  return text.substr(start, end - start);
}

/// The positions that Python's slice takes.
std::vector<std::size_t> positions(const slice_bounds& bounds, std::int64_t step, std::size_t size) {
  auto count = static_cast<std::int64_t>(size);
  // Going down, the ends are one lower.
  std::int64_t low = step > 0 ? 0 : -1;
  std::int64_t high = step > 0 ? count : count - 1;
  auto clamp = [&](std::optional<std::int64_t> bound, std::int64_t otherwise) {
    if (!bound)
      return otherwise;
    return std::clamp(*bound < 0 ? std::max(*bound, -count - 1) + count : *bound, low, high);
  };
  auto first = clamp(bounds.first, step > 0 ? low : high);
  auto last = clamp(bounds.last, step > 0 ? high : low);
  std::vector<std::size_t> taken;
  // A step over the whole length is as good as a longer one, and cannot overflow.
  auto stride = std::clamp(step, -count - 1, count + 1);
  for (auto i = first; stride > 0 ? i < last : i > last; i += stride)
    taken.push_back(static_cast<std::size_t>(i));
  return taken;
}

} // namespace

result<object> read_attribute(context& c, const object& base, const std::string& name, bool is_method) {
  if (auto* missing = base.as_undefined())
    return refuse_undefined(*missing);
  if (is_method) {
    if (auto* method = find_method(base, name))
      return c.make_entity<builtin_entity>(*method, base);
  }
  if (auto* known = base.as_entity()) {
    if (auto x = known->attribute(c, name))
      return *x;
  }
  if (auto* plain = base.as_value()) {
    if (auto* x = plain->find(name))
      return base.part(*x);
  } else if (base.as_made_dict() != nullptr) {
    if (auto x = find_item(base, object{value{name}}))
      return *x;
  }
  if (auto* made = base.as_made_list(); made != nullptr && made->is_group && (name == "grouper" || name == "list"))
    return made->items[name == "list" ? 1 : 0];
  if (auto x = time_field(base, name))
    return *x;
  if (auto x = number_field(base, name))
    return *x;
  return object{undefined{name}};
}

result<object> read_key(context& c, const object& base, const std::string& key) {
  if (auto* missing = base.as_undefined())
    return refuse_undefined(*missing);
  if (auto* plain = base.as_value()) {
    if (auto* x = plain->find(key))
      return base.part(*x);
  } else if (base.as_made_dict() != nullptr) {
    if (auto x = find_item(base, object{value{key}}))
      return *x;
  }
  // What the key is may be a secret: a literal one is named by whoever asks.
  auto x = read_attribute(c, base, key, is_method(key));
  return x && x->as_undefined() != nullptr ? object{undefined{"an element"}} : x;
}

result<object> read_item(context& c, const object& base, const object& index) {
  if (auto* key = index.as_string())
    return read_key(c, base, *key);
  if (auto* missing = base.as_undefined())
    return refuse_undefined(*missing);
  if (base.is_dict()) {
    if (auto x = find_item(base, index))
      return *x;
  }
  object nothing{undefined{"an element"}};
  auto i = as_integer(index);
  if (!i)
    return nothing;
  if (auto view = sequence::of(base)) {
    auto at = position(*i, view->size());
    return !at ? nothing : base.is_borrowed() ? view->look(*at) : (*view)[*at];
  }
  if (auto* text = base.as_string()) {
    auto at = position(*i, utf8_length(*text));
    return at ? object{value{character(*text, *at)}} : nothing;
  }
  return nothing;
}

result<object> read_slice(context& c, const object& base, const slice_bounds& bounds) {
  auto step = bounds.step.value_or(1);
  if (step == 0)
    return refuse("a slice's step must not be 0");
  bool is_text = base.as_string() != nullptr;
  if (base.as_undefined() != nullptr)
    return refuse_undefined(*base.as_undefined());
  if (!is_text && !sequence::of(base)) // to Jinja something that is not there
    return object{undefined{"a slice of " + std::string{kind_of(base)}}};
  auto items = c.elements_of(base);
  if (!items)
    return tl::unexpected(items.error());
  std::string text;
  std::vector<object> taken;
  for (auto i : positions(bounds, step, items->size())) {
    if (is_text)
      text += *(*items)[i].as_string();
    else
      taken.push_back((*items)[i]);
  }
  if (is_text)
    return c.text(std::move(text));
  return c.make_list(std::move(taken), sequence::of(base)->is_tuple() ? list_kind::tuple : list_kind::list);
}

} // namespace sluice::language::detail
