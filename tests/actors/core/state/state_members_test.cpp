#include "actors/core/state/state_members.hpp"

#include "tests/support/catch2.hpp"

using namespace sluice;

TEST_CASE("members of a state are taken out and put in as they stand") {
  const std::string state = R"({"a": 1.0, "list": {"x": [12345678901234567890]}, "z": "q"})";
  CHECK(without_field(state, "list") == R"({"a":1.0,"z":"q"})");
  CHECK(only_field(state, "list") == R"({"list":{"x":[12345678901234567890]}})");
  CHECK(with_members(without_field(state, "list"), R"("list":{})") == R"({"a":1.0,"z":"q","list":{}})");
  CHECK(with_members("{}", R"("b":2)") == R"({"b":2})");
  CHECK(with_members(R"({"a":1})", "") == R"({"a":1})");
}

TEST_CASE("what has no such member, or is no object, stays as it is") {
  for (const std::string text : {"", "{}", "[1]", "not json", R"({"a":1})"}) {
    CHECK(without_field(text, "list") == text);
    CHECK(only_field(text, "list").empty());
  }
}
