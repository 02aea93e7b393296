#include "config/language/builtins/filter_tables.hpp"
#include "config/language/builtins/text_functions.hpp"

#include <array>

namespace sluice::language::detail {

namespace {

std::array<const std::vector<builtin>*, 4> filter_tables() {
  return {&sequence_filters(), &text_filters(), &encoding_filters(), &layout_filters()};
}

} // namespace

const builtin* find_filter(std::string_view name) noexcept {
  for (auto* table : filter_tables()) {
    if (auto* found = find_builtin(*table, name))
      return found;
  }
  return nullptr;
}

std::vector<std::string_view> filter_names() {
  std::vector<std::string_view> names;
  for (auto* table : filter_tables()) {
    auto some = names_of(*table);
    names.insert(names.end(), some.begin(), some.end());
  }
  return names;
}

} // namespace sluice::language::detail
