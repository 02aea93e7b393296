#include "config/language/object.hpp"

#include "config/language/calendar.hpp"
#include "config/language/json_part.hpp"
#include "config/language/value_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sluice::language::detail {

namespace {

std::string date_text(const date& d) {
  auto text = iso_text({d.day, std::chrono::seconds{0}}, 'T');
  return text.substr(0, text.find('T'));
}

std::string date_repr(const date& d) {
  std::chrono::year_month_day c{d.day};
  return "datetime.date(" + std::to_string(static_cast<int>(c.year())) + ", "
         + std::to_string(static_cast<unsigned>(c.month())) + ", " + std::to_string(static_cast<unsigned>(c.day()))
         + ")";
}

/// Python's `str(timedelta)`: `-1 day, 23:00:00`, `0:00:00.500000`.
std::string span_text(std::chrono::microseconds span) {
  auto days = std::chrono::floor<std::chrono::days>(span);
  std::chrono::hh_mm_ss rest{span - days};
  std::string text;
  if (days.count() != 0)
    text = std::to_string(days.count()) + (std::abs(days.count()) == 1 ? " day, " : " days, ");
  std::array<char, 64> buffer;
  int length = std::snprintf(buffer.data(), buffer.size(), "%d:%02d:%02d", static_cast<int>(rest.hours().count()),
                             static_cast<int>(rest.minutes().count()), static_cast<int>(rest.seconds().count()));
  text.append(buffer.data(), static_cast<std::size_t>(length));
  if (rest.subseconds().count() != 0) {
    length = std::snprintf(buffer.data(), buffer.size(), ".%06d", static_cast<int>(rest.subseconds().count()));
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
  return text;
}

bool append_items(std::string& out, const sequence_items& x, std::size_t limit) {
  out.push_back(x.is_tuple ? '(' : '[');
  for (std::size_t i = 0; i < x.items.size(); ++i) {
    if (i > 0)
      out += ", ";
    if (!append_repr(out, x.items[i], limit))
      return false;
  }
  if (x.is_tuple && x.items.size() == 1)
    out.push_back(',');
  out.push_back(x.is_tuple ? ')' : ']');
  return out.size() <= limit;
}

constexpr std::size_t node_weight = 16;

std::size_t weight(const value& x, std::size_t cap) noexcept {
  std::size_t sum = node_weight;
  if (auto* text = x.as_string())
    return sum + text->size();
  if (auto* part = x.as_json_part())
    return sum + std::min(part->bytes(), cap);
  if (auto* list = x.as_list()) {
    for (std::size_t i = 0; i < list->size() && sum < cap; ++i)
      sum += weight((*list)[i], cap - sum);
  } else if (auto* dict = x.as_dict()) {
    for (std::size_t i = 0; i < dict->size() && sum < cap; ++i)
      sum += (*dict)[i].first.size() + weight((*dict)[i].second, cap - sum);
  }
  return sum;
}

bool equal_sequences(const sequence& a, const sequence& b) {
  if (a.size() != b.size() || a.is_tuple() != b.is_tuple())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal(a.look(i), b.look(i)))
      return false;
  }
  return true;
}

} // namespace

const sequence_items* object::as_items() const noexcept {
  auto* items = std::get_if<std::shared_ptr<const sequence_items>>(&data_);
  return items == nullptr ? nullptr : items->get();
}

const std::string* object::as_string() const noexcept {
  auto* x = as_value();
  return x == nullptr ? nullptr : x->as_string();
}

const value_dict* object::as_dict() const noexcept {
  auto* x = as_value();
  return x == nullptr ? nullptr : x->as_dict();
}

const big_integer* object::as_big() const noexcept {
  auto* x = as_value();
  return x == nullptr ? nullptr : x->as_big();
}

const datetime* object::as_datetime() const noexcept {
  auto* x = as_value();
  return x == nullptr ? nullptr : x->as_datetime();
}

bool object::is_list() const noexcept {
  auto* x = as_value();
  return x == nullptr ? as_items() != nullptr : x->is_list();
}

bool object::is_dict() const noexcept {
  auto* x = as_value();
  return x != nullptr && x->is_dict();
}

std::optional<sequence> sequence::of(const object& x) noexcept {
  sequence view;
  if (auto* plain = x.as_value())
    view.list_ = plain->as_list();
  view.items_ = x.as_items();
  if (view.list_ == nullptr && view.items_ == nullptr)
    return std::nullopt;
  return view;
}

object make_sequence(std::vector<object> items, bool is_tuple) {
  bool plain = !is_tuple && std::all_of(items.begin(), items.end(), [](auto& x) { return x.as_value() != nullptr; });
  if (!plain)
    return sequence_items{std::move(items), is_tuple};
  value_list list;
  list.reserve(items.size());
  for (auto& item : items)
    list.push_back(*item.as_value());
  return value{std::move(list)};
}

std::size_t weight(const object& x, std::size_t cap) noexcept {
  if (auto* plain = x.as_value())
    return weight(*plain, cap);
  std::size_t sum = node_weight;
  if (auto* items = x.as_items()) {
    for (std::size_t i = 0; i < items->items.size() && sum < cap; ++i)
      sum += weight(items->items[i], cap - sum);
  }
  return sum;
}

std::optional<value> to_plain(const object& x) {
  if (auto* plain = x.as_value())
    return *plain;
  if (x.as_items() == nullptr)
    return std::nullopt;
  value_list list;
  for (auto& item : x.as_items()->items) {
    auto plain = to_plain(item);
    if (!plain)
      return std::nullopt;
    list.push_back(std::move(*plain));
  }
  return value{std::move(list)};
}

std::optional<std::vector<object>> elements(const object& x) {
  std::vector<object> items;
  if (auto view = sequence::of(x)) {
    items.reserve(view->size());
    for (std::size_t i = 0; i < view->size(); ++i)
      items.push_back((*view)[i]);
  } else if (auto* dict = x.as_dict()) {
    for (auto& [key, ignored] : *dict)
      items.push_back(value{key});
  } else if (auto* text = x.as_string()) {
    for (std::size_t at = 0; at < text->size();) {
      auto start = at;
      next_code_point(*text, at);
      items.push_back(value{text->substr(start, at - start)});
    }
  } else if (x.as_undefined() == nullptr) {
    return std::nullopt;
  }
  return items;
}

std::optional<std::size_t> length(const object& x) noexcept {
  if (auto* plain = x.as_value(); plain != nullptr && (plain->is_list() || plain->is_dict()))
    return plain->size();
  if (auto* items = x.as_items())
    return items->items.size();
  if (auto* text = x.as_string())
    return utf8_length(*text);
  if (x.as_undefined() != nullptr)
    return 0;
  return std::nullopt;
}

bool truthy(const object& x) noexcept {
  if (auto* plain = x.as_value())
    return language::truthy(*plain);
  if (auto* items = x.as_items())
    return !items->items.empty();
  if (auto* span = x.as_duration())
    return *span != duration{};
  return x.as_undefined() == nullptr;
}

bool equal(const object& a, const object& b) {
  if (auto* x = a.as_value(), *y = b.as_value(); x != nullptr && y != nullptr)
    return *x == *y;
  if (a.as_undefined() != nullptr || b.as_undefined() != nullptr)
    return a.as_undefined() != nullptr && b.as_undefined() != nullptr;
  if (auto* x = a.as_date(), *y = b.as_date(); x != nullptr && y != nullptr)
    return *x == *y;
  if (auto* x = a.as_duration(), *y = b.as_duration(); x != nullptr && y != nullptr)
    return *x == *y;
  auto x = sequence::of(a);
  auto y = sequence::of(b);
  return x && y && equal_sequences(*x, *y);
}

std::optional<std::int64_t> as_integer(const object& x) noexcept {
  auto* plain = x.as_value();
  if (plain == nullptr)
    return std::nullopt;
  if (auto* i = plain->as_int())
    return *i;
  if (auto* b = plain->as_bool())
    return *b ? 1 : 0;
  return std::nullopt;
}

std::optional<double> as_number(const object& x) noexcept {
  if (auto i = as_integer(x))
    return static_cast<double>(*i);
  if (auto* plain = x.as_value(); plain != nullptr && plain->as_double() != nullptr)
    return *plain->as_double();
  return std::nullopt;
}

std::string_view kind_of(const object& x) noexcept {
  if (x.as_undefined() != nullptr)
    return "undefined";
  if (x.as_date() != nullptr)
    return "a date";
  if (x.as_duration() != nullptr)
    return "a duration";
  if (auto* items = x.as_items())
    return items->is_tuple ? "a tuple" : "a list";
  auto& plain = *x.as_value();
  if (plain.as_bool() != nullptr)
    return "a boolean";
  if (plain.as_int() != nullptr || plain.as_big() != nullptr)
    return "an integer";
  if (plain.as_double() != nullptr)
    return "a float";
  if (plain.as_string() != nullptr)
    return "a string";
  if (plain.as_datetime() != nullptr)
    return "a datetime";
  if (plain.is_list())
    return "a list";
  return plain.is_dict() ? "a dict" : "none";
}

bool append_text(std::string& out, const object& x, std::size_t limit) {
  if (x.as_undefined() != nullptr)
    return true;
  if (auto* d = x.as_date())
    out += date_text(*d);
  else if (auto* span = x.as_duration(); span != nullptr && span->months == 0)
    out += span_text(span->exact);
  else if (auto* plain = x.as_value())
    return append_text(out, *plain, limit);
  else
    return append_repr(out, x, limit);
  return out.size() <= limit;
}

bool append_repr(std::string& out, const object& x, std::size_t limit) {
  if (auto* plain = x.as_value())
    return append_repr(out, *plain, limit);
  if (auto* items = x.as_items())
    return append_items(out, *items, limit);
  if (auto* d = x.as_date()) {
    out += date_repr(*d);
  } else if (auto* span = x.as_duration()) {
    if (span->months != 0)
      return false;
    out += span_repr(span->exact);
  } else {
    out += "Undefined";
  }
  return out.size() <= limit;
}

} // namespace sluice::language::detail
