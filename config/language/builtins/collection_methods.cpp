#include "config/language/builtins/collections.hpp"
#include "config/language/builtins/method_tables.hpp"
#include "config/language/builtins/text_functions.hpp"
#include "config/language/operators.hpp"

#include <algorithm>
#include <array>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

/// What belongs to the template; everything else is data that others read as well.
tl::unexpected<evaluation_error> refuse_change(const object& self) {
  return refuse(std::string{kind_of(self)} + " that the template is given cannot be changed: copy it before, with "
                + (self.is_dict() ? "dict(...)" : "'| list'"));
}

// -- dict ------------------------------------------------------------------------

result<object> dict_get(context&, const object& self, const arguments& args) {
  auto x = find_item(self, args[0]);
  return x ? *x : args.has(1) ? args[1] : object{};
}

result<object> dict_keys(context& c, const object& self, const arguments&) {
  auto keys = c.elements_of(self);
  return keys ? c.make_list(std::move(*keys), list_kind::keys) : result<object>{failure(keys.error())};
}

result<object> dict_values(context& c, const object& self, const arguments&) {
  if (auto ok = c.charge_elements(self); !ok)
    return failure(ok.error());
  auto dict = *mapping::of(self);
  std::vector<object> out;
  for (std::size_t i = 0; i < dict.size(); ++i)
    out.push_back(dict.at(i));
  return c.make_list(std::move(out), list_kind::values);
}

result<object> dict_items(context& c, const object& self, const arguments&) {
  auto items = item_pairs(c, self);
  return items ? c.make_list(std::move(*items), list_kind::items) : result<object>{failure(items.error())};
}

result<object> dict_copy(context& c, const object& self, const arguments&) {
  return copy_dict(c, self);
}

auto find_entry(made_dict& dict, const object& key) {
  return std::find_if(dict.items.begin(), dict.items.end(), [&](auto& item) { return equal(item.first, key); });
}

result<object> dict_pop(context&, const object& self, const arguments& args) {
  auto* dict = self.as_made_dict();
  if (dict == nullptr)
    return refuse_change(self);
  auto found = find_entry(*dict, args[0]);
  if (found == dict->items.end())
    return args.has(1) ? args[1] : result<object>{refuse("the dict has no such key")};
  auto x = std::move(found->second);
  dict->items.erase(found);
  return x;
}

result<object> dict_popitem(context& c, const object& self, const arguments&) {
  auto* dict = self.as_made_dict();
  if (dict == nullptr)
    return refuse_change(self);
  if (dict->items.empty())
    return refuse("the dict is empty");
  auto [key, x] = std::move(dict->items.back());
  dict->items.pop_back();
  return c.make_list({std::move(key), std::move(x)}, list_kind::tuple);
}

result<object> dict_setdefault(context& c, const object& self, const arguments& args) {
  if (auto x = find_item(self, args[0]))
    return *x;
  if (self.as_made_dict() == nullptr)
    return refuse_change(self);
  auto x = args.has(1) ? args[1] : object{};
  auto ok = set_item(c, *self.as_made_dict(), args[0], x);
  return ok ? result<object>{x} : failure(ok.error());
}

/// A dict, pairs, and named arguments.
result<object> dict_update(context& c, const object& self, const arguments& args) {
  auto* dict = self.as_made_dict();
  if (dict == nullptr)
    return refuse_change(self);
  if (args.rest().size() > 1)
    return refuse("it takes one dict", error_kind::type);
  auto ok = fill_dict(c, *dict, args);
  return ok ? object{} : result<object>{failure(ok.error())};
}

result<object> dict_clear(context&, const object& self, const arguments&) {
  auto* dict = self.as_made_dict();
  if (dict == nullptr)
    return refuse_change(self);
  dict->items.clear();
  return object{};
}

const std::vector<builtin>& dict_methods() {
  static const std::vector<builtin> all = {
    {"clear", {}, 0, false, dict_clear},
    {"copy", {}, 0, false, dict_copy},
    {"get", {"key", "default"}, 1, false, dict_get},
    {"items", {}, 0, false, dict_items},
    {"keys", {}, 0, false, dict_keys},
    {"pop", {"key", "default"}, 1, false, dict_pop},
    {"popitem", {}, 0, false, dict_popitem},
    {"setdefault", {"key", "default"}, 1, false, dict_setdefault},
    {"update", {}, 0, true, dict_update, true},
    {"values", {}, 0, false, dict_values},
  };
  return all;
}

// -- list, tuple -------------------------------------------------------------------

/// The positions of the elements that equal `x`.
result<std::vector<std::size_t>> matches(context& c, const object& self, const object& x) {
  std::vector<std::size_t> found;
  auto view = *sequence::of(self);
  for (std::size_t i = 0; i < view.size(); ++i) {
    auto same = compare(c, comparison_operator::equal, view.look(i), x);
    if (!same)
      return failure(same.error());
    if (*same)
      found.push_back(i);
  }
  return found;
}

result<object> list_count(context& c, const object& self, const arguments& args) {
  auto found = matches(c, self, args[0]);
  return found ? object{value{static_cast<std::int64_t>(found->size())}} : result<object>{failure(found.error())};
}

/// (value, start=0, stop=)
result<object> list_index(context& c, const object& self, const arguments& args) {
  auto found = matches(c, self, args[0]);
  if (!found)
    return failure(found.error());
  auto size = static_cast<std::int64_t>(sequence::of(self)->size());
  auto bound = [&](std::size_t parameter, std::int64_t otherwise) {
    auto x = args.has(parameter) ? as_integer(args[parameter]).value_or(otherwise) : otherwise;
    return x < 0 ? std::max<std::int64_t>(x + size, 0) : x;
  };
  auto first = bound(1, 0);
  auto last = bound(2, size);
  for (auto at : *found) {
    auto i = static_cast<std::int64_t>(at);
    if (i >= first && i < last)
      return object{value{i}};
  }
  return refuse("the value is not in the list");
}

/// The list that a method may change; nothing if it may not.
made_list* changeable(const object& self) {
  auto* list = self.as_made_list();
  return list != nullptr && list->kind == list_kind::list ? list : nullptr;
}

template <result<object> (*Change)(context& c, made_list& list, const arguments& args)>
result<object> change(context& c, const object& self, const arguments& args) {
  auto* list = changeable(self);
  if (list == nullptr)
    return refuse_change(self);
  if (list->items.size() > limits::elements)
    return refuse("the list has more than 65536 elements");
  return Change(c, *list, args);
}

result<object> append(context& c, made_list& list, const arguments& args) {
  if (auto ok = c.charge(sizeof(object)).and_then([&] { return c.charge_copy(args[0]); }); !ok)
    return failure(ok.error());
  list.items.push_back(args[0]);
  return object{};
}

result<object> extend(context& c, made_list& list, const arguments& args) {
  auto items = c.elements_of(args[0]);
  if (!items)
    return failure(items.error());
  list.items.insert(list.items.end(), items->begin(), items->end());
  return object{};
}

result<object> insert(context& c, made_list& list, const arguments& args) {
  auto at = as_integer(args[0]);
  if (!at)
    return refuse_kind(args[0], "an integer");
  auto size = static_cast<std::int64_t>(list.items.size());
  if (auto ok = c.charge(list.items.size()).and_then([&] { return c.charge_copy(args[1]); }); !ok)
    return failure(ok.error());
  list.items.insert(list.items.begin() + std::clamp(*at < 0 ? *at + size : *at, std::int64_t{0}, size), args[1]);
  return object{};
}

result<object> pop(context& c, made_list& list, const arguments& args) {
  auto size = static_cast<std::int64_t>(list.items.size());
  auto at = args.has(0) ? as_integer(args[0]) : -1;
  if (!at)
    return refuse_kind(args[0], "an integer");
  if (*at < -size || *at >= size)
    return refuse("the list has no such element");
  if (auto ok = c.charge(list.items.size()); !ok)
    return failure(ok.error());
  auto found = list.items.begin() + (*at < 0 ? *at + size : *at);
  auto x = std::move(*found);
  list.items.erase(found);
  return x;
}

result<object> remove(context& c, made_list& list, const arguments& args) {
  auto found = matches(c, object{&list}, args[0]);
  if (!found)
    return failure(found.error());
  if (found->empty())
    return refuse("the value is not in the list");
  list.items.erase(list.items.begin() + static_cast<std::ptrdiff_t>(found->front()));
  return object{};
}

result<object> clear(context&, made_list& list, const arguments&) {
  list.items.clear();
  return object{};
}

result<object> reverse(context& c, made_list& list, const arguments&) {
  if (auto ok = c.charge(list.items.size()); !ok)
    return failure(ok.error());
  std::reverse(list.items.begin(), list.items.end());
  return object{};
}

/// (key=none, reverse=false)
result<object> sort(context& c, made_list& list, const arguments& args) {
  std::vector<object> keys;
  bool has_key = args.has(0) && !args[0].is_none();
  for (auto& item : list.items) {
    auto key = has_key ? call_object(c, args[0], {{item}, {}}) : result<object>{item};
    if (!key)
      return key;
    keys.push_back(std::move(*key));
  }
  auto sorted = sort_by(c, list.items, keys, args.has(1) && truthy(args[1]));
  if (!sorted)
    return failure(sorted.error());
  list.items = std::move(*sorted);
  return object{};
}

result<object> list_copy(context& c, const object& self, const arguments&) {
  auto items = c.elements_of(self);
  return items ? c.make_list(std::move(*items)) : result<object>{failure(items.error())};
}

const std::vector<builtin>& list_methods() {
  static const std::vector<builtin> all = {
    {"append", {"object"}, 1, false, change<append>},
    {"clear", {}, 0, false, change<clear>},
    {"copy", {}, 0, false, list_copy},
    {"count", {"value"}, 1, false, list_count},
    {"extend", {"iterable"}, 1, false, change<extend>},
    {"index", {"value", "start", "stop"}, 1, false, list_index},
    {"insert", {"index", "object"}, 2, false, change<insert>},
    {"pop", {"index"}, 0, false, change<pop>},
    {"remove", {"value"}, 1, false, change<remove>},
    {"reverse", {}, 0, false, change<reverse>},
    {"sort", {"key", "reverse"}, 0, false, change<sort>},
  };
  return all;
}

const std::vector<builtin>& tuple_methods() {
  static const std::vector<builtin> all = {
    {"count", {"value"}, 1, false, list_count},
    {"index", {"value", "start", "stop"}, 1, false, list_index},
  };
  return all;
}

const std::vector<builtin>* methods_of(const object& self) {
  if (self.as_string() != nullptr)
    return &string_methods();
  if (self.is_dict())
    return &dict_methods();
  if (self.is_list())
    return self.as_made_list() != nullptr && self.as_made_list()->kind == list_kind::tuple ? &tuple_methods()
                                                                                           : &list_methods();
  if (self.as_datetime() != nullptr)
    return &datetime_methods();
  if (self.as_date() != nullptr)
    return &date_methods();
  if (self.as_duration() != nullptr)
    return &duration_methods();
  if (as_number(self) || self.as_big() != nullptr)
    return self.as_value()->as_double() != nullptr ? &float_methods() : &integer_methods();
  return nullptr;
}

std::array<const std::vector<builtin>*, 9> all_tables() {
  return {&text_methods(), &string_methods(),   &dict_methods(),    &list_methods(), &datetime_methods(),
          &date_methods(), &duration_methods(), &integer_methods(), &float_methods()};
}

} // namespace

const builtin* find_method(const object& self, std::string_view name) noexcept {
  auto* methods = methods_of(self);
  auto* found = methods == nullptr ? nullptr : find_builtin(*methods, name);
  return found == nullptr && self.as_string() != nullptr ? find_builtin(text_methods(), name) : found;
}

bool is_method(std::string_view name) noexcept {
  auto tables = all_tables();
  return std::any_of(tables.begin(), tables.end(), [&](auto* t) { return find_builtin(*t, name) != nullptr; });
}

bool changes_its_object(std::string_view name) noexcept {
  static constexpr std::array names
    = {"append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort", "update"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace sluice::language::detail
