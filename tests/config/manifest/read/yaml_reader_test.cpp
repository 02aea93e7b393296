#include "config/manifest/read/yaml_reader.hpp"
#include "tests/support/catch2.hpp"

#include <rapidcheck.h>

#include <limits>
#include <string>

using namespace sluice;
using language::to_json;
using language::value;

namespace {

std::string json_of(std::string_view yaml) {
  auto x = read_yaml(yaml, "m.yaml");
  return x ? to_json(x->root) : "error: " + x.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("plain scalars are resolved as PyYAML resolves them") {
  struct row {
    const char* text;
    value wanted;
  };
  const row rows[] = {
    {"", {}},
    {"~", {}},
    {"null", {}},
    {"NULL", {}},
    {"nULL", "nULL"},
    {"yes", true},
    {"On", true},
    {"off", false},
    {"FALSE", false},
    {"y", "y"},
    {"tRUE", "tRUE"},
    {"0", 0},
    {"-17", -17},
    {"+5", 5},
    {"1_000", 1000},
    {"017", 15},
    {"08", "08"},
    {"0o17", "0o17"},
    {"0x1F", 31},
    {"0b101", 5},
    {"1:30", 90},
    {"-1:30:00", -5400},
    {"1.5", 1.5},
    {"1.", 1.0},
    {".5", 0.5},
    {"1e5", "1e5"}, // YAML 1.1 wants a point and a sign
    {"1.0e+5", 100000.0},
    {"-2.5e-1", -0.25},
    {".", "."},
    {"-", "-"},
    {"+", "+"},
    {"1.2.3", "1.2.3"},
    {"12345678901234567890", language::make_integer("12345678901234567890")},
    {"-1_2345678901234567890", language::make_integer("-12345678901234567890")},
    {"0xFFFFFFFFFFFFFFFF", language::make_integer("18446744073709551615")},
    {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
    {"2020-01-01", "2020-01-01"}, // dates stay text
    {"text", "text"},
    {"{{ 1 }}", "{{ 1 }}"},
  };
  for (const auto& [text, wanted] : rows) {
    INFO(text);
    CHECK(resolve_plain_scalar(text) == wanted);
  }
  CHECK(to_json(resolve_plain_scalar(".inf")) == "null");
  CHECK(to_json(resolve_plain_scalar(".NaN")) == "null");
}

TEST_CASE("a YAML document becomes values that keep the order of keys") {
  CHECK(json_of("b: 1\na: [x, '1', \"true\", true]\n") == R"({"b":1,"a":["x","1","true",true]})");
  CHECK(json_of("a: |\n  one\n  two\nb: >-\n  one\n  two\n") == R"({"a":"one\ntwo\n","b":"one two"})");
  CHECK(json_of("1: a\ntrue: b\n") == R"({"1":"a","True":"b"})");
  CHECK(json_of("a: 1\nb: 2\na: 3\n") == R"({"a":3,"b":2})"); // the last of equal keys wins
  CHECK(json_of("a: &x {k: 1}\nb: *x\n") == R"({"a":{"k":1},"b":{"k":1}})");
  CHECK(json_of("a: &x {k: 1, l: 1}\nb: {<<: *x, l: 2}\n") == R"({"a":{"k":1,"l":1},"b":{"k":1,"l":2}})");
  CHECK(json_of("a: {<<: [{k: 1}, {k: 2, l: 2}]}\n") == R"({"a":{"k":1,"l":2}})");
  CHECK(json_of("a: !!str 1\nb: !!int '2'\nc: !!float 3\n") == R"({"a":"1","b":2,"c":3.0})");
  CHECK(json_of("\xEF\xBB\xBF"
                "a: 1\n")
        == R"({"a":1})");
}

TEST_CASE("YAML that cannot be read gives one message with file and line") {
  struct row {
    std::string text;
    const char* part;
  };
  const row rows[] = {
    {"", "empty"},
    {"# only a comment\n", "empty"},
    {"a: 1\nb: [1,\nc: 2\n", "line"},
    {"a: 1\n\tb: 2\n", "line 2"},
    {"a: b: c\n", "line 1"},
    {"a: *nobody\n", "line 1"},
    {"a: &x [*x]\n", "circular"},
    {"a: 1\n---\nb: 2\n", "more than one"},
    {"? {a: 1}\n: 2\n", "key"},
    {"a: !!python/object:os.system x\n", "tag"},
    {"a: !custom 1\n", "tag"},
    {"a: {<<: 1}\n", "merge"},
    {"a: 1\nb: \xff\n", "UTF-8"},
    {std::string{"a: 1\nb: \x04 rest\n"}, "line 2"},
    {std::string(5000, '['), "nested"},
    {"a: " + std::string(300, '{') + "\n", "m.yaml"},
  };
  for (const auto& [text, part] : rows) {
    INFO(text.substr(0, 60));
    auto x = read_yaml(text, "m.yaml");
    REQUIRE_FALSE(x);
    CHECK(x.error().code == errc::bad_manifest);
    CHECK(x.error().failure == failure_type::config_error);
    INFO(x.error().message);
    CHECK(contains(x.error().message, part));
    CHECK(contains(x.error().message, "m.yaml"));
  }
}

TEST_CASE("aliases cannot make a small file expand without bound") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    auto last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 1; j < 10; ++j)
      bomb += ", " + last;
    bomb += "]\n";
  }
  auto x = read_yaml(bomb, "m.yaml");
  REQUIRE_FALSE(x);
  CHECK(contains(x.error().message, "nodes"));
}

TEST_CASE("lines of dicts and lists are remembered") {
  auto x = read_yaml("a: 1\nb:\n  c:\n    d: 1\n  e: [1]\n", "m.yaml");
  REQUIRE(x);
  CHECK(x->lines.find(x->root) == 1);
  CHECK(x->lines.find(*x->root.find("b")->find("c")) == 4);
  CHECK(x->lines.find(*x->root.find("b")->find("e")) == 5);
  CHECK(x->lines.find(value{1}) == 0);
}

TEST_CASE("arbitrary text is read or refused, never more") {
  CHECK(rc::check("any text", [] {
    static const std::string alphabet = " \n\n  :-[]{},'\"&*!|>%@#?~<abc019.";
    auto letters = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
    auto x = read_yaml(letters, "m.yaml");
    RC_ASSERT(x.has_value() || x.error().code == errc::bad_manifest);
  }));
}
