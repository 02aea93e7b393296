#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::language {

class value;

namespace detail {
class json_part;
}

/// A list of values.
using value_list = std::vector<value>;
/// A dict that keeps the order of its keys. Keys are unique.
using value_dict = std::vector<std::pair<std::string, value>>;
/// A point in time (UTC) with the offset in which it was written.
struct datetime {
  std::chrono::sys_time<std::chrono::microseconds> instant{};
  std::chrono::seconds offset{0};
  bool operator==(const datetime&) const = default;
};

/// An integer that does not fit 64 bits: all its decimal digits, with a minus in front if it is negative. Made by
/// `make_integer` alone, so that equal numbers are equal texts.
struct big_integer {
  std::string digits;
  bool operator==(const big_integer&) const = default;
};
/// A dict whose keys are found in any case if there is none in the case asked for: headers.
struct caseless_dict {
  value_dict items;
};

/// A value in a template or a manifest: what Python would call None, bool, int, float, str, list, dict, datetime.
/// Cheap to copy: lists and dicts are shared and immutable. Those of `json_in_place` are decoded when they are asked
/// for their elements, so they belong to one thread.
class value {
public:
  value() = default; // none
  value(bool x) : data_(x) {}
  value(std::int64_t x) : data_(x) {}
  value(int x) : data_(static_cast<std::int64_t>(x)) {}
  value(double x) : data_(x) {}
  value(std::string x) : data_(std::move(x)) {}
  value(const char* x) : data_(std::string{x}) {}
  value(datetime x) : data_(x) {}
  value(value_list x) : data_(std::make_shared<const value_list>(std::move(x))) {}
  value(value_dict x) : data_(std::make_shared<const value_dict>(std::move(x))) {}
  value(big_integer x) : data_(std::move(x)) {}
  value(caseless_dict x) : data_(std::make_shared<const caseless_dict>(std::move(x))) {}
  explicit value(std::shared_ptr<const detail::json_part> x) : data_(std::move(x)) {}

  bool is_none() const noexcept { return std::holds_alternative<std::monostate>(data_); }
  const bool* as_bool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const noexcept { return std::get_if<std::int64_t>(&data_); }
  /// An integer that `as_int` cannot give.
  const big_integer* as_big() const noexcept { return std::get_if<big_integer>(&data_); }
  const double* as_double() const noexcept { return std::get_if<double>(&data_); }
  const std::string* as_string() const noexcept { return std::get_if<std::string>(&data_); }
  const datetime* as_datetime() const noexcept { return std::get_if<datetime>(&data_); }
  /// The number that this is, bools excepted, as exactly as a double can tell.
  std::optional<double> number() const noexcept;
  const value_list* as_list() const noexcept;
  const value_dict* as_dict() const noexcept;
  /// The same questions without a look at the elements.
  bool is_list() const noexcept;
  bool is_dict() const noexcept;
  /// Number of elements of a list or dict, 0 of anything else.
  std::size_t size() const noexcept;
  /// A list or dict that is JSON text still, at least in part; nullptr for all others.
  const detail::json_part* as_json_part() const noexcept {
    auto* part = std::get_if<std::shared_ptr<const detail::json_part>>(&data_);
    return part == nullptr ? nullptr : part->get();
  }
  /// The dict's value for `key`, or nullptr (also if this is no dict).
  const value* find(std::string_view key) const noexcept;

  /// Python's `==`: 1, 1.0 and true are equal, the order of a dict's keys does not count, datetimes compare as
  /// instants.
  bool operator==(const value& other) const;

private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, datetime, std::shared_ptr<const value_list>,
               std::shared_ptr<const value_dict>, big_integer, std::shared_ptr<const caseless_dict>,
               std::shared_ptr<const detail::json_part>>
    data_;
};

/// The integer that plain decimal digits (with a minus, or with leading zeros) mean, of any size.
value make_integer(std::string_view digits);

/// Less than, equal to or greater than: integers (bools too) and floats of any size, exactly. Nothing if one is no
/// number.
std::optional<std::partial_ordering> compare_numbers(const value& a, const value& b);

/// Bounds what values of `json_in_place` take in memory, all of one document together. Counts what is made of the text,
/// roughly, with what the allocator adds. Not thread-safe.
class memory_budget {
public:
  explicit memory_budget(std::size_t bytes) noexcept : bytes_(bytes), left_(bytes) {}

  /// Takes so much, or refuses if it is not there any more.
  bool take(std::size_t bytes) noexcept {
    if (bytes > left_ || refused_)
      refused_ = true;
    else
      left_ -= bytes;
    return !refused_;
  }
  void refuse() noexcept { refused_ = true; }
  /// Something could not be decoded: what templates made of the document is not to be used.
  bool refused() const noexcept { return refused_; }
  /// For the next document, in whose place the values of the one before are gone.
  void begin_anew(std::size_t bytes) noexcept { bytes_ = left_ = bytes; }
  std::size_t taken() const noexcept { return bytes_ - left_; }

private:
  std::size_t bytes_;
  std::size_t left_;
  bool refused_ = false;
};

/// A value of JSON text that is decoded only where it is read, as `parse_json` would: of `response.a.b` nothing but
/// `b`. What would exceed the budget is none, or empty, and the budget says so. `text` must be valid JSON and outlive
/// the value and its copies.
value json_in_place(std::string_view text, const std::shared_ptr<memory_budget>& budget);

/// A dict that is JSON text whose fields somebody knows, so that nobody need look for them in the text: a record on its
/// way through the steps that change it.
class json_fields {
public:
  virtual ~json_fields() = default;
  /// The value for `key`, or nullptr. Stays where it is as long as the dict stays as it is.
  virtual const value* find_field(std::string_view key) const = 0;
  /// The whole dict's text, which may have to be put together first.
  virtual std::string_view text() const = 0;
  /// Roughly the size of that text.
  virtual std::size_t bytes() const noexcept = 0;
};

/// As the other, of a dict that changes: values of it are good until it does, and `fields` outlives them.
value json_in_place(const json_fields& fields, const std::shared_ptr<memory_budget>& budget);

/// Parses JSON text into a value. Integers keep all their digits, the last of equal keys wins, an escaped half of a
/// surrogate pair becomes U+FFFD. Nesting is bounded (256). Errors are `errc::bad_response` and never
/// quote the text.
expected<value> parse_json(std::string_view text);

/// Compact JSON text of a value (datetimes as ISO 8601 strings; NaN and infinities as null; bytes that are not UTF-8 as
/// U+FFFD). Floats keep their point: `2.0`, `1e16`.
std::string to_json(const value& x);

/// The text that `{{ x }}` renders: Python's `str(x)`, so `True`, `None`, `2.0`, `1e+16`, `{'a': [1, 'b']}`.
std::string to_text(const value& x);

/// Python's truth: none, false, 0, 0.0, "", empty list and empty dict are false.
bool truthy(const value& x) noexcept;

} // namespace sluice::language
