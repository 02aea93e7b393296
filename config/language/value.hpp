#pragma once

#include "messages/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::language {

class value;

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

/// A value in a template or a manifest: what Python would call None, bool, int, float, str, list, dict, datetime.
/// Cheap to copy: lists and dicts are shared and immutable.
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

  bool is_none() const noexcept { return std::holds_alternative<std::monostate>(data_); }
  const bool* as_bool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const double* as_double() const noexcept { return std::get_if<double>(&data_); }
  const std::string* as_string() const noexcept { return std::get_if<std::string>(&data_); }
  const datetime* as_datetime() const noexcept { return std::get_if<datetime>(&data_); }
  const value_list* as_list() const noexcept;
  const value_dict* as_dict() const noexcept;
  /// The dict's value for `key`, or nullptr (also if this is no dict).
  const value* find(std::string_view key) const noexcept;

  /// Python's `==`: 1, 1.0 and true are equal, the order of a dict's keys does not count, datetimes compare as
  /// instants.
  bool operator==(const value& other) const;

private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, datetime, std::shared_ptr<const value_list>,
               std::shared_ptr<const value_dict>>
    data_;
};

/// Parses JSON text into a value. Integers beyond 64 bits (signed) become doubles, the last of equal keys wins, an
/// escaped half of a surrogate pair becomes U+FFFD. Nesting is bounded (256). Errors are `errc::bad_response` and never
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
