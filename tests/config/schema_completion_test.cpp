#include "config/schema_completion.hpp"

#include "config/language/value.hpp"
#include "config/manifest/manifest.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>

using namespace sluice;
using language::value;

namespace {

bool is_of(const value& schema, std::string_view type) {
  const auto* types = schema.find("type");
  if (types == nullptr)
    return false;
  if (const auto* list = types->as_list())
    return std::any_of(list->begin(), list->end(), [type](const value& x) { return *x.as_string() == type; });
  return *types->as_string() == type;
}

/// Where Singer's SDK (0.39) stumbles when it fits records to a schema: it reads `properties` of whatever it enters,
/// and it enters objects that have some, and the elements of lists; fields that it does not find there are dropped
/// unless there is `additionalProperties`. Empty: nowhere.
std::string stumbles(const value& schema, const std::string& path, bool is_entered) {
  if (is_entered && schema.find("properties") == nullptr)
    return path + " has no properties";
  if (const auto* properties = schema.find("properties"); properties != nullptr && is_entered) {
    const auto* more = schema.find("additionalProperties");
    if (properties->as_dict()->empty() && (more == nullptr || !language::truthy(*more)))
      return path + " loses its fields";
    for (const auto& [name, x] : *properties->as_dict())
      if (auto found = stumbles(x, path + "." + name, is_of(x, "object") && x.find("properties") != nullptr);
          !found.empty())
        return found;
  }
  if (!is_of(schema, "array"))
    return {};
  const auto* items = schema.find("items");
  if (items == nullptr)
    return path + " has no items";
  return items->as_dict() ? stumbles(*items, path + "[]", is_of(*items, "object")) : std::string{};
}

std::string stumbles(std::string_view schema) {
  const auto parsed = language::parse_json(schema);
  REQUIRE(parsed);
  return stumbles(*parsed, "$", true);
}

} // namespace

TEST_CASE("the built-in connector's schemas survive Singer's SDK as they are") {
  auto m = load_built_in_manifest();
  REQUIRE(m);
  REQUIRE((*m)->streams.size() == 8);
  for (const auto& stream : (*m)->streams) {
    INFO(stream.name);
    CHECK(stumbles(stream.json_schema).empty());
    CHECK(complete_schema(stream.json_schema) == stream.json_schema);
  }
}

TEST_CASE("every schema of a manifest survives Singer's SDK when it is completed") {
  std::size_t seen = 0;
  std::size_t improved = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator{test::source_directory() + "/tests/conformance"}) {
    if (file.path().extension() != ".yaml")
      continue;
    auto m = load_manifest_file(file.path().string());
    if (!m)
      continue;
    for (const auto& stream : (*m)->streams) {
      INFO(file.path().string() << " " << stream.name);
      const auto whole = complete_schema(stream.json_schema);
      CHECK(stumbles(whole).empty());
      CHECK(complete_schema(whole) == whole);
      ++seen;
      improved += whole != stream.json_schema ? 1 : 0;
    }
  }
  CHECK(seen > 100);
  CHECK(improved > 10);
}

TEST_CASE("a schema is completed by what JSON Schema takes for granted, and by nothing else") {
  const std::pair<const char*, const char*> cases[] = {
    {R"({})", R"({"type":"object","properties":{},"additionalProperties":true})"},
    {R"({"type":"object"})", R"({"type":"object","properties":{},"additionalProperties":true})"},
    {R"({"properties":{"a":{"type":"string"}}})",
     R"({"properties":{"a":{"type":"string"}},"type":"object","additionalProperties":true})"},
    {R"({"type":"object","additionalProperties":false,"properties":{"a":{"type":["null","array"]}}})",
     R"({"type":"object","additionalProperties":false,"properties":{"a":{"type":["null","array"],"items":{}}}})"},
    {R"({"type":"object","additionalProperties":true,"properties":{"a":{"type":"array","items":{"type":"object"}}}})",
     R"({"type":"object","additionalProperties":true,"properties":{"a":{"type":"array","items":{"type":"object","properties":{},"additionalProperties":true}}}})"},
    {R"({"type":"object","properties":{},"additionalProperties":{"anyOf":[{"type":"array"},{"type":"null"}]}})",
     R"({"type":"object","properties":{},"additionalProperties":{"anyOf":[{"type":"array","items":{}},{"type":"null"}]}})"},
    // A field may have any name.
    {R"({"type":"object","additionalProperties":true,"properties":{"items":{"type":"string"},"type":{"type":"integer"}}})",
     R"({"type":"object","additionalProperties":true,"properties":{"items":{"type":"string"},"type":{"type":"integer"}}})"},
    // What is no schema stays as it is.
    {R"({"type":"object","additionalProperties":true,"properties":{"a":{"default":{"type":"array"},"enum":[{"type":"array"}]}}})",
     R"({"type":"object","additionalProperties":true,"properties":{"a":{"default":{"type":"array"},"enum":[{"type":"array"}]}}})"},
    {R"(true)", R"(true)"},
  };
  for (const auto& [before, after] : cases)
    CHECK(complete_schema(before) == after);
}
