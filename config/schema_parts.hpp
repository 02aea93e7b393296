#pragma once

#include "config/language/value.hpp"

#include <string_view>

namespace sluice {

/// Calls `f` with each schema inside of a JSON schema that is about the same value: alternatives and conditions,
/// whether they apply or not.
template <class F>
void each_in_place(const language::value& schema, F f) {
  for (std::string_view keyword : {"allOf", "anyOf", "oneOf", "if", "then", "else"}) {
    const auto* part = schema.find(keyword);
    if (part == nullptr)
      continue;
    if (const auto* branches = part->as_list())
      for (const auto& branch : *branches)
        f(branch);
    else
      f(*part);
  }
}

} // namespace sluice
