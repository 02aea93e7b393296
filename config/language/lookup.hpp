#pragma once

#include "config/language/context.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice::language::detail {

// How templates read parts of values, by Jinja's rules: what is missing is undefined, and reading from something
// undefined is an error.

/// `base.name`: a method, a field of a datetime, date or duration, or a key of a dict. `is_method`:
/// `language::detail::is_method` of the name.
result<object> read_attribute(context& c, const object& base, const std::string& name, bool is_method);

/// `base[index]`: a key, or a position (negative from the end) in a list, tuple or string; an attribute if there is
/// none.
result<object> read_item(context& c, const object& base, const object& index);

/// The same for a key that is a text: what most templates do.
result<object> read_key(context& c, const object& base, const std::string& key);

struct slice_bounds {
  std::optional<std::int64_t> first;
  std::optional<std::int64_t> last;
  std::optional<std::int64_t> step;
};

/// `base[first:last:step]` of a list, tuple or string.
result<object> read_slice(context& c, const object& base, const slice_bounds& bounds);

} // namespace sluice::language::detail
