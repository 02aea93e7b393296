#include "messages/text/json_check.hpp"

#include "tests/support/catch2.hpp"

#include <string>
#include <string_view>

#include <rapidcheck.h>
#include <simdjson.h>

using namespace sluice;

TEST_CASE("the strict checker tells where a text stops being JSON") {
  struct row {
    const char* text;
    const char* what;
    std::size_t offset;
  };
  auto r = GENERATE(values<row>({
    {R"({"a":1 "b":2})", "has something other than `,` or `}` after a field", 7},
    {R"([1 2])", "has something other than `,` or `]` after an element", 3},
    {R"({"a" 1})", "has an object key without `:`", 5},
    {R"({"a":1,})", "has an object key that is no string", 7},
    {R"([1,])", "has something that is no JSON value", 3},
    {R"([nul])", "has an unknown word", 1},
    {R"(["\q"])", "has an unknown escape in a string", 3},
    {"[\"a\nb\"]", "has a control character in a string", 3},
    {R"([1.x])", "has a number without digits after the point", 3},
    {R"([1ex])", "has a number without digits in its exponent", 3},
    {R"([007])", "has a number with a leading zero", 1},
    {R"([1)", "ends before the JSON document is complete", 2},
  }));
  auto problem = check_json(r.text);
  INFO(r.text);
  REQUIRE(problem);
  CHECK(problem->what == r.what);
  CHECK(problem->offset == r.offset);
}

TEST_CASE("the strict checker accepts scalars, blanks and numbers of any size") {
  for (auto text : {"1", " null ", "\"x\"", "[]", "{}", "-0", "1e400", "\"\\ud800\"", "[1,[2,[3]],{\"a\":[{}]}]",
                    "\t[ 1 , 2 ]\r\n"}) {
    INFO(text);
    CHECK_FALSE(check_json(text));
  }
}

TEST_CASE("what is to be decoded has numbers of a double's range and whole surrogate pairs") {
  auto offset = [](std::string_view text) {
    auto problem = check_json(text, {.is_decoded = true});
    return problem ? static_cast<int>(problem->offset) : -1;
  };
  CHECK(offset("[1.7976931348623157e308,-1e-400]") == -1);
  CHECK(offset("[ 1e309]") == 2);
  CHECK(offset("[-" + std::string(400, '9') + "]") == 1);
  CHECK(offset(R"("\ud83d\uDE00")") == -1);
  CHECK(offset(R"("a\ud83d")") == 7);
  CHECK(offset(R"("\ud83d\ud83d\ude00")") == 6);
  CHECK(offset(R"("\ude00")") == 6);
  CHECK(offset(R"("\ud83d\n")") == 6);
  CHECK(offset(R"("\ud83d\u12g4")") == 11);
}

TEST_CASE("levels are counted, and the bound is named") {
  const std::string three = R"([{"a":[1]}])";
  CHECK_FALSE(check_json(three, {.depth = 3}));
  auto problem = check_json(three, {.depth = 2});
  REQUIRE(problem);
  CHECK(problem->what == "is nested too deeply (more than 2 levels)");
  CHECK(problem->offset == 6);
}

TEST_CASE("other encodings of Unicode are named") {
  using namespace std::string_view_literals;
  for (auto text : {"\xFF\xFE{\0}\0"sv, "\0\0\xFE\xFF"sv, "{\0}\0"sv}) {
    auto problem = check_json(text);
    REQUIRE(problem);
    CHECK(problem->other_encoding);
  }
  auto latin = check_json("[\"\xE4\"]");
  REQUIRE(latin);
  CHECK_FALSE(latin->other_encoding);
  CHECK(latin->offset == 2);
}

TEST_CASE("the strict checker and simdjson agree on texts made of JSON's characters") {
  const std::string alphabet = "{}[]:,\"\"\"aabtruefalsenull0123.eE-+\\ ";
  simdjson::dom::parser parser;
  CHECK(rc::check("agreement", [&] {
    auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
    auto mine = !check_json(text);
    auto theirs = parser.parse(text.data(), text.size(), true).error();
    // simdjson refuses some legal numbers and escaped surrogates, never the other way round.
    if (theirs == simdjson::SUCCESS) {
      RC_ASSERT(mine);
    } else if (mine) {
      RC_ASSERT(text.find_first_of("0123456789") != std::string::npos);
    }
  }));
}
