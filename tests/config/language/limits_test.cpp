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
  for (auto* link : {" + 1", " * 1", " - 1", ".a", "[0]", " | abs", ".get('a')", "[0:1]", " if 1"}) {
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
                 {"{{ ('x' * 1000) | regex_replace('x', 'y' * 2000) }}", "longer than 1 MiB"},
                 {"{{ ('x' * 1000) | replace('', 'x' * 1000 * 1000) }}", "longer than 1 MiB"},
                 {"{{ ([1] * 60000) | join('x' * 1000) }}", "longer than 1 MiB"},
                 {"{{ ([['x' * 1000] * 1000] * 1000) | tojson }}", "too much work"},
                 {"{{ [['x' * 1000] * 1000] * 1000 }}", "longer than 1 MiB"},
                 {"{{ [[[[1] * 60000] * 60000] * 60000] * 60000 }}", "longer than 1 MiB"},
                 {"{{ ([1] * 60000) + ([1] * 60000) }}", "more than 65536 elements"},
                 {"{{ ' '.zfill(1000000000000) }}", "longer than 1 MiB"},
                 {"{{ ('%' ~ 's' * 1) % ('x' * 1000 * 2000) }}", "longer than 1 MiB"},
                 {"{{ '%1001d' % 1 }}", "is not known here"},
                 {"{{ 2 ** 9223372036854775807 }}", "more than 4300 digits"},
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

TEST_CASE("no operation copies or reads more than evaluation may") {
  scope s;
  s.set("config", value{value_dict{{"text", value{std::string(1'000'000, 'a')}},
                                   {"list", value{value_list(1000, value{std::string(100'000, 'a')})}},
                                   {"dict", value{[] {
                                      value_dict dict;
                                      for (int i = 0; i < 100'000; ++i)
                                        dict.emplace_back(std::to_string(i), value{i});
                                      return dict;
                                    }()}}}});
  auto many = [](const std::string& one) { return "0" + repeated(" or not (" + one + ")", 400); };
  const std::string t = "config.text";
  const std::vector<std::string> expressions = {
    // Lists of long texts hold copies of them.
    "[" + t + "] * 60000",
    "[" + t + ", 1] * 30000",
    "([" + t + "] * 20) + ([" + t + "] * 20)",
    "[" + repeated(t + ", ", 400) + "]",
    "config.list | list | length",
    "config.list | join",
    "config.list[::-1] | length",
    "config.list[0:999] | length",
    "{" + repeated("'a' ~ 1: " + t + ", ", 400) + "}",
    // Searches read the text, once each.
    many(t + ".find('b')"),
    many("'b' not in " + t),
    many(t + ".count('b') == 0"),
    many(t + ".replace('b', 'c')"),
    many(t + " | replace('b', 'c')"),
    many(t + ".split('b')"),
    many(t + ".rsplit('b', 1)"),
    many(t + ".split()"),
    many(t + ".startswith('b') == false"),
    many(t + ".strip('a') == ''"),
    many(t + ".isdigit() == false"),
    many(t + " | length"),
    many(t + "[0:1]"),
    many(t + "[999999]"),
    many(t + " | upper"),
    many(t + " | trim('b')"),
    many(t + " | urlencode"),
    many("'{}'.format(" + t + ")"),
    many("'%s' % " + t),
    many("'%r' % [" + t + "]"),
    many(t + " | regex_search('(b)') == ''"),
    many(t + " | regex_replace('b', '')"),
    many(t + ".zfill(1000000)"),
    many(t + " ~ 'x'"),
    many(t + " | string"),
    many(t + " | tojson"),
    many("[" + t + "] | last"),
    many("'x' ~ (" + t + " if 1 else 2)"),
    // Matches that must read to the end, each.
    t + " | regex_replace('a*b|a', '') | length",
    // Keys are searched one by one.
    many("config.dict['99999']"),
    many("config.dict.x | default(1)"),
    many("config.dict.get('x', 1)"),
    many("'x' not in config.dict"),
    many("config.dict | list"),
    many("config.dict.items()"),
    many("config.dict.values()"),
    // Shared tuples.
    "((((1,) * 60000,) * 60000,) * 60000,) | tojson",
    "((((1,) * 60000,) * 60000,) * 60000,) | string",
  };
  for (auto& expression : expressions) {
    CAPTURE(expression.substr(0, 120));
    auto compiled = text_template::parse("{{ " + expression + " }}", {"config"});
    REQUIRE(compiled);
    auto text = compiled->render(s);
    CHECK((text ? "rendered " + text->substr(0, 40) : text.error().message).find("too much work") != std::string::npos);
  }
}

// Each would take hours if it looked at every place for the whole part again.
TEST_CASE("searching takes linear time") {
  scope s;
  s.set("config", value{value_dict{{"text", value{std::string(1'000'000, 'a')}},
                                   {"part", value{std::string(400'000, 'a') + "b" + std::string(400'000, 'a')}},
                                   {"set", value{std::string(300'000, 'b') + "a"}}}});
  for (auto* expression :
       {"config.text.find(config.part) == -1", "config.part not in config.text", "config.text.count(config.part) == 0",
        "config.text.replace(config.part, '') == config.text", "config.text.split(config.part) | length == 1",
        "config.text.rsplit(config.part, 3) | length == 1", "config.text.strip(config.set) == ''",
        "config.text | trim(config.set) == ''"}) {
    CAPTURE(expression);
    auto compiled = text_template::parse("{{ " + std::string{expression} + " }}", {"config"});
    REQUIRE(compiled);
    CHECK(compiled->render(s) == "True");
  }
}

TEST_CASE("an evaluation ends when the run has no time left") {
  std::atomic<bool> stop{false};
  auto t = text_template::parse("{{ 1 }}", {});
  auto c = condition::parse("{{ 1 }}", {});
  REQUIRE(t);
  REQUIRE(c);
  const evaluation_stop until{&stop};
  CHECK(t->render({}) == "1");
  stop = true;
  for (const auto& ended : {t->render({}).error(), t->evaluate({}).error(), t->render_optional({}).error(),
                            t->render_values({}).error(), c->evaluate({}).error()})
    CHECK(ended.code == sluice::errc::interrupted);
  {
    const evaluation_stop other{nullptr};
    CHECK(t->render({}) == "1");
  }
  CHECK_FALSE(t->render({}));
}

TEST_CASE("an evaluation under way looks at the time now and then") {
  std::atomic<bool> stop{false};
  scope s;
  s.set_lazy("config", [&stop] {
    stop = true;
    return value{std::string(1'000'000, 'a')};
  });
  auto t = text_template::parse("{{ config | upper | lower }}", {"config"});
  REQUIRE(t);
  const evaluation_stop until{&stop};
  auto text = t->render(s);
  REQUIRE_FALSE(text);
  CHECK(text.error().code == sluice::errc::interrupted);
}

TEST_CASE("a large value that is only passed on is not limited by what templates may make") {
  scope s;
  s.set("response", value{value_dict{{"text", value{std::string(3'000'000, 'x')}}, {"n", value{1}}}});
  auto t = text_template::parse("{{ response.n }}{{ response.text | length }}{{ 'y' in response.text }}", {"response"});
  REQUIRE(t.has_value());
  CHECK(t->render(s) == "13000000False");
}

TEST_CASE("statements are bounded in work, text, depth and calls") {
  auto loop = [](int levels, const std::string& inner) {
    std::string text;
    for (int i = 0; i < levels; ++i)
      text += "{% for a" + std::to_string(i) + " in [1] * 1000 %}";
    return text + inner + repeated("{% endfor %}", static_cast<std::size_t>(levels));
  };
  const std::pair<std::string, const char*> cases[] = {
    {loop(2, "x"), "too much work"},
    {"{% for a in [1] * 1000 %}" + std::string(2000, 'x') + "{% endfor %}", "1 MiB"},
    {loop(3, ""), "too much work"},
    {loop(4, "{% set x = 1 %}"), "too much work"},
    {"{% set l = [] %}" + loop(3, "{% set _ = l.append('x' * 1000) %}"), "too much work"},
    {"{% set ns = namespace(x=[]) %}" + loop(2, "{% set ns.x = [ns.x, ns.x] %}") + "{{ ns.x }}", "error: "},
    {"{% set ns = namespace(x=[]) %}" + loop(2, "{% set ns.x = [ns.x] %}") + "{{ ns.x == ns.x }}{{ ns.x }}", "error: "},
    {"{% set l = [1] %}" + loop(1, "{% set _ = l.extend(l) %}"), "error: "},
    {"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "too deep"},
    {"{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}", "too deep"},
    {"{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "too deep"},
    {repeated("{% if 1 %}", 3000) + repeated("{% endif %}", 2000), "nested too deeply"},
    {repeated("{% if 1 %}", 3000), "nested too deeply"},
  };
  for (auto& [source, part] : cases) {
    CAPTURE(source.substr(0, 200));
    auto text = rendered(source);
    CAPTURE(text.substr(0, 200));
    CHECK(contains(text, "error: "));
    CHECK(contains(text, part));
  }
}

TEST_CASE("lists that hold themselves, or each other, are harmless") {
  CHECK(rendered("{% set l = [1] %}{% set _ = l.append(l) %}{{ l }}{{ l == l }}{{ l | length }}") == "[1, [...]]True2");
  CHECK(rendered("{% set d = {} %}{% set _ = d.update(a=d) %}{{ d }}") == "{'a': {...}}");
  CHECK(contains(rendered("{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}"), "error: "));
  auto t = text_template::parse("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}", {});
  REQUIRE(t.has_value());
  CHECK(t->evaluate(scope{}).has_value());
}
