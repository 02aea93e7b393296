#pragma once

#include "actors/core/decode/page_index.hpp"
#include "config/manifest/plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {

/// The rows of a page, as far as they tell it from other pages.
struct page_rows {
  std::uint64_t count = 0;
  /// The texts of the first and the last row.
  std::string_view first{};
  std::string_view last{};

  /// Of the first and the last row and their number: pages of one list that agree in these are one page. 0: no rows.
  std::uint64_t fingerprint() const;
};

/// The rows of the list that `pagination::total` speaks of, where they cannot be had from the records of an output: all
/// outputs select something inside the rows, or there are several and the page itself must tell which of their paths
/// leads to a list. nullopt: the records of `endpoint::rows_output` are the rows.
std::optional<page_rows> rows_beside_outputs(const endpoint& e, const page_index& page);

} // namespace sluice
