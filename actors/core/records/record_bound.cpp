#include "actors/core/records/record_bound.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace sluice {

namespace {

/// Bytes of the first `count` lines.
std::size_t bytes_of_lines(std::string_view text, std::uint64_t count) {
  std::size_t end = 0;
  for (; count > 0; --count)
    end = text.find('\n', end) + 1;
  return end;
}

} // namespace

void record_bound::apply(record_batch& batch) {
  if (books_.empty())
    return;
  auto& keys = batch.receipt.keys;
  // The lines and keys of a stream stand together, in the order of the counts.
  std::size_t at = 0;
  std::size_t key = 0;
  for (auto& c : batch.receipt.counts) {
    auto& b = books_[c.stream];
    const auto kept = std::min(c.records, most_ - b.printed);
    if (kept < c.records) {
      b.cut = true;
      const auto bytes = bytes_of_lines(std::string_view{batch.lines}.substr(at), kept);
      batch.lines.erase(at + bytes, static_cast<std::size_t>(c.bytes) - bytes);
      if (!keys.empty())
        keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(key + kept),
                   keys.begin() + static_cast<std::ptrdiff_t>(key + c.records));
      c.records = kept;
      c.bytes = bytes;
    }
    b.printed += c.records;
    c.cut = b.cut;
    at += static_cast<std::size_t>(c.bytes);
    key += static_cast<std::size_t>(c.records);
  }
}

} // namespace sluice
