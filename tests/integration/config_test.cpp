#include "tests/integration/protocol_output.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_file.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// A manifest whose old configs are migrated; nothing is ever read with it.
constexpr const char* manifest = R"yaml(
type: DeclarativeSource
version: 7.0.0
check: {type: CheckStream, stream_names: [rows]}
streams:
  - type: DeclarativeStream
    name: rows
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {}}}
    retriever:
      type: SimpleRetriever
      requester: {type: HttpRequester, url_base: "http://127.0.0.1:9", path: /rows}
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
spec:
  type: Spec
  connection_specification:
    type: object
    properties:
      token: {type: string, airbyte_secret: true}
      size: {type: integer}
      ids: {type: array, items: {type: string}}
      credentials: {type: object, properties: {token: {type: string, airbyte_secret: true, minLength: 4}}}
  config_normalization_rules:
    type: ConfigNormalizationRules
    config_migrations:
      - type: ConfigMigration
        transformations:
          - type: ConfigAddFields
            fields: [{type: AddedFieldDefinition, path: [credentials, token], value: "{{ config['token'] }}"}]
            condition: "{{ config.get('token', False) }}"
          - {type: ConfigRemoveFields, field_pointers: [[token]]}
)yaml";

struct files {
  files() { dir.write("manifest.yaml", manifest); }

  /// `discover` does not ask the API.
  program_result discover(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{SLUICE_BINARY, "discover", "--manifest", dir.path("manifest.yaml")};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(all);
  }
  program_result shell(const std::string& command) const {
    return run_program({"/bin/sh", "-c", command, "sh", SLUICE_BINARY, dir.path("manifest.yaml")});
  }
  std::string content(const std::string& name) const {
    std::ifstream in{dir.path(name)};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  temporary_directory dir;
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a migrated config is kept in its file, with its permissions, and told once") {
  const files f;
  const auto config = f.dir.write("config.json", "{\n  \"token\": \"very-secret\",\n  \"size\": 3\n}\n");
  ::chmod(config.c_str(), 0640);
  const auto first = f.discover({"--config", config});
  CHECK(first.exit_code == 0);
  const protocol_output messages{first.out};
  REQUIRE(messages.configs.size() == 1);
  CHECK(messages.configs[0] == R"({"size":3,"credentials":{"token":"very-secret"}})");
  CHECK(contains(first.out, R"("type":"CATALOG")"));
  CHECK_FALSE(contains(messages.talk() + first.err, "very-secret"));
  struct stat info {};
  REQUIRE(::stat(config.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
  CHECK(contains(f.content("config.json"), R"("credentials":{"token":"very-secret"})"));
  const auto second = f.discover({"--config", config});
  CHECK(second.exit_code == 0);
  CHECK(protocol_output{second.out}.configs.empty());
}

TEST_CASE("a plan looks at a migrated config, and keeps nothing") {
  const files f;
  const std::string text = R"({"token":"very-secret"})";
  const auto config = f.dir.write("config.json", text);
  const auto r = run_program({SLUICE_BINARY, "plan", "--manifest", f.dir.path("manifest.yaml"), "--config", config});
  CHECK(r.exit_code == 0);
  CHECK_FALSE(contains(r.out, "CONTROL"));
  CHECK_FALSE(contains(r.out + r.err, "very-secret"));
  CHECK(f.content("config.json") == text);
}

TEST_CASE("a migrated config that is no file is told, and the run goes on") {
  const files f;
  const auto r = f.shell(R"(printf '{"token":"very-secret"}' | "$1" discover --manifest "$2" --config -)");
  INFO(r.out << r.err);
  CHECK(r.exit_code == 0);
  const protocol_output messages{r.out};
  CHECK(messages.configs == std::vector<std::string>{R"({"credentials":{"token":"very-secret"}})"});
  CHECK(messages.logged("INFO", "in no file"));
}

TEST_CASE("a config comes from standard input") {
  const files f;
  CHECK(f.shell(R"("$1" discover --manifest "$2" --config - <<'END'
{"size": 3}
END)")
          .exit_code
        == 0);
  const auto wrong = f.shell(R"(printf '{"size":"very-secret"}' | "$1" discover --manifest "$2" --config -)");
  CHECK(wrong.exit_code == 1);
  CHECK(contains(wrong.out, "size: expected an integer"));
  const auto nothing = f.shell(R"(printf '' | "$1" discover --manifest "$2" --config -)");
  CHECK(contains(nothing.out, "is empty"));
  CHECK(contains(f.shell(R"("$1" discover --manifest "$2" --config - < /dev/null)").out, "a device or a terminal"));
}

TEST_CASE("a config comes from the environment, and shows nothing of it") {
  const files f;
  const auto discover = [&](const std::string& variables) {
    return f.shell("env " + variables + R"( "$1" discover --manifest "$2" --config-env SHOP_)");
  };
  CHECK(discover("SHOP_CREDENTIALS__TOKEN=very-secret SHOP_SIZE=3").exit_code == 0);
  const auto misspelt = discover("SHOP_CREDENTIAL__TOKEN=very-secret");
  CHECK(misspelt.exit_code == 1);
  CHECK(contains(misspelt.out, "did you mean CREDENTIALS?"));
  const auto wrong = discover("SHOP_SIZE=very-secret");
  CHECK(wrong.exit_code == 1);
  CHECK(contains(wrong.out, "size: expected an integer"));
  const auto no_list = discover("SHOP_IDS=very-secret");
  CHECK(no_list.exit_code == 1);
  const auto too_short = discover("SHOP_CREDENTIALS__TOKEN=abc");
  CHECK(too_short.exit_code == 1);
  for (const auto& r : {misspelt, no_list})
    CHECK_FALSE(contains(r.out + r.err, "very-secret"));
  CHECK_FALSE(contains(too_short.out + too_short.err, "\"abc\""));
}

TEST_CASE("variables go on top of a file, which is not rewritten with them") {
  const files f;
  const std::string text = R"({"token":"from-the-file","size":3})";
  const auto config = f.dir.write("config.json", text);
  const auto r = f.shell(R"(env SHOP_SIZE=4 "$1" discover --manifest "$2" --config-env SHOP_ --config )" + config);
  CHECK(r.exit_code == 0);
  CHECK(protocol_output{r.out}.configs
        == std::vector<std::string>{R"({"size":4,"credentials":{"token":"from-the-file"}})"});
  CHECK(f.content("config.json") == text);
}

TEST_CASE("a command without any config is a wrong command line") {
  const files f;
  const auto r = f.discover({});
  CHECK(r.exit_code == 2);
  CHECK(contains(r.err, "--config"));
  CHECK(f.discover({"--config-env", ""}).exit_code == 2);
}
