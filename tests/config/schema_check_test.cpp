#include "config/schema_check.hpp"

#include "config/schema_words.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace sluice;
using language::value;
using language::value_dict;
using language::value_list;

namespace {

rc::Gen<value> scalars() {
  return rc::gen::elementOf(std::vector<value>{value{}, value{true}, value{false}, value{0}, value{1}, value{2.0},
                                               value{2.5}, value{-3}, value{1e30}, value{"5"}, value{""}, value{"a"},
                                               value{"bcd"}, value{"2020-01-01"}});
}

rc::Gen<value> documents(int depth) {
  if (depth == 0)
    return scalars();
  return rc::gen::exec([depth] {
    switch (*rc::gen::inRange(0, 4)) {
      case 0: {
        value_list list;
        for (auto n = *rc::gen::inRange(0, 4); n > 0; --n)
          list.push_back(*documents(depth - 1));
        return value{std::move(list)};
      }
      case 1:
      case 2: {
        value_dict dict;
        for (std::string key : {"a", "b", "c"})
          if (*rc::gen::arbitrary<bool>())
            dict.emplace_back(key, *documents(depth - 1));
        return value{std::move(dict)};
      }
      default:
        return *scalars();
    }
  });
}

/// Schemas of the keywords that there are words for.
rc::Gen<value> schemas(int depth) {
  return rc::gen::exec([depth] {
    value_dict s;
    auto maybe = [] { return *rc::gen::inRange(0, 5) == 4; };
    if (maybe())
      s.emplace_back("type", *rc::gen::elementOf(std::vector<value>{
                               "string", "integer", "number", "boolean", "null", "array", "object",
                               value{value_list{"string", "null"}}, value{value_list{"object", "integer"}}}));
    if (maybe())
      s.emplace_back("enum", value{*rc::gen::nonEmpty(rc::gen::container<value_list>(scalars()))});
    if (maybe())
      s.emplace_back("const", *documents(1));
    if (maybe())
      s.emplace_back("minimum", *rc::gen::elementOf(std::vector<value>{0, 1, 1.5, 2.0}));
    if (maybe())
      s.emplace_back("maximum", *rc::gen::elementOf(std::vector<value>{0, 1, 1.5, 2.0}));
    if (maybe())
      s.emplace_back("exclusiveMinimum", *rc::gen::elementOf(std::vector<value>{0, 1, 2.5}));
    if (maybe())
      s.emplace_back("exclusiveMaximum", *rc::gen::elementOf(std::vector<value>{0, 1, 2.5}));
    if (maybe())
      s.emplace_back("multipleOf", *rc::gen::elementOf(std::vector<value>{1, 2, 3}));
    if (maybe())
      s.emplace_back("minLength", *rc::gen::inRange(0, 4));
    if (maybe())
      s.emplace_back("maxLength", *rc::gen::inRange(0, 4));
    if (maybe())
      s.emplace_back("pattern", *rc::gen::elementOf(std::vector<value>{"^a", "^[0-9-]+$", "c"}));
    if (maybe())
      s.emplace_back("format", *rc::gen::elementOf(std::vector<value>{"date", "date-time", "email"}));
    if (maybe())
      s.emplace_back("minItems", *rc::gen::inRange(0, 3));
    if (maybe())
      s.emplace_back("maxItems", *rc::gen::inRange(0, 3));
    if (maybe())
      s.emplace_back("required", value{value_list{*rc::gen::elementOf(std::vector<value>{"a", "b", "d"})}});
    if (depth == 0)
      return value{std::move(s)};
    if (maybe())
      s.emplace_back("items", *schemas(depth - 1));
    if (*rc::gen::arbitrary<bool>()) {
      value_dict properties;
      for (std::string key : {"a", "b"})
        if (*rc::gen::arbitrary<bool>())
          properties.emplace_back(key, *schemas(depth - 1));
      s.emplace_back("properties", value{std::move(properties)});
    }
    if (maybe())
      s.emplace_back("additionalProperties", *rc::gen::arbitrary<bool>() ? value{false} : *schemas(depth - 1));
    for (std::string key : {"allOf", "anyOf", "oneOf"}) {
      if (!maybe())
        continue;
      value_list branches;
      for (auto n = *rc::gen::inRange(1, 4); n > 0; --n)
        branches.push_back(*schemas(depth - 1));
      s.emplace_back(key, value{std::move(branches)});
    }
    return value{std::move(s)};
  });
}

} // namespace

TEST_CASE("there are words for a fault exactly when the validator finds one") {
  CHECK(rc::check("words and verdict agree", [] {
    auto schema = *schemas(2);
    auto document = *documents(3);
    auto verdict = check_schema(document, schema, 100);
    if (!verdict)
      RC_FAIL(verdict.error().message + verdict.error().internal_message + language::to_json(schema));
    auto words = detail::name_faults(document, schema);
    if (verdict->empty() != words.empty())
      RC_FAIL(
        language::to_json(schema) + " of " + language::to_json(document) + ": "
        + (words.empty() ? "no words for: " + verdict->front().text : "words without fault: " + words.front().text));
  }));
}

TEST_CASE("paths are written as one would in a program") {
  CHECK(detail::child_path("", "a") == "a");
  CHECK(detail::child_path("a", "b_c-1") == "a.b_c-1");
  CHECK(detail::child_path("a", std::size_t{2}) == "a[2]");
  CHECK(detail::child_path("a", "x y") == "a[\"x y\"]");
  CHECK(detail::child_path("a", "") == "a[\"\"]");
  CHECK(detail::child_path("", std::string(200, 'k')).size() < 110);
}
