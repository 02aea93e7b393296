#include "actors/core/slices/slice_source.hpp"

#include "actors/core/slices/partition.hpp"
#include "tests/actors/core/slices/slice_fixture.hpp"

#include <random>
#include <set>
#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string labels(const slice_source::harvest& x) {
  std::string text;
  for (const auto& s : x.slices)
    text += (text.empty() ? "" : ", ") + s.label;
  return text;
}

slice_seed seed(std::string_view id, std::uint64_t parent_id = 0, std::uint32_t feed = 0) {
  return {make_partition("id", id, {}), {}, parent_id, feed};
}

cursor_windows windows_of(const datetime_cursor& c) {
  auto opened = cursor_state::open(c, "");
  REQUIRE(opened);
  return opened->windows(false);
}

} // namespace

TEST_CASE("an endpoint without factors is one slice", "[slice_source]") {
  slice_plan p;
  auto source = slice_source::of_endpoint(p.done(), 0, cursor_windows::whole());
  CHECK(source.take(0).slices.empty());
  CHECK_FALSE(source.done());
  auto all = source.take(5);
  REQUIRE(all.slices.size() == 1);
  CHECK(all.slices[0].label == "surveys");
  CHECK(all.slices[0].id != 0);
  CHECK_FALSE(all.slices[0].has_window);
  CHECK(all.slices[0].partition.empty());
  CHECK(all.consumed_parents.empty());
  CHECK(source.done());
  CHECK(source.take(5).slices.empty());
}

TEST_CASE("an endpoint of whose time nothing is left has no slice", "[slice_source]") {
  slice_plan p;
  p.cut(0, seconds_cursor(100, 25));
  CHECK(slice_source::of_endpoint(p.done(), 0, {}).done());
}

TEST_CASE("the windows of a cursor come in order, as many as are asked for", "[slice_source]") {
  slice_plan p;
  p.cut(0, seconds_cursor(100, 25));
  auto source = slice_source::of_endpoint(p.done(), 0, windows_of(*p[0].cursor));
  CHECK(labels(source.take(2)) == "surveys 0..24, surveys 25..49");
  CHECK_FALSE(source.done());
  CHECK(labels(source.take(7)) == "surveys 50..74, surveys 75..100");
  CHECK(source.done());
  CHECK(source.made() == 4);
}

TEST_CASE("a partition is one slice, or one for each window", "[slice_source]") {
  for (const bool with_windows : {false, true}) {
    slice_plan p;
    p.feed(0, "id");
    if (with_windows)
      p.cut(slice_plan::child, seconds_cursor(100, 60));
    auto source = slice_source::of_partitions(p.done(), slice_plan::child, no_past(p[slice_plan::child]));
    source.add(seed("1"));
    source.add(seed(R"("b")"));
    const auto all = source.take(100);
    CHECK(labels(all)
          == (with_windows
                ? "answers id=1 0..59, answers id=1 60..100, answers id=\"b\" 0..59, answers id=\"b\" 60..100"
                : "answers id=1, answers id=\"b\""));
    CHECK(all.slices[0].partition == R"({"id":1,"parent_slice":{}})");
    CHECK(all.consumed_parents == std::vector<std::uint32_t>{2});
    CHECK_FALSE(source.done());
    source.close();
    CHECK(source.done());
  }
}

TEST_CASE("a parent is consumed with the last of its slices, or with the word that it has none", "[slice_source]") {
  slice_plan p;
  p.feed(0, "id");
  p.feed(1, "id");
  p.cut(slice_plan::child, seconds_cursor(100, 25));
  // Of partition 2 everything has been read.
  auto past = no_past(p[slice_plan::child], true,
                      R"({"states":[{"partition":{"id":2,"parent_slice":{}},"cursor":{"ts":200}}]})");
  auto source = slice_source::of_partitions(p.done(), slice_plan::child, past);
  source.add(seed("1", 0, 1));
  source.add(seed("2", 0, 0));
  source.add(seed("3", 0, 0));
  CHECK(source.take(3).consumed_parents.empty());
  CHECK(source.take(0).consumed_parents.empty());
  CHECK(source.take(1).consumed_parents == std::vector<std::uint32_t>{0, 1});
  CHECK(source.take(1).consumed_parents == std::vector<std::uint32_t>{1, 0});
  source.drop(1);
  CHECK(source.take(0).consumed_parents == std::vector<std::uint32_t>{0, 1});
  CHECK(source.take(100).consumed_parents == std::vector<std::uint32_t>{1, 0});
  CHECK(source.take(100).consumed_parents.empty());
}

TEST_CASE("the end of a parent's partition comes behind the slices of its records, demanded or not", "[slice_source]") {
  slice_plan p;
  p.feed(0, "id");
  p.cut(slice_plan::child, seconds_cursor(100, 60));
  auto source = slice_source::of_partitions(p.done(), slice_plan::child, no_past(p[slice_plan::child]));
  source.add(seed("1", 77));
  source.add_end({77, "{}"});
  source.add(seed("2", 78));
  auto first = source.take(1);
  CHECK(first.parents == std::vector<std::uint64_t>{77});
  CHECK(first.expanded.empty());
  auto second = source.take(1);
  REQUIRE(second.expanded.size() == 1);
  CHECK(second.expanded[0].id == 77);
  CHECK(source.take(2).parents == std::vector<std::uint64_t>{78, 78});
  source.add_end({78, "{}"});
  CHECK(source.take(0).expanded.size() == 1);
  CHECK_FALSE(source.done());
}

TEST_CASE("what earlier runs have read is left out, or read for the streams below alone", "[slice_source]") {
  slice_plan p;
  p.feed(0, "id");
  const auto completed = completed_partitions::open("id", R"({"completed_partitions":{"id":[1]}})");
  REQUIRE(completed);
  for (const bool has_children : {false, true}) {
    auto past = std::make_shared<const partition_past>(std::nullopt, std::vector{*completed},
                                                       std::vector<completed_partitions>{}, true, has_children);
    auto source = slice_source::of_partitions(p.done(), slice_plan::child, past);
    source.add(seed("1"));
    source.add(seed("2"));
    const auto all = source.take(10);
    CHECK(all.consumed_parents == std::vector<std::uint32_t>{2});
    CHECK(labels(all) == (has_children ? "answers id=1, answers id=2" : "answers id=2"));
    CHECK(all.slices.front().children_only == has_children);
    CHECK_FALSE(all.slices.back().children_only);
  }
}

TEST_CASE("what else a parent gives reaches each of its slices", "[slice_source]") {
  slice_plan p;
  p.feed(0, "id");
  p.cut(slice_plan::child, seconds_cursor(100, 25));
  auto source = slice_source::of_partitions(p.done(), slice_plan::child, no_past(p[slice_plan::child]));
  auto with = seed("1");
  with.extra_fields = R"({"title":"x"})";
  source.add(std::move(with));
  const auto all = source.take(10);
  REQUIRE(all.slices.size() == 4);
  for (const auto& s : all.slices) {
    CHECK(s.extra_fields == R"({"title":"x"})");
    CHECK(s.partition == R"({"id":1,"parent_slice":{}})");
  }
}

TEST_CASE("however it is asked, a source gives the same slices in the same order, each once", "[slice_source]") {
  CHECK(rc::check("any demands", [] {
    slice_plan p;
    p.feed(0, "id");
    p.feed(1, "id");
    if (*rc::gen::arbitrary<bool>())
      p.cut(slice_plan::child, seconds_cursor(*rc::gen::inRange(0, 60), *rc::gen::inRange(5, 90)));
    const auto parents = *rc::gen::inRange(0, 6);
    const auto past = no_past(p[slice_plan::child]);
    auto at_once = slice_source::of_partitions(p.done(), slice_plan::child, past);
    auto by_and_by = slice_source::of_partitions(p.done(), slice_plan::child, past);
    std::vector<slice_seed> seeds;
    for (int i = 0; i < parents; ++i)
      seeds.push_back(seed(std::to_string(i), 0, static_cast<std::uint32_t>(*rc::gen::inRange(0, 2))));
    for (const auto& x : seeds)
      at_once.add(x);
    at_once.close();
    std::vector<std::string> expected;
    for (const auto& s : at_once.take(1'000'000).slices)
      expected.push_back(s.label);
    RC_ASSERT(at_once.done());

    std::vector<std::string> found;
    std::set<std::uint64_t> ids;
    std::uint64_t consumed = 0;
    std::size_t given = 0;
    // Not RapidCheck's own choices: small ones would be 0 again and again.
    std::mt19937_64 random{*rc::gen::arbitrary<std::uint64_t>()};
    while (!by_and_by.done()) {
      if (given < seeds.size() && random() % 2 == 0)
        by_and_by.add(seeds[given++]);
      if (given == seeds.size())
        by_and_by.close();
      const auto demanded = random() % 5;
      const auto part = by_and_by.take(demanded);
      RC_ASSERT(part.slices.size() <= demanded);
      for (const auto& s : part.slices) {
        found.push_back(s.label);
        RC_ASSERT(ids.insert(s.id).second);
      }
      for (auto n : part.consumed_parents)
        consumed += n;
      // What is not consumed has slices to give.
      RC_ASSERT((consumed < given) == !by_and_by.empty());
    }
    RC_ASSERT(found == expected);
    RC_ASSERT(consumed == seeds.size());
  }));
}

TEST_CASE("an endpoint with lists alone is cut without anybody giving it more", "[slice_source]") {
  for (const bool with_windows : {false, true}) {
    slice_plan p;
    p[0].slices.factors = {list_values{"a", {"1", "2"}}, list_values{"b", {"\"x\""}}};
    if (with_windows)
      p.cut(0, seconds_cursor(100, 60));
    auto source = slice_source::of_partitions(p.done(), 0, no_past(p[0]));
    CHECK(labels(source.take(1)) == (with_windows ? "surveys b=\"x\" a=1 0..59" : "surveys b=\"x\" a=1"));
    CHECK_FALSE(source.done());
    const auto rest = source.take(100);
    CHECK(rest.slices.size() == (with_windows ? 3 : 1));
    CHECK(rest.consumed_parents.empty());
    CHECK(source.done());
  }
}

TEST_CASE("a list without values has no slices", "[slice_source]") {
  slice_plan p;
  p[0].slices.factors = {list_values{"a", {}}};
  CHECK(slice_source::of_partitions(p.done(), 0, no_past(p[0])).done());
}

TEST_CASE("of a partition that is read for its children, too, what they have had is left out", "[slice_source]") {
  slice_plan p;
  p.feed(0, "id");
  p.cut(slice_plan::child, seconds_cursor(69, 10));
  const auto until = [&p](int second) {
    auto cursors = partition_cursors::open(*p[slice_plan::child].cursor, "id",
                                           R"({"states":[{"partition":{"id":1,"parent_slice":{}},"cursor":{"ts":)"
                                             + std::to_string(second) + "}}]}");
    REQUIRE(cursors);
    return std::move(*cursors);
  };
  for (const bool printed : {true, false}) {
    auto past = std::make_shared<const partition_past>(until(50), std::vector<completed_partitions>{},
                                                       std::vector<completed_partitions>{}, printed, true,
                                                       std::vector{until(30), until(40)});
    auto source = slice_source::of_partitions(p.done(), slice_plan::child, past);
    source.add(seed("1"));
    const auto all = source.take(100);
    CHECK(labels(all) == "answers id=1 30..39, answers id=1 40..49, answers id=1 50..59, answers id=1 60..69");
    for (const auto& s : all.slices)
      CHECK(s.children_only == (!printed || s.lower_us < 50'000'000));
  }
}

TEST_CASE("slices say from when on records are not known yet, and from when on children need them", "[slice_source]") {
  slice_plan p;
  p.cut(0, seconds_cursor(100, 25));
  const auto done = p.done();
  auto opened = cursor_state::open(*done->endpoints[0].cursor, R"({"ts":60})");
  REQUIRE(opened);
  auto source = slice_source::of_endpoint(done, 0, opened->windows(true));
  const auto all = source.take(10).slices;
  REQUIRE(all.size() > 2);
  for (const auto& s : all) {
    CAPTURE(s.label);
    CHECK(s.unread_from_us == (s.children_only ? 0 : 60'000'000));
  }
  CHECK(all.back().lower_us > 60'000'000);
}
