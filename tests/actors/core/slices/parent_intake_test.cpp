#include "actors/core/slices/parent_intake.hpp"

#include "tests/actors/core/slices/slice_fixture.hpp"

#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

parent_batch batch_of(std::uint32_t edge, const std::vector<std::string>& keys) {
  parent_batch batch;
  batch.edge = edge;
  batch.slice.id = 5;
  for (const auto& key : keys)
    batch.records.push_back({key});
  return batch;
}

/// An intake with its source.
struct intake_case {
  explicit intake_case(slice_plan p, std::size_t memory = 100)
    : plan(p.done()), intake(plan, slice_plan::child, memory),
      source(slice_source::of_partitions(plan, slice_plan::child, no_past(plan->endpoints[slice_plan::child]))) {}

  /// The partitions that come of a batch, and how many of its parents came to nothing.
  std::string take(parent_batch batch) {
    intake.take(std::move(batch), source);
    dropped = source.take(0).consumed_parents;
    std::string text;
    for (const auto& s : source.take(1000).slices)
      text += (text.empty() ? "" : " ") + s.partition;
    return text;
  }

  plan_ptr plan;
  parent_intake intake;
  slice_source source;
  std::vector<std::uint32_t> dropped;
};

std::string named(const std::string& field, const std::string& value) {
  return "{\"" + field + "\":" + value + R"(,"parent_slice":{}})";
}

} // namespace

TEST_CASE("each parent record makes a partition, also the same one again, as in the reference", "[parent_intake]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  intake_case c{p};
  CHECK(c.take(batch_of(edge, {"1", "\"1\"", "1"}))
        == named("id", "1") + " " + named("id", "\"1\"") + " " + named("id", "1"));
  CHECK(c.take(batch_of(edge, {"1"})) == named("id", "1"));
  CHECK(c.dropped.empty());
}

TEST_CASE("a parent that comes again because pages were read again makes no partition, and is consumed",
          "[parent_intake]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  intake_case c{p};
  CHECK(c.take(batch_of(edge, {"1", "2"})) != "");
  auto again = batch_of(edge, {"2", "3", "3"});
  again.again = true;
  CHECK(c.take(again) == named("id", "3"));
  CHECK(c.dropped == std::vector<std::uint32_t>{2});
}

TEST_CASE("where partitions have windows of their own, no parent makes one twice", "[parent_intake]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  p.cut(slice_plan::child, seconds_cursor(10, 10));
  intake_case c{p};
  CHECK(c.take(batch_of(edge, {"1", "1"})) == named("id", "1"));
  CHECK(c.take(batch_of(edge, {"1"})) == "");
}

TEST_CASE("once windows came that the parent's own stream does not need, a parent that comes in two is one",
          "[parent_intake]") {
  for (const bool printed : {true, false}) {
    slice_plan p;
    const auto edge = p.feed(0, "id");
    p[0].outputs[0].emit = printed;
    intake_case c{p};
    auto covered = batch_of(edge, {"1"});
    covered.slice.children_only = true;
    CHECK(c.take(covered) == named("id", "1"));
    CHECK(c.take(batch_of(edge, {"1"})) == (printed ? "" : named("id", "1")));
  }
}

TEST_CASE("so many partitions are remembered, and no more", "[parent_intake]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  p.cut(slice_plan::child, seconds_cursor(10, 10));
  intake_case c{p, 2};
  c.take(batch_of(edge, {"1", "2", "3"}));
  CHECK(c.take(batch_of(edge, {"3", "2"})) == "");
  CHECK(c.take(batch_of(edge, {"1"})) == named("id", "1"));
}

TEST_CASE("the partitions of several parents are told apart, counted each on its own", "[parent_intake]") {
  slice_plan p;
  const auto surveys = p.feed(0, "survey_id");
  const auto contacts = p.feed(1, "contact_id");
  p.cut(slice_plan::child, seconds_cursor(10, 10));
  intake_case c{p};
  CHECK(c.take(batch_of(contacts, {"1"})) == named("contact_id", "1"));
  CHECK(c.take(batch_of(surveys, {"1", "1"})) == named("survey_id", "1"));
  CHECK(c.dropped == std::vector<std::uint32_t>{1, 0});
  CHECK(c.take(batch_of(contacts, {"1"})) == "");
  CHECK(c.dropped == std::vector<std::uint32_t>{0, 1});
  c.intake.end(surveys, true, c.source);
  c.intake.end(surveys, true, c.source);
  CHECK_FALSE(c.intake.ended());
  c.intake.end(contacts, false, c.source);
  CHECK(c.intake.ended());
  CHECK_FALSE(c.intake.complete());
}

TEST_CASE("a parent's partition is part of its children's, and ends when its last page has come", "[parent_intake]") {
  slice_plan p;
  p.feed(1, "folder", 0);
  const auto edge = p.feed(0, "id");
  intake_case c{p};
  auto batch = batch_of(edge, {"1"});
  batch.slice.partition = named("folder", "7");
  c.intake.take(batch, c.source);
  batch.records.clear();
  batch.last = true;
  c.intake.take(batch, c.source);
  CHECK(c.source.take(0).expanded.empty());
  const auto all = c.source.take(10);
  REQUIRE(all.slices.size() == 1);
  CHECK(all.slices[0].partition == R"({"id":1,"parent_slice":)" + named("folder", "7") + "}");
  CHECK(all.slices[0].parent_id == 5);
  REQUIRE(all.expanded.size() == 1);
  CHECK(all.expanded[0].id == 5);
  CHECK(all.expanded[0].partition == named("folder", "7"));
}

TEST_CASE("records without a key are counted once, also if their page is read again", "[parent_intake]") {
  slice_plan p;
  const auto edge = p.feed(0, "id");
  const auto other = p.feed(1, "id");
  intake_case c{p};
  auto batch = batch_of(edge, {});
  batch.without_key = 3;
  c.take(batch);
  batch.again = true;
  c.take(batch);
  CHECK(c.intake.without_key(edge) == 3);
  CHECK(c.intake.without_key(other) == 0);
  CHECK(c.intake.without_key(99) == 0);
}

TEST_CASE("a batch of an edge that does not feed the endpoint is not taken", "[parent_intake]") {
  slice_plan p;
  p.feed(0, "id");
  intake_case c{p};
  CHECK(c.take(batch_of(17, {"1"})) == "");
  c.intake.end(17, true, c.source);
  CHECK_FALSE(c.intake.ended());
}
