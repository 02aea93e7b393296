#include "config/manifest/read/references.hpp"
#include "tests/support/catch2.hpp"

#include <string>

using namespace sluice;

namespace {

std::string resolve(std::string_view yaml) {
  auto document = read_yaml(yaml, "m.yaml");
  REQUIRE(document);
  auto x = resolve_references(*document, document->lines, "m.yaml");
  return x ? language::to_json(*x) : "error: " + x.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("references are replaced by what they refer to") {
  struct row {
    const char* yaml;
    const char* json;
  };
  const row rows[] = {
    // A dict with $ref: the target's keys first, own keys win, shallow.
    {"d: {x: {p: 1, q: {r: 2}}}\na: {s: 3, $ref: '#/d/x', q: {t: 4}}\n",
     R"({"d":{"x":{"p":1,"q":{"r":2}}},"a":{"p":1,"q":{"t":4},"s":3}})"},
    // Any text that starts with #/.
    {"d: {x: 1}\na: '#/d/x'\nb: ['#/d/x']\n", R"({"d":{"x":1},"a":1,"b":[1]})"},
    // A target that is no dict replaces the node.
    {"d: {x: text}\na: {$ref: '#/d/x', ignored: 1}\n", R"({"d":{"x":"text"},"a":"text"})"},
    // Chains, and references inside a target.
    {"d: {x: '#/d/y', y: {z: '#/d/w'}, w: 5}\na: '#/d/x'\n", R"({"d":{"x":{"z":5},"y":{"z":5},"w":5},"a":{"z":5}})"},
    // Indices, and keys with slashes.
    {"d: {l: [7, 8]}\na: '#/d/l/1'\n", R"({"d":{"l":[7,8]},"a":8})"},
    {"d: {p/q: 6}\na: '#/d/p/q'\n", R"({"d":{"p/q":6},"a":6})"},
    // Not references.
    {"a: '#nothing'\nb: 'x#/y'\nc: '#'\n", R"({"a":"#nothing","b":"x#/y","c":"#"})"},
  };
  for (const auto& [yaml, json] : rows) {
    INFO(yaml);
    CHECK(resolve(yaml) == json);
  }
}

TEST_CASE("references that lead nowhere or in circles are errors") {
  struct row {
    std::string yaml;
    const char* part;
  };
  const row rows[] = {
    {"a: '#/nowhere'\n", "'#/nowhere' leads nowhere"},
    {"d: {l: [1]}\na: '#/d/l/7'\n", "'#/d/l/7' leads nowhere"},
    {"d: {l: [1]}\na: '#/d/l/x'\n", "leads nowhere"},
    {"a:\n  $ref: elsewhere.yaml\n", "must start with #/"},
    {"a: '#/b'\nb: '#/a'\n", "circular reference #/b -> #/a -> #/b"},
    {"d:\n  x:\n    y: {$ref: '#/d/x'}\n", "circular reference #/d/x -> #/d/x"},
    {"a: {$ref: '#/a'}\n", "circular"},
  };
  for (const auto& [yaml, part] : rows) {
    INFO(yaml);
    auto text = resolve(yaml);
    INFO(text);
    CHECK(contains(text, part));
    CHECK(contains(text, "line"));
  }
}

TEST_CASE("references cannot make a small file expand without bound") {
  SECTION("in width, by sharing") {
    std::string yaml = "d:\n  a0: {x: 1, y: 2}\n";
    for (int i = 1; i < 60; ++i) {
      auto last = "'#/d/a" + std::to_string(i - 1) + "'";
      yaml += "  a" + std::to_string(i) + ": {x: " + last + ", y: " + last + "}\n";
    }
    auto document = read_yaml(yaml, "m.yaml");
    REQUIRE(document);
    auto x = resolve_references(*document, document->lines, "m.yaml");
    REQUIRE(x); // 2^60 nodes, but shared
    CHECK(x->find("d")->find("a59")->find("x")->as_dict() == x->find("d")->find("a58")->as_dict());
  }
  SECTION("in depth") {
    std::string yaml = "d:\n  a0: {x: 1}\n";
    for (int i = 1; i < 2000; ++i)
      yaml += "  a" + std::to_string(i) + ": {x: '#/d/a" + std::to_string(i - 1) + "'}\n";
    CHECK(contains(resolve(yaml), "nested deeper than"));
  }
  SECTION("in a chain") {
    std::string yaml = "end: 1\na0: '#/end'\n";
    for (int i = 1999; i > 0; --i)
      yaml += "a" + std::to_string(i) + ": '#/a" + std::to_string(i - 1) + "'\n";
    CHECK(contains(resolve(yaml), "chain"));
  }
  SECTION("in merged copies") {
    std::string yaml = "d: {big: {";
    for (int i = 0; i < 2000; ++i)
      yaml += "k" + std::to_string(i) + ": 1, ";
    yaml += "}}\nl:\n";
    for (int i = 0; i < 1000; ++i)
      yaml += "  - {$ref: '#/d/big', own: 1}\n";
    CHECK(contains(resolve(yaml), "expand to more than"));
  }
}
