#include "config/manifest/components/json_schema.hpp"

#include "config/language/value.hpp"
#include "config/manifest/components/table.hpp"
#include "config/manifest/read/yaml_reader.hpp"
#include "config/tuning.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"

#define VALIJSON_USE_EXCEPTIONS 1
#include <Poco/JSON/Parser.h>
#include <valijson/adapters/poco_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream in{path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Poco::Dynamic::Var parsed(const std::string& json) {
  return Poco::JSON::Parser{}.parse(json);
}

/// What the editor's language server would do with a schema.
class editor {
public:
  explicit editor(const std::string& schema) : text_{parsed(schema)} {
    valijson::SchemaParser{}.populateSchema(valijson::adapters::PocoJsonAdapter{text_}, schema_);
  }
  bool takes(const std::string& json) {
    const auto document = parsed(json);
    valijson::Validator validator;
    return validator.validate(schema_, valijson::adapters::PocoJsonAdapter{document}, nullptr);
  }
  bool takes_yaml(const std::string& yaml) {
    auto document = read_yaml(yaml, "test");
    REQUIRE(document);
    return takes(language::to_json(document->root));
  }

private:
  Poco::Dynamic::Var text_;
  valijson::Schema schema_;
};

} // namespace

TEST_CASE("the schema of manifests has every component with its fields") {
  const auto schema = language::parse_json(manifest_json_schema());
  REQUIRE(schema);
  for (const auto& family : component_families())
    for (const auto& rule : family.rules) {
      INFO(rule.type);
      const auto* definition = schema->find("definitions")->find(rule.type);
      REQUIRE(definition != nullptr);
      for (const auto& x : rule.fields)
        CHECK(definition->find("properties")->find(x.name) != nullptr);
    }
}

TEST_CASE("the schema of manifests takes those that are read, and refuses what an editor should underline") {
  editor schema{manifest_json_schema()};
  CHECK(schema.takes_yaml(text_of_file(source_directory() + "/config/surveymonkey.yaml")));
  int taken = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{source_directory() + "/tests/conformance"}) {
    if (entry.path().extension() != ".yaml")
      continue;
    auto document = read_yaml(text_of_file(entry.path()), "case");
    const auto* manifest = document ? document->root.find("manifest") : nullptr;
    // Numbers that Poco's parser does not take are no business of the schema.
    if (manifest == nullptr || entry.path().string().find("integer") != std::string::npos)
      continue;
    INFO(entry.path());
    CHECK(schema.takes(language::to_json(*manifest)));
    ++taken;
  }
  CHECK(taken > 100);
  const std::string stream = R"({"streams":[{"type":"DeclarativeStream","name":"a","retriever":)";
  CHECK(schema.takes(stream + R"({"type":"SimpleRetriever"}}]})"));
  CHECK(schema.takes(stream + R"("#/definitions/x"}]})"));
  CHECK(schema.takes(stream + R"({"$ref":"#/definitions/x"}}]})"));
  CHECK(!schema.takes(stream + R"({"type":"SimpleRetreiver"}}]})"));
  CHECK(!schema.takes(stream + R"(5}]})"));
  CHECK(!schema.takes(R"({"streams":[],"unknown":1})"));
}

TEST_CASE("the schema of tuning files takes the documented file, and refuses unknown keys and wrong kinds") {
  editor schema{tuning_json_schema()};
  CHECK(schema.takes_yaml(text_of_file(source_directory() + "/config/sluice.yaml")));
  CHECK(schema.takes_yaml("fetchers.pool_size: 10\nhttp:\n"));
  CHECK(!schema.takes_yaml("fetchers: {pool_sise: 10}"));
  CHECK(!schema.takes_yaml("fetchers: {pool_size: many}"));
  CHECK(!schema.takes_yaml("fetchers: {pool_size: 0}"));
  CHECK(!schema.takes_yaml("emitter: {mailbox_bytes: 8}"));
  CHECK(!schema.takes_yaml("quota: {on_exhausted: panic}"));
}
