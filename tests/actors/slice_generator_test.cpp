#include "actors/slice_generator.hpp"

#include "tests/actors/core/slices/slice_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A generator of `surveys` among probes.
struct generator_case {
  explicit generator_case(const slice_plan& p) {
    auto windows = cursor_windows::whole();
    if (const auto& cursor = p.done()->endpoints[0].cursor) {
      auto opened = cursor_state::open(*cursor, "");
      REQUIRE(opened);
      windows = opened->windows(false);
    }
    under_test
      = f.spawn(slice_generator, p.done(), endpoint_id{0}, slice_source::of_endpoint(p.done(), 0, std::move(windows)),
                governor.handle(), aggregator.handle());
  }

  void demand(std::uint32_t count) { f.send(under_test, slice_demand{0, count}); }

  /// The names of the slices in each offer.
  std::vector<std::string> offers() const {
    std::vector<std::string> result;
    for (const auto& x : governor.all<slices_offered>()) {
      std::string text = x.last ? "last:" : "";
      for (const auto& s : x.slices)
        text += (text.empty() ? "" : " ") + s.lower_text;
      result.push_back(text);
    }
    return result;
  }

  actor_fixture f;
  probe<governor_actor> governor = f.probe_of<governor_actor>("governor");
  probe<state_aggregator_actor> aggregator = f.probe_of<state_aggregator_actor>("aggregator");
  slice_generator_actor under_test;
};

} // namespace

TEST_CASE("a generator makes nothing that nobody demands", "[slice_generator]") {
  slice_plan p;
  p.cut(0, seconds_cursor(100, 25));
  generator_case c{p};
  CHECK(c.f.journal.empty());
  c.demand(3);
  CHECK(c.offers() == std::vector<std::string>{"0 25 50"});
  CHECK(c.aggregator.count<generation_done>() == 0);
}

TEST_CASE("the aggregator hears of slices before the governor does, and of the end behind both", "[slice_generator]") {
  slice_plan p;
  p.cut(0, seconds_cursor(100, 25));
  generator_case c{p};
  c.demand(2);
  c.demand(5);
  CHECK(c.offers() == std::vector<std::string>{"0 25", "last: 50 75"});
  const auto opened = c.aggregator.all<slices_opened>();
  REQUIRE(opened.size() == 2);
  CHECK(opened[0].count == 2);
  CHECK(opened[1].count == 2);
  REQUIRE(c.aggregator.count<generation_done>() == 1);
  CHECK(c.aggregator.all<generation_done>()[0].complete);
  CHECK(c.f.journal
        == std::vector<std::string>{"aggregator slices_opened", "governor slices_offered", "aggregator slices_opened",
                                    "governor slices_offered", "aggregator generation_done"});
  c.demand(5);
  CHECK(c.f.journal.size() == 5);
}

TEST_CASE("an endpoint without a cursor is one slice, and the last", "[slice_generator]") {
  generator_case c{slice_plan{}};
  c.demand(64);
  REQUIRE(c.governor.count<slices_offered>() == 1);
  const auto offered = c.governor.all<slices_offered>()[0];
  CHECK(offered.last);
  REQUIRE(offered.slices.size() == 1);
  CHECK(offered.slices[0].label == "surveys");
}

TEST_CASE("where nothing is left to be read, the first demand is answered with the end", "[slice_generator]") {
  slice_plan p;
  auto cursor = seconds_cursor(100, 25);
  cursor.start = cursor.end + std::chrono::seconds{1};
  p.cut(0, cursor);
  generator_case c{p};
  c.demand(1);
  CHECK(c.offers() == std::vector<std::string>{"last:"});
  CHECK(c.aggregator.count<slices_opened>() == 0);
  CHECK(c.aggregator.count<generation_done>() == 1);
}
