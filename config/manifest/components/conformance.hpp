#pragma once

#include <string_view>
#include <vector>

namespace sluice {

/// A case of tests/conformance that is about a component, which it names by its type.
struct covering_case {
  std::string_view component;
  /// `pages/offset-filtered`; with ` (pending)` behind it if the case shows something that is not right yet.
  std::string_view name;
};

/// All of them, as they were when the program was built: config/CMakeLists.txt writes the source.
const std::vector<covering_case>& conformance_cases();

} // namespace sluice
