#include "actors/core/records/record_bound.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

namespace {

/// A page of `a` records of stream 0 and `b` of stream 1.
record_batch page_of(std::uint64_t a, std::uint64_t b) {
  record_batch batch;
  for (auto [stream, records] : {std::pair{0u, a}, {1u, b}}) {
    const auto before = batch.lines.size();
    for (std::uint64_t i = 0; i < records; ++i) {
      batch.lines += (stream == 0 ? "a" : "bb") + std::to_string(i) + "\n";
      batch.receipt.keys.push_back(stream * 100 + i);
    }
    batch.receipt.counts.push_back({stream, records, batch.lines.size() - before});
  }
  return batch;
}

} // namespace

TEST_CASE("without a limit a page is passed on as it is") {
  record_bound bound{2, 0};
  auto page = page_of(3, 2);
  bound.apply(page);
  CHECK(page.lines == page_of(3, 2).lines);
  CHECK(!page.receipt.counts[0].cut);
}

TEST_CASE("what is beyond a stream's limit is left out of lines, counts and keys, whatever the others have") {
  record_bound bound{2, 3};
  auto first = page_of(2, 5);
  bound.apply(first);
  CHECK(first.lines == "a0\na1\nbb0\nbb1\nbb2\n");
  CHECK(first.receipt.counts[0].records == 2);
  CHECK(!first.receipt.counts[0].cut);
  CHECK(first.receipt.counts[1].records == 3);
  CHECK(first.receipt.counts[1].bytes == std::string{"bb0\nbb1\nbb2\n"}.size());
  CHECK(first.receipt.counts[1].cut);
  CHECK(first.receipt.keys == std::vector<std::uint64_t>{0, 1, 100, 101, 102});
  auto second = page_of(4, 1);
  bound.apply(second);
  CHECK(second.lines == "a0\n");
  CHECK(second.receipt.counts[0].cut);
  CHECK(second.receipt.keys == std::vector<std::uint64_t>{0});
}

TEST_CASE("a stream that has exactly enough has lost nothing, until more comes") {
  record_bound bound{2, 2};
  auto exact = page_of(2, 0);
  bound.apply(exact);
  CHECK(!exact.receipt.counts[0].cut);
  auto empty = page_of(0, 0);
  bound.apply(empty);
  CHECK(!empty.receipt.counts[0].cut);
  auto more = page_of(1, 0);
  bound.apply(more);
  CHECK(more.lines.empty());
  CHECK(more.receipt.counts[0].cut);
  // A later page of the same slice may be empty: the slice has lost records all the same.
  auto last = page_of(0, 0);
  bound.apply(last);
  CHECK(last.receipt.counts[0].cut);
}
