#include "actors/support/spare_indexes.hpp"

#include "tests/support/catch2.hpp"

#include <memory>
#include <utility>

using namespace sluice;

namespace {

struct some_memory final : index_memory {
  std::size_t bytes() const noexcept override { return 1; }
};

} // namespace

TEST_CASE("spare memory of indexes is handed out once, the latest first") {
  spare_indexes spares;
  CHECK_FALSE(spares.take());
  auto first = std::make_unique<some_memory>();
  auto second = std::make_unique<some_memory>();
  const index_memory* const names[] = {first.get(), second.get()};
  spares.give(std::move(first));
  spares.give(std::move(second));
  CHECK(spares.take().get() == names[1]);
  CHECK(spares.take().get() == names[0]);
  CHECK_FALSE(spares.take());
}

TEST_CASE("no more spare memory is kept than pages are cut at the same time") {
  spare_indexes spares;
  for (int i = 0; i < 10'000; ++i)
    spares.give(std::make_unique<some_memory>());
  int kept = 0;
  while (spares.take())
    ++kept;
  CHECK(kept >= 2);
  CHECK(kept < 10'000);
}
