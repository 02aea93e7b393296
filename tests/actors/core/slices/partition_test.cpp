#include "actors/core/slices/partition.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("a partition is an object as the reference has it, values as they came", "[partition]") {
  CHECK(make_partition("id", "\"7\"", {}) == R"({"id":"7","parent_slice":{}})");
  CHECK(make_partition("a\"b", "[1, 2.0]", R"({"x":1,"parent_slice":{}})")
        == R"({"a\"b":[1, 2.0],"parent_slice":{"x":1,"parent_slice":{}}})");
}

TEST_CASE("a partition's key is the same however it is written", "[partition]") {
  const std::string key = R"({"parent_slice":{},"survey_id":"12"})";
  for (const char* same : {R"({"survey_id":"12","parent_slice":{}})", R"({"survey_id":"12"})",
                           R"({"parent_slice":null,"survey_id":"\u00312"})", R"( { "survey_id" : "12" } )",
                           R"({"survey_id":"11","survey_id":"12"})"}) {
    INFO(same);
    CHECK(partition_key(same) == key);
    CHECK(partition_name(same) == R"({"survey_id":"12"})");
  }
  CHECK(partition_key(R"({"survey_id":12})") != key);
  CHECK(partition_key(key) == key);
}

TEST_CASE("a child's key holds its parent's, at every level", "[partition]") {
  const auto partition = make_partition("c", "3", make_partition("b", "2", make_partition("a", "1", {})));
  CHECK(partition_key(partition) == R"({"c":3,"parent_slice":{"b":2,"parent_slice":{"a":1,"parent_slice":{}}}})");
  CHECK(partition_name(partition) == R"({"c":3,"parent_slice":{"b":2,"parent_slice":{"a":1}}})");
  CHECK(partition_label(partition) == " c=3 b=2 a=1");
  CHECK(partition_label("") == "");
}
