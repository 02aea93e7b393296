#include "actors/net/spare_bodies.hpp"

#include "tests/support/catch2.hpp"

using namespace sluice::net;

TEST_CASE("the memory of a body serves the next one, the last given first") {
  spare_bodies spares;
  CHECK(spares.take().capacity() < 100);
  std::string first(1000, 'a');
  std::string second(2000, 'b');
  const auto* first_memory = first.data();
  const auto* second_memory = second.data();
  spares.give(std::move(first));
  spares.give(std::move(second));
  CHECK(spares.take().data() == second_memory);
  CHECK(spares.take().data() == first_memory);
  CHECK(spares.take().capacity() < 100);
}

TEST_CASE("bodies of unusual size are not kept, and no more than a few") {
  spare_bodies spares;
  spares.give(std::string(3 << 20, 'x'));
  CHECK(spares.take().capacity() < 100);
  for (int i = 0; i < 10'000; ++i)
    spares.give(std::string(1000, 'x'));
  int kept = 0;
  while (spares.take().capacity() >= 1000)
    ++kept;
  CHECK(kept >= 2);
  CHECK(kept < 10'000);
}
