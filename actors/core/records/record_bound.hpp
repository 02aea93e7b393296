#pragma once

#include "messages/page.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice {

/// Keeps what is printed to so many records of each stream (`plan::record_limit`). Pages that were asked for before it
/// was known that a stream has enough may bring more: these are left out. Pure.
class record_bound {
public:
  /// @param most records of each stream; 0: no bound.
  record_bound(std::size_t streams, std::uint64_t most) : most_(most), books_(most > 0 ? streams : 0) {}

  /// Leaves out of a page's lines what is beyond, and marks in its receipt the streams that have lost records by now.
  void apply(record_batch& batch);

private:
  struct book {
    std::uint64_t printed = 0;
    bool cut = false;
  };

  std::uint64_t most_;
  std::vector<book> books_;
};

} // namespace sluice
