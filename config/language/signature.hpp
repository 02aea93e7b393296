#pragma once

#include "config/language/object.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace sluice::language::detail {

class context;

/// What Python would have raised.
enum class error_kind : std::uint8_t {
  other,
  /// Something undefined was used (Jinja's UndefinedError), which conditions take for false.
  undefined,
  /// A value of the wrong type (TypeError), for which the reference takes the template's own text.
  type,
  /// The run's time is up.
  interrupted,
};

/// Why an expression has no value. Messages name kinds and places, never contents, which may be secret.
struct evaluation_error {
  std::string message;
  error_kind kind = error_kind::other;
  /// Byte position in the source, once known.
  std::optional<std::size_t> at{};
};

template <class T>
using result = tl::expected<T, evaluation_error>;

/// Shorthand for returning an error.
inline tl::unexpected<evaluation_error> refuse(std::string message, error_kind kind = error_kind::other) {
  return tl::unexpected<evaluation_error>(evaluation_error{std::move(message), kind});
}

/// The arguments of a call, evaluated.
struct call_values {
  std::vector<object> positional;
  std::vector<std::pair<std::string, object>> named;
};

/// Arguments of a call, put to the parameters they belong to.
class arguments {
public:
  bool has(std::size_t parameter) const noexcept { return parameter < slots_.size() && slots_[parameter].has_value(); }
  /// The argument for a parameter that is required, or that `has` confirmed.
  const object& operator[](std::size_t parameter) const { return *slots_[parameter]; }
  /// The arguments of a function that takes any number.
  const std::vector<object>& rest() const noexcept { return rest_; }
  /// The named arguments of a function that takes any name.
  const std::vector<std::pair<std::string, object>>& named() const noexcept { return named_; }
  /// The arguments of a function that takes a certain number.
  const std::vector<std::optional<object>>& slots() const noexcept { return slots_; }
  /// The compiled pattern of a regex filter whose pattern is a literal.
  const re2::RE2* pattern() const noexcept { return pattern_; }
  void set_pattern(const re2::RE2* pattern) noexcept { pattern_ = pattern; }

private:
  friend struct builtin;
  std::vector<std::optional<object>> slots_;
  std::vector<object> rest_;
  std::vector<std::pair<std::string, object>> named_;
  const re2::RE2* pattern_ = nullptr;
};

/// `self` is the value that is filtered, tested or whose method is called.
using handler = result<object> (*)(context& c, const object& self, const arguments& args);

/// A function, filter, test or method, and how it may be called.
struct builtin {
  std::string_view name;
  std::vector<std::string_view> parameters;
  std::size_t required = 0;
  /// Takes any number of positional arguments instead of the parameters.
  bool variadic = false;
  handler run = nullptr;
  /// Takes arguments of any name, beside any number of positional ones.
  bool keywords = false;

  /// Puts evaluated arguments to their parameters. A call of another shape is Python's TypeError.
  result<arguments> bind(call_values given) const;
};

/// Nothing if there is no such function (filter, test).
const builtin* find_function(std::string_view name) noexcept;
/// Those that are there only where a template is allowed their name, as if it were a variable's: `json_loads`.
const builtin* find_granted_function(std::string_view name) noexcept;
const builtin* find_filter(std::string_view name) noexcept;
const builtin* find_test(std::string_view name) noexcept;
/// The method of `self`'s type.
const builtin* find_method(const object& self, std::string_view name) noexcept;
/// True if a method of that name exists for any type.
bool is_method(std::string_view name) noexcept;

std::vector<std::string_view> function_names();
std::vector<std::string_view> filter_names();
std::vector<std::string_view> test_names();

/// The candidate most like `name`, if one is alike at all.
std::optional<std::string_view> nearest(std::string_view name, const std::vector<std::string_view>& candidates);

} // namespace sluice::language::detail
