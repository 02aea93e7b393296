#include "actors/core/slices/partition_former.hpp"

#include "actors/core/slices/partition.hpp"
#include "tests/support/catch2.hpp"

#include <string>
#include <vector>

using namespace sluice;

namespace {

list_values list_of(std::string field, std::vector<std::string> values) {
  return {std::move(field), std::move(values)};
}

/// What a former gives for these partitions of parents, and at the end.
std::string made(const slice_factor& factor, const std::vector<slice_seed>& seeds, std::size_t memory = 100) {
  partition_former former{factor, memory};
  std::string text;
  const auto add = [&text](const std::optional<slice_seed>& x) {
    if (x)
      text += (text.empty() ? "" : " ") + x->partition + (x->extra_fields.empty() ? "" : "+" + x->extra_fields);
  };
  for (const auto& seed : seeds)
    add(former.take(seed));
  add(former.rest());
  return text;
}

slice_seed child(std::string_view field, std::string_view key, std::string_view parent = {}, std::string extra = {}) {
  return {make_partition(field, key, parent), std::move(extra)};
}

} // namespace

TEST_CASE("partitions of one origin are left as they are, with their feed", "[partition_former]") {
  partition_former former{parent_records{{0}}, 100};
  auto seed = child("id", "1");
  seed.feed = 3;
  seed.parent_id = 9;
  for (int i = 0; i < 2; ++i) {
    const auto x = former.take(seed);
    REQUIRE(x);
    CHECK(x->partition == R"({"id":1,"parent_slice":{}})");
    CHECK(x->feed == 3);
    CHECK(x->parent_id == 9);
  }
  CHECK_FALSE(former.rest());
}

TEST_CASE("united partitions have one field, each value once, and the rest as extra fields", "[partition_former]") {
  const united_partitions all{"id", {parent_records{{0}}, list_of("id", {"1"})}};
  CHECK(made(all, {{make_partition("id", "1")},
                   child("id", "1"),
                   child("id", "2", R"({"p":5})", R"({"name":"x"})"),
                   child("id", "\"1\"")})
        == R"({"id":1} {"id":2}+{"name":"x","parent_slice":{"p":5}} {"id":"1"}+{"parent_slice":{}})");
}

TEST_CASE("groups hold lists of what their partitions hold, the last one what is left", "[partition_former]") {
  partition_groups pairs{parent_records{{0}}, 2, true};
  CHECK(made(pairs, {child("id", "1", R"({"p":5})"), child("id", "2"), child("id", "1"), child("id", "3")})
        == R"({"id":[1,2],"parent_slice":[{"p":5},{}]} {"id":[3],"parent_slice":[{}]})");
  CHECK(made(pairs, {{R"({"id":1})", R"({"a":1})"}, {R"({"id":2})", R"({"b":2})"}})
        == R"({"id":[1,2]}+{"a":[1,null],"b":[null,2]})");
  pairs.once = false;
  CHECK(made(pairs, {{R"({"id":1})"}, {R"({"id":1})"}, {R"({"id":1})"}}) == R"({"id":[1,1]} {"id":[1]})");
  CHECK(made(pairs, {}).empty());
}

TEST_CASE("a group goes on with the feed of the partition that completed it", "[partition_former]") {
  partition_former former{partition_groups{parent_records{{0}}, 2, true}, 100};
  auto seed = child("id", "1");
  seed.feed = 1;
  CHECK_FALSE(former.take(seed));
  seed = child("id", "2");
  seed.feed = 2;
  auto whole = former.take(seed);
  REQUIRE(whole);
  CHECK(whole->feed == 2);
  seed = child("id", "3");
  seed.feed = 1;
  CHECK_FALSE(former.take(seed));
  auto last = former.rest();
  REQUIRE(last);
  CHECK(last->feed == no_feed);
  CHECK_FALSE(former.rest());
}

TEST_CASE("values that came before are recognised within the memory", "[partition_former]") {
  const united_partitions all{"id", {parent_records{{0}}, list_of("id", {})}};
  CHECK(made(all, {{R"({"id":1})"}, {R"({"id":2})"}, {R"({"id":3})"}, {R"({"id":3})"}, {R"({"id":1})"}}, 2)
        == R"({"id":1} {"id":2} {"id":3} {"id":1})");
}

TEST_CASE("what lists make is known from the start, and counted", "[partition_former]") {
  const slice_factor list = list_of("x", {"1", "2", "2"});
  const slice_factor groups = partition_groups{list_of("x", {"1", "2", "2"}), 2, false};
  const slice_factor united = united_partitions{"x", {list_of("x", {"1", "2"}), list_of("x", {"2", "3"})}};
  const slice_factor grouped_union
    = partition_groups{united_partitions{"x", {list_of("x", {"1", "2"}), list_of("x", {"2", "3"})}}, 2, true};
  const auto text = [](const slice_factor& factor) {
    std::string result;
    for (const auto& seed : known_partitions(factor)) {
      result += (result.empty() ? "" : " ") + seed.partition;
      CHECK(seed.feed == no_feed);
    }
    return result;
  };
  CHECK(text(list) == R"({"x":1} {"x":2} {"x":2})");
  CHECK(text(groups) == R"({"x":[1,2]} {"x":[2]})");
  CHECK(text(united) == R"({"x":1} {"x":2} {"x":3})");
  CHECK(text(grouped_union) == R"({"x":[1,2]} {"x":[3]})");
  CHECK(known_combinations({{list, groups, time_windows{}}}) == 6);
  CHECK(known_combinations({{parent_records{{0}}, united}}) == 3);
  CHECK(known_combinations({{parent_records{{0}}}}) == 1);
  CHECK(known_combinations({}) == 1);
  CHECK(known_combinations({{list_of("x", {})}}) == 0);
}
