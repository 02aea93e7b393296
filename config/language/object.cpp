#include "config/language/object.hpp"

#include "config/language/calendar.hpp"
#include "config/language/entity.hpp"
#include "config/language/json_part.hpp"
#include "config/language/value_text.hpp"
#include "messages/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <unordered_set>

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

bool append_items(std::string& out, made_list& x, std::size_t limit, std::size_t level) {
  bool is_tuple = x.kind == list_kind::tuple;
  if (x.is_shown) {
    out += is_tuple ? "(...)" : "[...]";
    return true;
  }
  x.is_shown = true;
  out.push_back(is_tuple ? '(' : '[');
  bool ok = level < most_levels;
  for (std::size_t i = 0; ok && i < x.items.size(); ++i) {
    if (i > 0)
      out += ", ";
    ok = append_repr(out, x.items[i], limit, level + 1);
  }
  if (is_tuple && x.items.size() == 1)
    out.push_back(',');
  out.push_back(is_tuple ? ')' : ']');
  x.is_shown = false;
  return ok && out.size() <= limit;
}

bool append_list(std::string& out, made_list& x, std::size_t limit, std::size_t level) {
  switch (x.kind) {
    case list_kind::list:
    case list_kind::tuple:
      return append_items(out, x, limit, level);
    case list_kind::generator:
      out += "<generator object at 0x0>";
      return true;
    default:
      out += x.kind == list_kind::keys ? "dict_keys(" : x.kind == list_kind::values ? "dict_values(" : "dict_items(";
      if (!append_items(out, x, limit, level))
        return false;
      out.push_back(')');
      return out.size() <= limit;
  }
}

bool append_dict(std::string& out, made_dict& x, std::size_t limit, std::size_t level) {
  if (x.is_shown) {
    out += "{...}";
    return true;
  }
  x.is_shown = true;
  out.push_back('{');
  bool ok = level < most_levels;
  for (std::size_t i = 0; ok && i < x.items.size(); ++i) {
    if (i > 0)
      out += ", ";
    ok = append_repr(out, x.items[i].first, limit, level + 1);
    out += ": ";
    ok = ok && append_repr(out, x.items[i].second, limit, level + 1);
  }
  out.push_back('}');
  x.is_shown = false;
  return ok && out.size() <= limit;
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

bool equal_sequences(const sequence& a, const sequence& b, std::size_t level) {
  if (a.size() != b.size() || a.is_tuple() != b.is_tuple())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal(a.look(i), b.look(i), level))
      return false;
  }
  return true;
}

bool equal_mappings(const mapping& a, const object& b, std::size_t level) {
  if (a.size() != mapping::of(b)->size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto other = find_item(b, a.key(i));
    if (!other || !equal(a.at(i), *other, level))
      return false;
  }
  return true;
}

} // namespace

const std::string* object::as_string() const noexcept {
  auto* x = as_value();
  return x == nullptr ? nullptr : x->as_string();
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
  if (auto* x = as_value())
    return x->is_list();
  auto* made = as_made_list();
  return made != nullptr && (made->kind == list_kind::list || made->kind == list_kind::tuple);
}

bool object::is_dict() const noexcept {
  auto* x = as_value();
  return x == nullptr ? as_made_dict() != nullptr : x->is_dict();
}

bool object::is_generator() const noexcept {
  auto* made = as_made_list();
  return made != nullptr && made->kind == list_kind::generator;
}

std::optional<sequence> sequence::of(const object& x) noexcept {
  sequence view;
  if (auto* plain = x.as_value())
    view.list_ = plain->as_list();
  else if (x.is_list())
    view.made_ = x.as_made_list();
  if (view.list_ == nullptr && view.made_ == nullptr)
    return std::nullopt;
  return view;
}

std::optional<mapping> mapping::of(const object& x) noexcept {
  mapping view;
  if (auto* plain = x.as_value())
    view.dict_ = plain->as_dict();
  view.made_ = x.as_made_dict();
  view.borrows_ = x.is_borrowed();
  if (view.dict_ == nullptr && view.made_ == nullptr)
    return std::nullopt;
  return view;
}

std::size_t mapping::text_size(std::size_t i) const {
  auto size_of = [](const std::string* text) { return text == nullptr ? 0 : text->size(); };
  if (dict_ != nullptr)
    return (*dict_)[i].first.size() + size_of((*dict_)[i].second.as_string());
  return size_of(made_->items[i].first.as_string()) + size_of(made_->items[i].second.as_string());
}

std::optional<object> find_item(const object& dict, const object& key) {
  if (auto* plain = dict.as_value()) {
    auto* x = key.as_string() == nullptr ? nullptr : plain->find(*key.as_string());
    return x == nullptr ? std::nullopt : std::optional{dict.part(*x)};
  }
  if (auto* made = dict.as_made_dict()) {
    for (auto& [known, x] : made->items) {
      if (equal(known, key))
        return x;
    }
  }
  return std::nullopt;
}

std::size_t weight(const object& x, std::size_t cap, std::size_t level) noexcept {
  if (auto* plain = x.as_value())
    return weight(*plain, cap);
  if (level > most_levels)
    return cap;
  std::size_t sum = node_weight;
  if (auto* made = x.as_made_list()) {
    for (std::size_t i = 0; i < made->items.size() && sum < cap; ++i)
      sum += weight(made->items[i], cap - sum, level + 1);
  } else if (auto* dict = x.as_made_dict()) {
    for (std::size_t i = 0; i < dict->items.size() && sum < cap; ++i) {
      sum += weight(dict->items[i].first, cap - sum, level + 1);
      sum += sum < cap ? weight(dict->items[i].second, cap - sum, level + 1) : 0;
    }
  }
  return sum;
}

std::optional<std::string> json_key(const value& key) {
  if (key.is_list() || key.is_dict() || key.as_datetime() != nullptr)
    return std::nullopt;
  return key.as_string() != nullptr ? *key.as_string() : to_json(key);
}

std::optional<value> to_plain(const object& x, std::size_t level) {
  if (auto* plain = x.as_value())
    return *plain;
  if (level > most_levels)
    return std::nullopt;
  if (x.is_list()) {
    value_list list;
    for (auto& item : x.as_made_list()->items) {
      auto plain = to_plain(item, level + 1);
      if (!plain)
        return std::nullopt;
      list.push_back(std::move(*plain));
    }
    return value{std::move(list)};
  }
  if (auto* made = x.as_made_dict()) {
    value_dict dict;
    std::unordered_set<std::string> names;
    for (auto& [key, item] : made->items) {
      auto name = key.as_value() == nullptr ? std::nullopt : json_key(*key.as_value());
      auto plain = to_plain(item, level + 1);
      if (!name || !plain || !names.insert(*name).second)
        return std::nullopt;
      dict.emplace_back(std::move(*name), std::move(*plain));
    }
    return value{std::move(dict)};
  }
  return std::nullopt;
}

std::optional<std::vector<object>> elements(const object& x) {
  std::vector<object> items;
  if (auto view = sequence::of(x)) {
    items.reserve(view->size());
    for (std::size_t i = 0; i < view->size(); ++i)
      items.push_back((*view)[i]);
  } else if (auto dict = mapping::of(x)) {
    items.reserve(dict->size());
    for (std::size_t i = 0; i < dict->size(); ++i)
      items.push_back(dict->key(i));
  } else if (auto* made = x.as_made_list()) {
    items.assign(made->items.begin() + static_cast<std::ptrdiff_t>(made->taken), made->items.end());
    if (made->kind == list_kind::generator)
      made->taken = made->items.size();
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
  if (auto* made = x.as_made_list())
    return made->kind == list_kind::generator ? std::nullopt : std::optional{made->items.size()};
  if (auto* made = x.as_made_dict())
    return made->items.size();
  if (auto* text = x.as_string())
    return utf8_length(*text);
  if (x.as_undefined() != nullptr)
    return 0;
  return std::nullopt;
}

bool truthy(const object& x) noexcept {
  if (auto* plain = x.as_value())
    return language::truthy(*plain);
  if (auto* made = x.as_made_list())
    return made->kind == list_kind::generator || !made->items.empty();
  if (auto* made = x.as_made_dict())
    return !made->items.empty();
  if (auto* span = x.as_duration())
    return *span != duration{};
  return x.as_undefined() == nullptr;
}

bool equal(const object& a, const object& b, std::size_t level) {
  if (auto* x = a.as_value(), *y = b.as_value(); x != nullptr && y != nullptr)
    return *x == *y;
  if (a.as_undefined() != nullptr || b.as_undefined() != nullptr)
    return a.as_undefined() != nullptr && b.as_undefined() != nullptr;
  if (auto* x = a.as_date(), *y = b.as_date(); x != nullptr && y != nullptr)
    return *x == *y;
  if (auto* x = a.as_duration(), *y = b.as_duration(); x != nullptr && y != nullptr)
    return *x == *y;
  if (a.as_entity() != nullptr || b.as_entity() != nullptr)
    return a.as_entity() == b.as_entity();
  if (a.as_made_list() != nullptr && a.as_made_list() == b.as_made_list())
    return true;
  if (a.as_made_dict() != nullptr && a.as_made_dict() == b.as_made_dict())
    return true;
  if (level > most_levels) // whoever compares them pays for more work than there is first
    return false;
  if (a.is_list() && b.is_list())
    return equal_sequences(*sequence::of(a), *sequence::of(b), level + 1);
  if (a.is_dict() && b.is_dict())
    return equal_mappings(*mapping::of(a), b, level + 1);
  return false;
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
  if (auto* made = x.as_made_list())
    return made->kind == list_kind::tuple       ? "a tuple"
           : made->kind == list_kind::list      ? "a list"
           : made->kind == list_kind::generator ? "a generator"
                                                : "a view of a dict";
  if (x.as_made_dict() != nullptr)
    return "a dict";
  if (auto* known = x.as_entity())
    return known->kind();
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

std::string_view python_type(const object& x) noexcept {
  if (x.as_date() != nullptr)
    return "datetime.date";
  if (x.as_duration() != nullptr)
    return "datetime.timedelta";
  if (x.is_list())
    return sequence::of(x)->is_tuple() ? "tuple" : "list";
  if (x.is_dict())
    return "dict";
  if (x.as_value() == nullptr)
    return "object";
  auto& plain = *x.as_value();
  if (plain.as_bool() != nullptr)
    return "bool";
  if (plain.as_string() != nullptr)
    return "str";
  if (plain.as_double() != nullptr)
    return "float";
  if (plain.as_datetime() != nullptr)
    return "datetime.datetime";
  return plain.is_none() ? "NoneType" : "int";
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

bool append_repr(std::string& out, const object& x, std::size_t limit, std::size_t level) {
  if (auto* plain = x.as_value())
    return append_repr(out, *plain, limit);
  if (auto* made = x.as_made_list())
    return append_list(out, *made, limit, level);
  if (auto* made = x.as_made_dict())
    return append_dict(out, *made, limit, level);
  if (auto* d = x.as_date()) {
    out += date_repr(*d);
  } else if (auto* span = x.as_duration()) {
    if (span->months != 0)
      return false;
    out += span_repr(span->exact);
  } else if (auto* known = x.as_entity()) {
    out += known->text();
  } else {
    out += "Undefined";
  }
  return out.size() <= limit;
}

} // namespace sluice::language::detail
