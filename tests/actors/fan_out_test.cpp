#include "actors/fan_out.hpp"

#include "tests/actors/core/slices/slice_fixture.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A fan-out of `answers` among probes.
struct fan_out_case {
  explicit fan_out_case(const slice_plan& p) {
    const auto& e = p.done()->endpoints[slice_plan::child];
    under_test = f.spawn(fan_out, p.done(), slice_plan::child, governor.handle(), aggregator.handle(), no_past(e),
                         std::size_t{100});
  }

  void demand(std::uint32_t count) { f.send(under_test, slice_demand{slice_plan::child, count}); }
  void parents(std::uint32_t edge, const std::vector<std::string>& keys, bool again = false) {
    parent_batch batch;
    batch.edge = edge;
    batch.slice.id = 1;
    batch.again = again;
    for (const auto& key : keys)
      batch.records.push_back({key});
    f.send(under_test, batch);
  }
  void end(std::uint32_t edge, bool complete = true) { f.send(under_test, parents_done{edge, complete}); }

  /// What the governor has got so far: the slices, and the parents of each edge that are consumed.
  std::vector<std::string> labels() const {
    std::vector<std::string> result;
    for (const auto& x : governor.all<slices_offered>())
      for (const auto& s : x.slices)
        result.push_back(s.label);
    return result;
  }
  std::uint64_t consumed(std::size_t feed) const {
    std::uint64_t sum = 0;
    for (const auto& x : governor.all<slices_offered>())
      sum += feed < x.consumed_parents.size() ? x.consumed_parents[feed] : 0;
    return sum;
  }
  std::uint64_t opened() const {
    std::uint64_t sum = 0;
    for (const auto& x : aggregator.all<slices_opened>())
      sum += x.count;
    return sum;
  }

  actor_fixture f;
  probe<governor_actor> governor = f.probe_of<governor_actor>("governor");
  probe<state_aggregator_actor> aggregator = f.probe_of<state_aggregator_actor>("aggregator");
  fan_out_actor under_test;
};

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("parents wait for demand, and demand for parents", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  fan_out_case c{p};
  c.parents(edge, {"1", "2", "3"});
  CHECK(c.f.journal.empty());
  c.demand(2);
  CHECK(c.labels() == strings{"answers id=1", "answers id=2"});
  CHECK(c.consumed(0) == 2);
  c.demand(4);
  CHECK(c.labels().size() == 3);
  // Three more are wanted: a parent becomes a slice as soon as it comes.
  c.parents(edge, {"4"});
  CHECK(c.labels().back() == "answers id=4");
  c.parents(edge, {"5", "6", "7"});
  CHECK(c.labels().size() == 6);
  CHECK(c.consumed(0) == 6);
  CHECK(c.opened() == 6);
}

TEST_CASE("of a parent with 10,000 windows no more are made than are demanded", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  p.cut(slice_plan::child, seconds_cursor(10'000, 1));
  fan_out_case c{p};
  c.parents(edge, {"1"});
  c.demand(64);
  CHECK(c.labels().size() == 64);
  CHECK(c.opened() == 64);
  // Its room is given back with its last slice: until then nobody may count it out.
  CHECK(c.consumed(0) == 0);
  c.demand(1);
  CHECK(c.labels().back() == "answers id=1 64..64");
  CHECK(c.aggregator.count<generation_done>() == 0);
  c.demand(20'000);
  CHECK(c.opened() == 10'000);
  CHECK(c.consumed(0) == 1);
}

TEST_CASE("a repeated parent gives its room back at once, demanded or not", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  fan_out_case c{p};
  c.demand(1);
  c.parents(edge, {"1"});
  c.parents(edge, {"1", "1"}, true);
  CHECK(c.labels() == strings{"answers id=1"});
  CHECK(c.consumed(0) == 3);
  CHECK(c.opened() == 1);
}

TEST_CASE("a fan-out ends when all its parents have and everything is offered", "[fan_out]") {
  for (const bool complete : {true, false}) {
    slice_plan p;
    const auto surveys = p.feed(0, "id");
    const auto contacts = p.feed(1, "id");
    fan_out_case c{p};
    c.parents(surveys, {"1"});
    c.end(surveys, complete);
    c.parents(contacts, {"2"});
    c.demand(5);
    CHECK(c.labels() == strings{"answers id=1", "answers id=2"});
    CHECK(c.consumed(0) == 1);
    CHECK(c.consumed(1) == 1);
    CHECK(c.aggregator.count<generation_done>() == 0);
    c.parents(contacts, {"3", "4", "5", "6"});
    c.end(contacts);
    CHECK(c.aggregator.count<generation_done>() == 0);
    c.demand(1);
    REQUIRE(c.aggregator.count<generation_done>() == 1);
    CHECK(c.aggregator.all<generation_done>()[0].complete == complete);
    CHECK(c.governor.all<slices_offered>().back().last);
    c.demand(1);
    CHECK(c.aggregator.count<generation_done>() == 1);
  }
}

TEST_CASE("without parents a fan-out ends with theirs", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  fan_out_case c{p};
  c.demand(5);
  CHECK(c.f.journal.empty());
  c.end(edge, false);
  REQUIRE(c.aggregator.count<generation_done>() == 1);
  CHECK_FALSE(c.aggregator.all<generation_done>()[0].complete);
  CHECK(c.labels().empty());
}

TEST_CASE("the aggregator hears of every slice before the governor does", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  fan_out_case c{p};
  c.demand(2);
  c.parents(edge, {"1", "2"});
  c.end(edge);
  CHECK(c.f.journal
        == strings{"aggregator slices_opened", "governor slices_offered", "governor slices_offered",
                   "aggregator generation_done"});
}

TEST_CASE("in any order of messages every parent becomes its slices, once and in order, and all room comes back",
          "[fan_out]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    std::mt19937_64 random{seed};
    auto up_to = [&random](std::uint64_t most) { return random() % (most + 1); };
    slice_plan p;
    const std::vector<std::uint32_t> edges{p.feed(0, "id"), p.feed(1, "other")};
    const bool in_windows = up_to(1) == 1;
    if (in_windows)
      p.cut(slice_plan::child, seconds_cursor(100, 40));
    fan_out_case c{p};
    strings expected;
    std::vector<std::uint64_t> sent(2);
    std::uint64_t demanded = 0;
    for (int step = 0; step < 60; ++step) {
      if (up_to(1) == 0) {
        const auto count = static_cast<std::uint32_t>(up_to(4));
        demanded += count;
        c.demand(count);
      } else {
        const auto feed = up_to(1);
        const auto key = std::to_string(step);
        ++sent[feed];
        c.parents(edges[feed], {key});
        const auto label = "answers " + std::string{feed == 0 ? "id" : "other"} + "=" + key;
        for (const char* window : {" 0..39", " 40..79", " 80..100"})
          if (in_windows)
            expected.push_back(label + window);
        if (!in_windows)
          expected.push_back(label);
      }
      const auto made = c.labels();
      INFO("seed " << seed << ", step " << step);
      REQUIRE(made.size() == std::min<std::uint64_t>(demanded, expected.size()));
      REQUIRE(std::equal(made.begin(), made.end(), expected.begin()));
      REQUIRE(c.opened() == made.size());
      // Whoever has something to give is not consumed, and who has not is.
      REQUIRE((c.consumed(0) + c.consumed(1) == sent[0] + sent[1]) == (made.size() == expected.size()));
    }
    c.end(edges[0]);
    c.end(edges[1]);
    c.demand(1000);
    CHECK(c.labels() == expected);
    CHECK(c.consumed(0) == sent[0]);
    CHECK(c.consumed(1) == sent[1]);
    CHECK(c.aggregator.count<generation_done>() == 1);
  }
}

TEST_CASE("a parent's records are combined with a list while the parent still pages", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  p[slice_plan::child].slices.factors.emplace_back(list_values{"kind", {"\"a\"", "\"b\""}});
  fan_out_case c{p};
  c.demand(3);
  c.parents(edge, {"1", "2"});
  CHECK(c.labels() == strings{"answers kind=\"a\" id=1", "answers kind=\"b\" id=1", "answers kind=\"a\" id=2"});
  CHECK(c.consumed(0) == 1);
  CHECK(c.aggregator.count<generation_done>() == 0);
  c.demand(10);
  CHECK(c.labels().size() == 4);
  CHECK(c.consumed(0) == 2);
  c.end(edge);
  CHECK(c.aggregator.count<generation_done>() == 1);
}

TEST_CASE("of two parents each pair is a slice as soon as both have come, and a lone record gives its room back",
          "[fan_out]") {
  slice_plan p;
  const auto surveys = p.feed(0, "id");
  p.the_plan->edges.push_back({1, slice_plan::child, 0, {"id"}, "other", false});
  const std::uint32_t contacts = 1;
  p[1].child_edges.push_back(contacts);
  p[slice_plan::child].slices.factors.emplace_back(parent_records{{contacts}});
  fan_out_case c{p};
  // Nobody has to ask for what has no slices.
  c.parents(surveys, {"1", "2"});
  CHECK(c.labels().empty());
  CHECK(c.consumed(0) == 2);
  c.demand(1);
  c.parents(contacts, {"7"});
  CHECK(c.labels() == strings{"answers other=7 id=1"});
  CHECK(c.consumed(1) == 0);
  c.end(surveys);
  c.demand(10);
  CHECK(c.consumed(1) == 1);
  c.parents(contacts, {"8"});
  c.end(contacts);
  CHECK(c.labels()
        == strings{"answers other=7 id=1", "answers other=7 id=2", "answers other=8 id=1", "answers other=8 id=2"});
  CHECK(c.consumed(1) == 2);
  CHECK(c.aggregator.count<generation_done>() == 1);
}

TEST_CASE("a group leaves when it is full, the last one with the end of the parents, and no parent waits in one",
          "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  p[slice_plan::child].slices.factors = {partition_groups{parent_records{{edge}}, 2, true}};
  fan_out_case c{p};
  c.demand(10);
  c.parents(edge, {"1"});
  CHECK(c.labels().empty());
  CHECK(c.consumed(0) == 1);
  c.parents(edge, {"2", "1", "3"});
  CHECK(c.labels() == strings{"answers id=[1,2]"});
  CHECK(c.consumed(0) == 4);
  CHECK(c.aggregator.count<generation_done>() == 0);
  c.end(edge);
  CHECK(c.labels() == strings{"answers id=[1,2]", "answers id=[3]"});
  CHECK(c.aggregator.count<generation_done>() == 1);
}

TEST_CASE("a union gives what it lists before any parent has come, and no value twice", "[fan_out]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  p[slice_plan::child].slices.factors
    = {united_partitions{"id", {parent_records{{edge}}, list_values{"id", {"1", "9"}}}}};
  fan_out_case c{p};
  c.demand(10);
  CHECK(c.labels() == strings{"answers id=1", "answers id=9"});
  c.parents(edge, {"9", "2"});
  CHECK(c.labels().back() == "answers id=2");
  CHECK(c.labels().size() == 3);
  CHECK(c.consumed(0) == 2);
  c.end(edge);
  CHECK(c.aggregator.count<generation_done>() == 1);
}
