#include "actors/core/slices/partition_product.hpp"

#include "actors/core/slices/partition.hpp"
#include "actors/core/slices/partition_former.hpp"
#include "tests/support/catch2.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <rapidcheck.h>

using namespace sluice;

namespace {

slice_seed part(std::uint32_t factor, const std::string& field, const std::string& key, std::uint32_t feed = 0) {
  return {make_partition(field, key, {}), {}, 7, feed, factor};
}

/// All combinations that are left.
std::vector<std::string> rest(partition_product& p) {
  std::vector<std::string> result;
  while (p.has_next())
    result.push_back(p.next().partition);
  return result;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("of one factor each part is a partition, unchanged", "[partition_product]") {
  partition_product p{slice_space{{parent_records{{0}}, time_windows{}}}};
  CHECK_FALSE(p.is_known());
  CHECK_FALSE(p.has_next());
  CHECK_FALSE(p.lacks_others(0));
  p.begin(part(0, "id", "1", 4));
  REQUIRE(p.has_next());
  const auto x = p.next();
  CHECK(x.partition == R"({"id":1,"parent_slice":{}})");
  CHECK(x.feed == 4);
  CHECK(x.parent_id == 7);
  CHECK_FALSE(p.has_next());
}

TEST_CASE("the product of lists has the first one outermost, and the last one's field in front",
          "[partition_product]") {
  partition_product p{slice_space{{list_values{"a", {"1", "2"}}, list_values{"b", {"\"x\"", "\"y\""}}}}};
  CHECK(p.is_known());
  p.begin();
  CHECK(rest(p) == texts{R"({"b":"x","a":1})", R"({"b":"y","a":1})", R"({"b":"x","a":2})", R"({"b":"y","a":2})"});
  partition_product none{slice_space{{list_values{"a", {"1", "2"}}, list_values{"b", {}}}}};
  none.begin();
  CHECK_FALSE(none.has_next());
}

TEST_CASE("each record of a parent is combined with the list at once, and done with at the last combination",
          "[partition_product]") {
  partition_product p{slice_space{{parent_records{{0}}, list_values{"l", {"1", "2"}}}}};
  p.begin(part(0, "id", "5", 3));
  auto first = p.next();
  CHECK(first.partition == R"({"l":1,"id":5,"parent_slice":{}})");
  CHECK(first.feed == no_feed);
  CHECK(first.parent_id == 0);
  auto second = p.next();
  CHECK(second.partition == R"({"l":2,"id":5,"parent_slice":{}})");
  CHECK(second.feed == 3);
  CHECK_FALSE(p.has_next());
}

TEST_CASE("of two parents the first one's parent slice is kept, and both one's extra fields", "[partition_product]") {
  partition_product p{slice_space{{parent_records{{0}}, parent_records{{1}}}}};
  CHECK(p.lacks_others(0));
  slice_seed a{R"({"a":1,"parent_slice":{"p":1}})", R"({"same":"a","x":1})", 0, 0, 0};
  slice_seed b{R"({"b":2,"parent_slice":{"p":2}})", R"({"same":"b","y":2})", 0, 1, 1};
  p.begin(a);
  CHECK_FALSE(p.has_next());
  CHECK_FALSE(p.lacks_others(1));
  p.begin(b);
  REQUIRE(p.has_next());
  const auto x = p.next();
  CHECK(x.partition == R"({"b":2,"parent_slice":{"p":1},"a":1})");
  CHECK(x.extra_fields == R"({"same":"a","y":2,"x":1})");
  CHECK(x.feed == 1);
}

TEST_CASE("in whatever order the parts come, each combination is made once", "[partition_product]") {
  CHECK(rc::check("any order of two parents and a list", [] {
    const auto of_a = *rc::gen::inRange(0, 5);
    const auto of_b = *rc::gen::inRange(0, 5);
    const auto of_list = *rc::gen::inRange(0, 4);
    list_values list{"l", {}};
    for (int i = 0; i < of_list; ++i)
      list.values.push_back(std::to_string(i));
    partition_product p{slice_space{{parent_records{{0}}, list, parent_records{{1}}}}};
    std::vector<slice_seed> parts;
    for (int i = 0; i < of_a; ++i)
      parts.push_back({make_partition("a", std::to_string(i)), {}, 0, 0, 0});
    for (int i = 0; i < of_b; ++i)
      parts.push_back({make_partition("b", std::to_string(i)), {}, 0, 1, 2});
    std::mt19937_64 random{*rc::gen::arbitrary<std::uint64_t>()};
    std::shuffle(parts.begin(), parts.end(), random);
    texts found;
    std::size_t done = 0;
    for (auto& x : parts) {
      const bool barren = p.lacks_others(x.factor);
      p.begin(std::move(x));
      RC_ASSERT(p.has_next() == !barren);
      done += barren ? 1 : 0;
      while (p.has_next()) {
        auto made = p.next();
        done += made.feed == no_feed ? 0 : 1;
        RC_ASSERT((made.feed == no_feed) == p.has_next());
        found.push_back(canonical_json(made.partition));
      }
    }
    texts expected;
    for (int a = 0; a < of_a; ++a)
      for (int l = 0; l < of_list; ++l)
        for (int b = 0; b < of_b; ++b)
          expected.push_back("{\"a\":" + std::to_string(a) + ",\"b\":" + std::to_string(b)
                             + ",\"l\":" + std::to_string(l) + "}");
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    RC_ASSERT(found == expected);
    RC_ASSERT(done == parts.size());
  }));
}
