#include "config/language/method_tables.hpp"
#include "config/language/operators.hpp"
#include "config/language/text_functions.hpp"

#include <algorithm>
#include <array>

namespace sluice::language::detail {

namespace {

using failure = tl::unexpected<evaluation_error>;

// -- dict ------------------------------------------------------------------------

result<object> dict_get(context&, const object& self, const arguments& args) {
  auto* x = args[0].as_string() == nullptr ? nullptr : self.as_value()->find(*args[0].as_string());
  if (x != nullptr)
    return self.part(*x);
  return args.has(1) ? args[1] : object{};
}

result<object> dict_keys(context& c, const object& self, const arguments&) {
  auto keys = c.elements_of(self);
  return keys ? make_sequence(std::move(*keys)) : result<object>{failure(keys.error())};
}

result<object> dict_values(context& c, const object& self, const arguments&) {
  auto& dict = *self.as_dict();
  value_list out;
  for (auto& [ignored, x] : dict) {
    if (auto ok = c.charge(sizeof(object)).and_then([&] { return c.charge_copy(object::borrow(x)); }); !ok)
      return failure(ok.error());
    out.push_back(x);
  }
  return object{value{std::move(out)}};
}

result<object> dict_items(context& c, const object& self, const arguments&) {
  auto& dict = *self.as_dict();
  std::vector<object> out;
  for (auto& [key, x] : dict) {
    auto ok = c.charge(key.size() + 3 * sizeof(object)).and_then([&] { return c.charge_copy(object::borrow(x)); });
    if (!ok)
      return failure(ok.error());
    out.push_back(make_sequence({object{value{key}}, object{x}}, true));
  }
  return make_sequence(std::move(out));
}

const std::vector<builtin>& dict_methods() {
  static const std::vector<builtin> all = {
    {"get", {"key", "default"}, 1, false, dict_get},
    {"items", {}, 0, false, dict_items},
    {"keys", {}, 0, false, dict_keys},
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

result<object> list_index(context& c, const object& self, const arguments& args) {
  auto found = matches(c, self, args[0]);
  if (!found)
    return failure(found.error());
  if (found->empty())
    return refuse("the value is not in the list");
  return object{value{static_cast<std::int64_t>(found->front())}};
}

const std::vector<builtin>& list_methods() {
  static const std::vector<builtin> all = {
    {"count", {"value"}, 1, false, list_count},
    {"index", {"value"}, 1, false, list_index},
  };
  return all;
}

const std::vector<builtin>* methods_of(const object& self) {
  if (self.as_string() != nullptr)
    return &string_methods();
  if (self.is_dict())
    return &dict_methods();
  if (self.as_datetime() != nullptr)
    return &datetime_methods();
  if (self.as_date() != nullptr)
    return &date_methods();
  if (self.as_duration() != nullptr)
    return &duration_methods();
  return self.is_list() ? &list_methods() : nullptr;
}

std::array<const std::vector<builtin>*, 6> all_tables() {
  return {&string_methods(),   &dict_methods(), &list_methods(),
          &datetime_methods(), &date_methods(), &duration_methods()};
}

} // namespace

const builtin* find_method(const object& self, std::string_view name) noexcept {
  auto* methods = methods_of(self);
  return methods == nullptr ? nullptr : find_builtin(*methods, name);
}

bool is_method(std::string_view name) noexcept {
  auto tables = all_tables();
  return std::any_of(tables.begin(), tables.end(), [&](auto* t) { return find_builtin(*t, name) != nullptr; });
}

std::vector<std::string_view> method_names() {
  std::vector<std::string_view> names;
  for (auto* table : all_tables()) {
    auto some = names_of(*table);
    names.insert(names.end(), some.begin(), some.end());
  }
  return names;
}

} // namespace sluice::language::detail
