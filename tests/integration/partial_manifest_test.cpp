// A manifest that uses more than is supported: only who needs that is refused.

#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"

#include <simdjson.h>

using namespace sluice;
using namespace sluice::test;

namespace {

constexpr std::string_view manifest = R"yaml(
check: {stream_names: [good]}
dynamic_streams: [{type: DynamicDeclarativeStream}]
definitions:
  base: {url_base: "{{ config['api_url'] }}", path: v3/surveys, authenticator: '#/definitions/auth'}
  auth: {type: BearerAuthenticator, api_token: "{{ config['access_token'] }}"}
  all: {extractor: {field_path: [data]}}
  schema: {type: InlineSchemaLoader, schema: {type: object, properties: {id: {type: string}}}}
streams:
  - name: good
    primary_key: id
    retriever: {requester: '#/definitions/base', record_selector: '#/definitions/all'}
    schema_loader: '#/definitions/schema'
  - name: tokens
    primary_key: [id, sub]
    incremental_sync: {type: IncrementingCountCursor, cursor_field: number, start_value: 0}
    state_migrations: [{type: CustomStateMigration, class_name: source_x.Migration}]
    retriever:
      requester: {$ref: '#/definitions/base', authenticator: {type: BlockSimultaneousSyncsAction}}
      record_selector: '#/definitions/all'
    schema_loader: '#/definitions/schema'
  - name: custom
    retriever: {type: CustomRetriever, class_name: source_x.Retriever}
    schema_loader: {type: JsonFileSchemaLoader, file_path: x.json}
  - name: child_of_custom
    retriever:
      requester: '#/definitions/base'
      record_selector: '#/definitions/all'
      partition_router: {parent_stream_configs: [{stream: '#/streams/2', parent_key: id, partition_field: id}]}
    schema_loader: '#/definitions/schema'
)yaml";

struct partial_source {
  partial_source() : path{account.files().write("partial.yaml", manifest)} {}

  sync_result run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), SLUICE_BINARY);
    arguments.insert(arguments.end(), {"--manifest", path});
    return sync_result{run_program(arguments)};
  }

  simulated_account account;
  std::string path;
};

} // namespace

TEST_CASE("spec and discover work for a manifest with streams that cannot be read") {
  partial_source source;
  auto spec = source.run({"spec"});
  INFO(describe(spec));
  CHECK(spec.exit_code == 0);

  auto r = source.run({"discover", "--config", source.account.config()});
  INFO(describe(r));
  REQUIRE(r.exit_code == 0);
  CHECK(r.messages.errors.empty());
  CHECK(r.messages.logged("WARN", "3 of 4 streams cannot be read"));
  CHECK(r.messages.logged("WARN", "tokens, custom, child_of_custom"));
  CHECK(r.messages.logged("WARN", "The schema of 1 of 4 streams is not known"));
  CHECK(r.messages.logged("WARN", "more streams than are listed here: at dynamic_streams"));
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  REQUIRE(parser.parse(r.messages.lines.back()).get(doc) == simdjson::SUCCESS);
  auto text = [&](const char* pointer) {
    simdjson::dom::element x;
    return doc.at_pointer(std::string{"/catalog/streams"} + pointer).get(x) == simdjson::SUCCESS ? simdjson::minify(x)
                                                                                                 : "(nothing)";
  };
  CHECK(text("/0/name") == R"("good")");
  CHECK(text("/1/name") == R"("tokens")");
  CHECK(text("/1/supported_sync_modes") == R"(["full_refresh","incremental"])");
  CHECK(text("/1/default_cursor_field") == R"(["number"])");
  CHECK(text("/1/source_defined_primary_key") == R"([["id"],["sub"]])");
  CHECK(text("/1/json_schema/type") == R"("object")");
  CHECK(text("/2/name") == R"("custom")");
  CHECK(text("/2/json_schema") == "{}");
  CHECK(text("/3/name") == R"("child_of_custom")");
  CHECK(text("/4/name") == "(nothing)");
}

TEST_CASE("a stream is read although others of its manifest cannot be") {
  partial_source source;
  const auto config = source.account.config();
  auto good = source.run({"read", "--config", config, "--catalog", source.account.catalog({"good"})});
  INFO(describe(good));
  CHECK(good.exit_code == 0);
  CHECK(good.messages.last_status("good") == "COMPLETE");
  CHECK_FALSE(good.messages.records["good"].empty());
  CHECK(source.run({"plan", "--config", config, "--catalog", source.account.catalog({"good"})}).exit_code == 0);
  CHECK(source.run({"check", "--config", config}).messages.check_status == "SUCCEEDED");
}

TEST_CASE("who asks for streams that cannot be read gets all reasons at once, and no request is sent") {
  partial_source source;
  const auto config = source.account.config();
  for (const auto* verb : {"read", "plan"}) {
    INFO(verb);
    auto r = source.run(
      {verb, "--config", config, "--catalog", source.account.catalog({"good", "tokens", "custom", "child_of_custom"})});
    INFO(describe(r));
    CHECK(r.exit_code == 1);
    const auto& said = std::string{verb} == "plan" ? r.err : r.out;
    for (const auto* part : {"cannot be used for 3 reasons: ", "at streams[1].retriever.requester.authenticator: ",
                             "BlockSimultaneousSyncsAction", "at streams[1].state_migrations[0]: ",
                             "at streams[2].retriever: ", "CustomRetriever", "(line 2"})
      CHECK(said.find(part) != std::string::npos);
    CHECK(said.find("streams[3]") == std::string::npos);
    CHECK(said.find("schema_loader") == std::string::npos);
    if (std::string{verb} == "read") {
      REQUIRE(r.messages.errors.size() == 1);
      CHECK(r.messages.errors[0].failure_type == "config_error");
    }
  }
  CHECK(source.account.server().statistics().requests == 0);
}

TEST_CASE("components prints the table of the language") {
  auto markdown = run_program({SLUICE_BINARY, "components"});
  CHECK(markdown.exit_code == 0);
  CHECK(markdown.out.rfind("### source\n\n| component |", 0) == 0);
  CHECK(run_program({SLUICE_BINARY, "components", "--markdown"}).out == markdown.out);
  auto json = run_program({SLUICE_BINARY, "components", "--json"});
  CHECK(json.exit_code == 0);
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  CHECK(parser.parse(json.out).get(doc) == simdjson::SUCCESS);
  CHECK(run_program({SLUICE_BINARY, "components", "--json", "--markdown"}).exit_code == 2);
}
