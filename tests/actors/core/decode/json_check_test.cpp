#include "actors/core/decode/json_check.hpp"

#include "tests/support/catch2.hpp"

#include <string>

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
  for (auto text : {"1", " null ", "\"x\"", "[]", "{}", "-0", "1e400", "[1,[2,[3]],{\"a\":[{}]}]", "\t[ 1 , 2 ]\r\n"}) {
    INFO(text);
    CHECK_FALSE(check_json(text));
  }
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
