#include "tests/config/language/template_support.hpp"

using namespace sluice::language;
using namespace sluice::language::test;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i)
    out += text;
  return out;
}

} // namespace

TEST_CASE("a template's source is bounded") {
  CHECK(contains(rendered(std::string(65'537, 'x')), "longer than 64 KiB"));
  CHECK(rendered(std::string(65'536, 'x')).size() == 65'536);
}

TEST_CASE("nesting is bounded, whatever nests") {
  for (auto& [open, close] : std::vector<std::pair<std::string, std::string>>{{"(", ")"},
                                                                              {"[", "]"},
                                                                              {"{'a':", "}"},
                                                                              {"-", ""},
                                                                              {"not ", ""},
                                                                              {"max(", ")"},
                                                                              {"1 if 1 else ", ""},
                                                                              {"config[", "]"}}) {
    CAPTURE(open);
    auto text = rendered("{{ " + repeated(open, 4000) + "1" + repeated(close, 4000) + " }}");
    CHECK(contains(text, "nested too deeply"));
    auto shallow = rendered("{{ " + repeated(open, 40) + "1" + repeated(close, 40) + " }}");
    CHECK_FALSE(contains(shallow, "parse error"));
  }
}

TEST_CASE("chains are bounded, whatever they are made of") {
  for (auto* link : {" + 1", " * 1", " - 1", ".a", "[0]", " | abs", " is defined", ".get('a')", "[0:1]", " if 1"}) {
    CAPTURE(link);
    CHECK(contains(rendered("{{ 1" + repeated(link, 4000) + " }}"), "too deep"));
    CHECK_FALSE(contains(rendered("{{ 1" + repeated(link, 100) + " }}"), "parse error"));
  }
  // These are flat.
  CHECK(rendered("{{ 1" + repeated(" ~ 1", 4000) + " }}") == std::string(4001, '1'));
  CHECK(rendered("{{ 0" + repeated(" or 0", 4000) + " }}") == "0");
}

TEST_CASE("results are bounded") {
  check_refused({{"{{ 'x' * 10**9 }}", "longer than 1 MiB"},
                 {"{{ [0] * 10**9 }}", "more than 65536 elements"},
                 {"{{ 10**9 * 'ab' }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000 * 1000) * 1000000 }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000 * 600) ~ ('x' * 1000 * 600) }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000 * 600) + ('x' * 1000 * 600) }}", "longer than 1 MiB"},
                 {"{{ 'x' * 1000 * 600 }}{{ 'x' * 1000 * 600 }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000 * 1000) | replace('x', 'xx') }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000 * 1000) | regex_replace('x', 'xx') }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000) | replace('', 'x' * 1000 * 1000) }}", "longer than 1 MiB"},
                 {"{{ ([1] * 60000) | join('x' * 1000) }}", "longer than 1 MiB"},
                 {"{{ ([['x' * 1000] * 1000] * 1000) | tojson }}", "longer than 1 MiB"},
                 {"{{ [['x' * 1000] * 1000] * 1000 }}", "longer than 1 MiB"},
                 {"{{ [[[[1] * 60000] * 60000] * 60000] * 60000 }}", "longer than 1 MiB"},
                 {"{{ ([1] * 60000) + ([1] * 60000) }}", "more than 65536 elements"},
                 {"{{ ' '.zfill(1000000000000) }}", "longer than 1 MiB"},
                 {"{{ ('%' ~ 's' * 1) % ('x' * 1000 * 2000) }}", "longer than 1 MiB"},
                 {"{{ '%1001d' % 1 }}", "other than"},
                 {"{{ 2 ** 9223372036854775807 }}", "does not fit 64 bits"},
                 {"{{ 10.0 ** 1000 }}", "float"}});
}

TEST_CASE("work is bounded") {
  // Each step is small enough, and its result is thrown away.
  CHECK(contains(rendered("{{ 0" + repeated(" or not ('x' * 1000 * 1000)", 100) + " }}"), "too much work"));
  CHECK(contains(rendered("{{ 0" + repeated(" or ([0] * 60000) == 1", 100) + " }}"), "too much work"));
}

TEST_CASE("lists shared in lists cannot be used to multiply work or results") {
  const std::string huge = "[[[[0] * 60000] * 60000] * 60000]";
  for (auto& expression : {huge + " == " + huge, huge + " in [" + huge + "]", "max(" + huge + ", " + huge + ")"}) {
    CAPTURE(expression);
    CHECK(contains(rendered("{{ " + expression + " }}"), "too much work"));
  }
  CHECK(contains(evaluated("{{ " + huge + " }}"), "the result is larger than 16 MiB"));
  // Comparing with something small is cheap, however large the other one is.
  CHECK(rendered("{{ " + huge + " == [] }} {{ " + huge + " == [[[[0]]]] }} {{ 1 in " + huge + " }}")
        == "False False False");
}

TEST_CASE("a large value that is only passed on is not limited by what templates may make") {
  scope s;
  s.set("response", value{value_dict{{"text", value{std::string(3'000'000, 'x')}}, {"n", value{1}}}});
  auto t = text_template::parse("{{ response.n }}{{ response.text | length }}{{ 'y' in response.text }}", {"response"});
  REQUIRE(t.has_value());
  CHECK(t->render(s) == "13000000False");
}
