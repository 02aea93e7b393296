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

class object;

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

/// A tuple, or a list with elements that only templates know. Plain lists stay values.
struct sequence_items {
  std::vector<object> items;
  bool is_tuple = false;
};

/// What an expression evaluates to: a value, or something that exists only while a template is evaluated.
class object {
public:
  object() = default; // none
  object(value x) : data_(std::move(x)) {}
  object(undefined x) : data_(std::move(x)) {}
  object(date x) : data_(x) {}
  object(duration x) : data_(x) {}
  object(sequence_items x) : data_(std::make_shared<const sequence_items>(std::move(x))) {}
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
  const sequence_items* as_items() const noexcept;

  /// True for what lives elsewhere: passing it on copies nothing.
  bool is_borrowed() const noexcept { return std::holds_alternative<const value*>(data_); }
  bool is_none() const noexcept { return as_value() != nullptr && as_value()->is_none(); }
  const std::string* as_string() const noexcept;
  const value_dict* as_dict() const noexcept;
  const big_integer* as_big() const noexcept;
  const datetime* as_datetime() const noexcept;
  /// A list or tuple; a dict. Unlike the questions for their elements, these decode nothing.
  bool is_list() const noexcept;
  bool is_dict() const noexcept;

private:
  std::variant<value, const value*, undefined, date, duration, std::shared_ptr<const sequence_items>> data_;
};

/// A view of a list or tuple, whatever it is made of.
class sequence {
public:
  /// The view of `x`, nothing if it is no list or tuple. `x` must outlive it.
  static std::optional<sequence> of(const object& x) noexcept;

  std::size_t size() const noexcept { return list_ != nullptr ? list_->size() : items_->items.size(); }
  object operator[](std::size_t i) const { return list_ != nullptr ? object{(*list_)[i]} : items_->items[i]; }
  /// An element to look at, which costs no copy; what this is a view of must outlive it.
  object look(std::size_t i) const {
    auto* plain = plain_at(i);
    return plain != nullptr ? object::borrow(*plain) : items_->items[i];
  }
  /// The bytes of an element that is a text: what copying it costs.
  std::size_t text_size(std::size_t i) const {
    auto* plain = plain_at(i);
    return plain != nullptr && plain->as_string() != nullptr ? plain->as_string()->size() : 0;
  }
  bool is_tuple() const noexcept { return items_ != nullptr && items_->is_tuple; }

private:
  const value* plain_at(std::size_t i) const { return list_ != nullptr ? &(*list_)[i] : items_->items[i].as_value(); }

  const value_list* list_ = nullptr;
  const sequence_items* items_ = nullptr;
};

/// The list or tuple of these elements, as a plain value if it can be one.
object make_sequence(std::vector<object> items, bool is_tuple = false);

/// How much there is to look at in `x`, in bytes, but at most about `cap`. Templates can share a list so often in
/// another that no machine could visit it all.
std::size_t weight(const object& x, std::size_t cap) noexcept;

/// The plain value that `x` is, tuples as lists; nothing if something in it exists in templates only.
std::optional<value> to_plain(const object& x);

/// The elements that Python's iteration gives: of a list, a dict's keys, a string's characters; none of an undefined.
/// Nothing if `x` is not iterable.
std::optional<std::vector<object>> elements(const object& x);

/// Number of elements of a string (characters), list, tuple, dict, or undefined; nothing for others.
std::optional<std::size_t> length(const object& x) noexcept;

/// Python's truth.
bool truthy(const object& x) noexcept;

/// Python's `==`.
bool equal(const object& a, const object& b);

/// The integer that `x` is; bools count, as in Python.
std::optional<std::int64_t> as_integer(const object& x) noexcept;
/// The number that `x` is, integers and bools included, but not those beyond 64 bits, of which it would lose digits.
std::optional<double> as_number(const object& x) noexcept;

/// What messages call it: `a string`, `a list`, `undefined`. Never its content, which may be a secret.
std::string_view kind_of(const object& x) noexcept;

/// Appends Python's `str(x)` or `repr(x)`; false, and stops, as soon as `out` is longer than `limit`, or if a span with
/// calendar months is in it, which has no text.
bool append_text(std::string& out, const object& x, std::size_t limit);
bool append_repr(std::string& out, const object& x, std::size_t limit);

} // namespace sluice::language::detail
