#pragma once

#include "config/language/context.hpp"

#include <vector>

namespace sluice::language::detail {

// What several filters, functions and methods do with lists and dicts.

/// The elements in the order of their keys, which Python must be able to compare; equal ones keep their order.
result<std::vector<object>> sort_by(context& c, const std::vector<object>& items, const std::vector<object>& keys,
                                    bool reverse);

/// A dict's items as tuples.
result<std::vector<object>> item_pairs(context& c, const object& dict);

/// A dict with the same items, which the template may change.
result<object> copy_dict(context& c, const object& dict);

/// Puts into a dict what Python's `dict(...)` takes: a dict or pairs, and named arguments.
result<void> fill_dict(context& c, made_dict& to, const arguments& args);

/// Reads the attribute `path` of elements, as filters with an argument `attribute` do: names and positions with dots,
/// or a number. `none` is the element itself.
class attribute_reader {
public:
  /// @param otherwise what stands for an attribute that is missing, if something does.
  static result<attribute_reader> make(const object& path, std::optional<object> otherwise = std::nullopt,
                                       bool ignore_case = false);
  result<object> operator()(context& c, const object& x) const;

private:
  std::vector<object> path_;
  std::optional<object> otherwise_;
  bool ignore_case_ = false;
};

} // namespace sluice::language::detail
