#pragma once

#include "config/language/value.hpp"
#include "messages/error.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

namespace sluice {

/// What one page may take in memory, all together: its body, the index over it, what templates decode of it, its RECORD
/// lines and parents. Many times what pages need; a few bytes that a server packed well could fill the memory without.
/// @param body bytes of the page's body.
/// @param max_body the largest body that is read at all.
constexpr std::size_t max_page_memory(std::size_t body, std::size_t max_body) noexcept {
  return (std::size_t{64} << 20) + std::min(24 * body, 12 * max_body);
}

/// What a page takes in memory, and may take.
struct page_costs {
  std::size_t limit = 0;
  /// The body, its index and the parents.
  std::size_t held = 0;
  /// For what templates decode of the page, and of each of its records.
  std::shared_ptr<language::memory_budget> response = std::make_shared<language::memory_budget>(0);
  std::shared_ptr<language::memory_budget> record = std::make_shared<language::memory_budget>(0);

  /// What is left, besides so many bytes of lines.
  std::size_t left(std::size_t lines) const noexcept {
    return limit - std::min(limit, held + lines + response->taken());
  }
};

/// `what` of the page would take more than it may: `errc::body_too_large`.
error too_much_memory(const page_costs& costs, const std::string& what);

} // namespace sluice
