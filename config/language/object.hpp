#pragma once

#include "config/language/datetime.hpp"
#include "config/language/value.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::language::detail {

class entity;
struct made_dict;
struct made_list;

/// Jinja's Undefined: renders as "", is false, has no elements; reading anything from it is an error.
struct undefined {
  /// What is missing, for messages: `response.links`. May be empty.
  std::string what;
};

/// Python's `date`.
struct date {
  std::chrono::sys_days day{};
  bool operator==(const date&) const = default;
};

/// What an expression evaluates to: a value, or something that exists only while a template is evaluated. Lists and
/// dicts that a template makes belong to its evaluation (`object_store`) and can be changed; those that it is given
/// are values and cannot.
class object {
public:
  object() = default; // none
  object(value x) : data_(std::move(x)) {}
  object(undefined x) : data_(std::move(x)) {}
  object(date x) : data_(x) {}
  object(duration x) : data_(x) {}
  object(made_list* x) : data_(x) {}
  object(made_dict* x) : data_(x) {}
  object(const entity* x) : data_(x) {}
  /// The value itself instead of a copy: it must outlive the evaluation, as variables and constants do.
  static object borrow(const value& x) noexcept {
    object result;
    result.data_ = &x;
    return result;
  }

  const value* as_value() const noexcept {
    auto* borrowed = std::get_if<const value*>(&data_);
    return borrowed != nullptr ? *borrowed : std::get_if<value>(&data_);
  }
  /// A part of this value: borrowed if this is.
  object part(const value& x) const { return is_borrowed() ? borrow(x) : object{x}; }
  const undefined* as_undefined() const noexcept { return std::get_if<undefined>(&data_); }
  const date* as_date() const noexcept { return std::get_if<date>(&data_); }
  const duration* as_duration() const noexcept { return std::get_if<duration>(&data_); }
  /// A list, tuple, view or generator that a template has made.
  made_list* as_made_list() const noexcept { return made<made_list>(); }
  made_dict* as_made_dict() const noexcept { return made<made_dict>(); }
  /// A function, macro, namespace, ...
  const entity* as_entity() const noexcept {
    auto* x = std::get_if<const entity*>(&data_);
    return x == nullptr ? nullptr : *x;
  }

  /// True for what lives elsewhere: passing it on copies nothing.
  bool is_borrowed() const noexcept { return std::holds_alternative<const value*>(data_); }
  bool is_none() const noexcept { return as_value() != nullptr && as_value()->is_none(); }
  const std::string* as_string() const noexcept;
  const big_integer* as_big() const noexcept;
  const datetime* as_datetime() const noexcept;
  /// A list or tuple; a dict. Unlike `sequence` and `mapping`, these decode nothing.
  bool is_list() const noexcept;
  bool is_dict() const noexcept;
  /// A generator: it gives its elements once.
  bool is_generator() const noexcept;

private:
  template <class T>
  T* made() const noexcept {
    auto* x = std::get_if<T*>(&data_);
    return x == nullptr ? nullptr : *x;
  }

  std::variant<value, const value*, undefined, date, duration, made_list*, made_dict*, const entity*> data_;
};

enum class list_kind : std::uint8_t { list, tuple, keys, values, items, generator };

/// What a template makes of several objects.
struct made_list {
  std::vector<object> items;
  list_kind kind = list_kind::list;
  /// The elements that a generator has given.
  std::size_t taken = 0;
  /// A tuple of `groupby`: `grouper` and `list`.
  bool is_group = false;
  /// It is being written: Python shows a list within itself as `[...]`.
  bool is_shown = false;
};

/// A dict that a template makes: any key in the order of its first use.
struct made_dict {
  std::vector<std::pair<object, object>> items;
  bool is_shown = false;
};

/// A view of a list or tuple, whatever it is made of.
class sequence {
public:
  /// The view of `x`, nothing if it is no list or tuple. `x` must outlive it.
  static std::optional<sequence> of(const object& x) noexcept;

  std::size_t size() const noexcept { return list_ != nullptr ? list_->size() : made_->items.size(); }
  object operator[](std::size_t i) const { return list_ != nullptr ? object{(*list_)[i]} : made_->items[i]; }
  /// An element to look at, which costs no copy; what this is a view of must outlive it.
  object look(std::size_t i) const { return list_ != nullptr ? object::borrow((*list_)[i]) : made_->items[i]; }
  /// The bytes of an element that is a text: what copying it costs.
  std::size_t text_size(std::size_t i) const {
    const auto element = look(i);
    const auto* text = element.as_string();
    return text == nullptr ? 0 : text->size();
  }
  bool is_tuple() const noexcept { return made_ != nullptr && made_->kind == list_kind::tuple; }

private:
  const value_list* list_ = nullptr;
  const made_list* made_ = nullptr;
};

/// A view of a dict, whatever it is made of.
class mapping {
public:
  /// The view of `x`, nothing if it is no dict. `x` must outlive it.
  static std::optional<mapping> of(const object& x) noexcept;

  std::size_t size() const noexcept { return dict_ != nullptr ? dict_->size() : made_->items.size(); }
  object key(std::size_t i) const {
    return dict_ != nullptr ? object{value{(*dict_)[i].first}} : made_->items[i].first;
  }
  object at(std::size_t i) const {
    return dict_ == nullptr ? made_->items[i].second
           : borrows_       ? object::borrow((*dict_)[i].second)
                            : object{(*dict_)[i].second};
  }
  /// The bytes of a key and an element that are texts: what copying them costs.
  std::size_t text_size(std::size_t i) const;

private:
  const value_dict* dict_ = nullptr;
  const made_dict* made_ = nullptr;
  bool borrows_ = false;
};

/// What a dict has for `key`, nothing if it has nothing or is none.
std::optional<object> find_item(const object& dict, const object& key);

/// How deep recursions into lists of lists go. Templates can nest them as deep as they may work.
inline constexpr std::size_t most_levels = 200;

/// How much there is to look at in `x`, in bytes, but at most about `cap`. Templates can share a list so often in
/// another that no machine could visit it all.
std::size_t weight(const object& x, std::size_t cap, std::size_t level = 0) noexcept;

/// The name of a dict's key in JSON, as Python's `json.dumps` writes it: `1`, `true`, `null`; nothing if it has none.
std::optional<std::string> json_key(const value& key);

/// The plain value that `x` is, tuples as lists; nothing if something in it exists in templates only.
std::optional<value> to_plain(const object& x, std::size_t level = 0);

/// The elements that Python's iteration gives: of a list, a dict's keys, a string's characters; none of an undefined.
/// Nothing if `x` is not iterable. A generator is empty afterwards.
std::optional<std::vector<object>> elements(const object& x);

/// Number of elements of a string (characters), list, tuple, dict, or undefined; nothing for others.
std::optional<std::size_t> length(const object& x) noexcept;

/// Python's truth.
bool truthy(const object& x) noexcept;

/// Python's `==`.
bool equal(const object& a, const object& b, std::size_t level = 0);

/// The integer that `x` is; bools count, as in Python.
std::optional<std::int64_t> as_integer(const object& x) noexcept;
/// The number that `x` is, integers and bools included, but not those beyond 64 bits, of which it would lose digits.
std::optional<double> as_number(const object& x) noexcept;

/// What messages call it: `a string`, `a list`, `undefined`. Never its content, which may be a secret.
std::string_view kind_of(const object& x) noexcept;

/// Python's name of the type: `str`, `dict`.
std::string_view python_type(const object& x) noexcept;

/// Appends Python's `str(x)` or `repr(x)`; false, and stops, as soon as `out` is longer than `limit`, if lists are too
/// deep in each other, or if a span with calendar months is in it, which has no text.
bool append_text(std::string& out, const object& x, std::size_t limit);
bool append_repr(std::string& out, const object& x, std::size_t limit, std::size_t level = 0);

} // namespace sluice::language::detail
