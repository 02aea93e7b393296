#include "actors/core/records/key_changes.hpp"

#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

TEST_CASE("keys in snake case are those of the reference") {
  struct row {
    const char* key;
    const char* snake;
  };
  auto r = GENERATE(values<row>({
    {"FirstName", "first_name"},
    {"ID", "id"},
    {"myID2", "my_id_2"},
    {"2fa", "_2_fa"},
    {"a__b", "a_b"},
    {"_a", "_a"},
    {"a_", "a_"},
    {" a b ", "_a_b_"},
    {"a-b", "a_b"},
    {"ABCd", "abcd"},
    {"camelCaseHTTPServer", "camel_case_httpserver"},
    {"größeÄ", "grosse_a"},
    {"", ""},
    {"_", ""},
    {"$$", ""},
    {"a$", "a_"},
    {"a1b2", "a_1_b_2"},
    {"1", "_1"},
    {"__a__b__", "_a_b_"},
    {"aé_b", "ae_b"},
    {"a¼", "a_1_4"},
  }));
  CHECK(snake_case(r.key) == std::string{r.snake});
  CHECK_FALSE(snake_case("日本"));
}

TEST_CASE("fields that get the same key are one, with the last value at the first place") {
  std::string out;
  CHECK(append_renamed(out, R"({"A": 1 ,"b":{"C":2},"a":[{"D":3}]})", false,
                       [](std::string_view) { return std::optional<std::string>{"k"}; }));
  CHECK(out == R"({"k":[{"D":3}]})");
  out.clear();
  CHECK_FALSE(append_renamed(out, R"({"a":1})", false, [](std::string_view) { return std::optional<std::string>{}; }));
}

TEST_CASE("flattened records are those of the reference, whose order they have") {
  struct row {
    const char* record;
    bool lists;
    const char* flat;
  };
  auto r = GENERATE(values<row>({
    {R"({"b":{"a":2,"c":3},"a":1.10})", true, R"({"a":1.10,"c":3,"b.a":2})"},
    {R"({"a":1,"b":{"a":2,"c":3}})", true, R"({"c":3,"a":1})"},
    {R"({"x":[1,{"y":2}],"z":{"w":1},"q":0})", true, R"({"q":0,"w":1,"x.1.y":2,"x.0":1})"},
    {R"({"x":[1,{"y":2}],"z":{"w":1},"q":0})", false, R"({"q":0,"w":1,"x":[1,{"y":2}]})"},
    {R"({"z":{"w":1},"x":[1,[2,3]],"q":0,"e":{},"l":[]})", true, R"({"q":0,"x.1.1":3,"x.1.0":2,"x.0":1,"z.w":1})"},
    {R"({"a":{"b":{"c":1}},"c":2})", true, R"({"c":2,"b.c":1})"},
    {"{}", true, "{}"},
  }));
  std::string out;
  CHECK(append_flattened(out, r.record, r.lists, 1 << 20));
  CHECK(out == r.flat);
}

TEST_CASE("a record whose keys would fill the memory is not flattened") {
  std::string record(1000, '[');
  record = R"({"key":)" + record + "1" + std::string(1000, ']') + "}";
  std::string out;
  CHECK_FALSE(append_flattened(out, record, true, 10'000));
}
