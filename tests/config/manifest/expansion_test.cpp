#include "config/manifest/read/references.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;

// A small file that expands to more than a million nodes is refused at once, wherever the expansion is.

namespace {

/// Definitions `d0` to `d<levels>`, each with ten times the nodes of the one before, as references.
std::string tens(std::size_t levels) {
  std::string yaml = "definitions:\n  d0: {type: string, n: 1}\n";
  for (std::size_t i = 1; i <= levels; ++i) {
    yaml += "  d" + std::to_string(i) + ": {type: object, properties: {";
    for (char name = 'a'; name < 'k'; ++name)
      yaml += (name == 'a' ? std::string{} : ", ") + name + ": {$ref: '#/definitions/d" + std::to_string(i - 1) + "'}";
    yaml += "}}\n";
  }
  return yaml;
}

std::string manifest_with(const std::string& what, const std::string& replacement, const std::string& more) {
  return with(what, replacement) + "\n" + more;
}

const std::string a_schema = "schema: {type: object, properties: {id: {type: integer}}}";

} // namespace

TEST_CASE("references in a schema or spec cannot expand without bound") {
  const std::string spec = "spec: {type: Spec, connection_specification: {$ref: '#/definitions/d6'}}\n";
  CHECK(contains(load_error(manifest_with(a_schema, "schema: {$ref: '#/definitions/d6'}", tens(6))), "1000000 nodes"));
  CHECK(contains(load_error(std::string{small_manifest} + "\n" + tens(6) + spec), "1000000 nodes"));
  CHECK(load_error(manifest_with(a_schema, "schema: {$ref: '#/definitions/d4'}", tens(4))).empty());
  // What nobody uses costs nothing.
  CHECK(load_error(std::string{small_manifest} + "\n" + tens(20)).empty());
}

TEST_CASE("one counter counts all expansion") {
  // Each stream alone would do.
  auto m = with("schema: {type: object}", "schema: {$ref: '#/definitions/d5'}",
                with(a_schema, "schema: {$ref: '#/definitions/d5'}"));
  const auto spec = "spec: {type: Spec, connection_specification: {$ref: '#/definitions/d5'}}\n";
  const auto one = manifest_with(a_schema, "schema: {$ref: '#/definitions/d5'}", tens(5));
  CHECK(load_error(one).empty());
  CHECK(contains(load_error(m + "\n" + tens(5) + spec), "1000000 nodes"));
}

TEST_CASE("texts and lists in fields count as well") {
  std::string list = "definitions:\n  l: [";
  for (int i = 0; i < 50'000; ++i)
    list += "a, ";
  list += "b]\n";
  std::string fields = "transformations:\n";
  for (int i = 0; i < 25; ++i)
    fields += "      - {type: RemoveFields, field_pointers: [{$ref: '#/definitions/l'}]}\n";
  CHECK(
    contains(load_error(manifest_with("primary_key: id", "primary_key: id\n    " + fields, list)), "1000000 nodes"));
}

TEST_CASE("parameters cannot expand without bound") {
  const std::string text(100'000, 'x');
  std::string handlers = "error_handler: {type: CompositeErrorHandler, error_handlers: [";
  for (int i = 0; i < 700; ++i)
    handlers += "{type: DefaultErrorHandler}, ";
  handlers += "]}";
  SECTION("a long text, in every component") {
    CHECK(contains(load_error(with("path: parents",
                                   "path: parents\n        " + handlers + "\n        $parameters: {x: " + text + "}")),
                   "1000000 nodes"));
  }
  SECTION("a shared tree, in every component") {
    CHECK(contains(
      load_error(manifest_with(
        "path: parents",
        "path: parents\n        " + handlers + "\n        $parameters: {x: {$ref: '#/definitions/d4'}}", tens(4))),
      "1000000 nodes"));
  }
  SECTION("many of them") {
    std::string many = "definitions: {p: {";
    for (int i = 0; i < 4000; ++i)
      many += "k" + std::to_string(i) + ": 1, ";
    many += "}}\n";
    CHECK(contains(
      load_error(manifest_with(
        "path: parents", "path: parents\n        " + handlers + "\n        $parameters: '#/definitions/p'", many)),
      "1000000 nodes"));
  }
}

TEST_CASE("unknown fields of shared components count") {
  std::string big = "definitions: {h: {type: DefaultErrorHandler";
  for (int i = 0; i < 4000; ++i)
    big += ", k" + std::to_string(i) + ": 1";
  big += "}}\n";
  std::string handlers = "error_handler: {type: CompositeErrorHandler, error_handlers: [";
  for (int i = 0; i < 300; ++i)
    handlers += "'#/definitions/h', ";
  CHECK(contains(load_error(manifest_with("path: parents", "path: parents\n        " + handlers + "]}", big)),
                 "1000000 nodes"));
}

TEST_CASE("aliases and merge keys cannot expand without bound") {
  SECTION("a long text, aliased") {
    std::string yaml = "a: &a " + std::string(1'000'000, 'x') + "\nl: [";
    for (int i = 0; i < 2000; ++i)
      yaml += "*a, ";
    CHECK(contains(load_error(yaml + "]\n"), "1000000 nodes"));
  }
  SECTION("merged maps") {
    std::string yaml = "a: &a {";
    for (int i = 0; i < 4000; ++i)
      yaml += "k" + std::to_string(i) + ": 1, ";
    yaml += "}\nl:\n";
    for (int i = 0; i < 200; ++i)
      yaml += "  - {<<: *a, own: 1}\n";
    CHECK(contains(load_error(yaml), "1000000 nodes"));
  }
  SECTION("maps that grow by merging") {
    std::string yaml;
    for (int i = 0; i < 3; ++i) {
      yaml += "m" + std::to_string(i) + ": &m" + std::to_string(i) + " {";
      for (int k = 0; k < 2500; ++k)
        yaml += "k" + std::to_string(i) + "_" + std::to_string(k) + ": 1, ";
      yaml += "}\n";
    }
    CHECK(contains(load_error(yaml + "all: {<<: [*m0, *m1, *m2]}\n"), "more than 5000 keys"));
  }
  SECTION("references that are merged with a long text") {
    std::string yaml = "d: {big: {x: " + std::string(1'000'000, 'x') + "}}\nl:\n";
    for (int i = 0; i < 200; ++i)
      yaml += "  - {$ref: '#/d/big', own: 1}\n";
    auto document = read_yaml(yaml, "m.yaml");
    REQUIRE(document);
    auto x = resolve_references(*document, document->lines, "m.yaml");
    REQUIRE_FALSE(x);
    CHECK(contains(x.error().message, "1000000 nodes"));
  }
}
