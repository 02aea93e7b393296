// Manifests that somebody begins to write: `new`, `validate`, schemas for editors.

#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"

#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace sluice;
using namespace sluice::test;

namespace {

program_result run_with(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SLUICE_BINARY);
  return run_program(arguments);
}

std::string text_of_file(const std::string& path) {
  std::ifstream in{path};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("what new writes can be validated, checked and read at once, whatever was chosen") {
  simulated_account a;
  int made = 0;
  for (const auto* auth : {"none", "bearer", "api-key", "basic"})
    for (const auto* paging : {"none", "page", "offset", "cursor", "link"}) {
      if (std::string_view{auth} != "bearer" && std::string_view{paging} != "page")
        continue;
      const auto folder = a.files().path("made" + std::to_string(made++));
      auto written = run_with({"new", "--base-url", a.server().url(), "--auth", auth, "--paging", paging, "--folder",
                               folder, "--records", "items", "--list-path", "/lists/items"});
      INFO(auth << ", " << paging << "\n" << describe(written));
      REQUIRE(written.exit_code == 0);
      const auto manifest = folder + "/manifest.yaml";
      const auto lines = text_of_file(manifest);
      CHECK(std::count(lines.begin(), lines.end(), '\n') <= 50);
      CHECK(
        run_with({"validate", "--manifest", manifest, "--config", folder + "/config.json", "--deny-warnings"}).exit_code
        == 0);
      // The simulator's token.
      a.server().set_token(std::string_view{auth} == "none" ? "" : "simulator-token");
      auto read = sync_result{run_with({"read", "--manifest", manifest, "--config", folder + "/config.json",
                                        "--catalog", folder + "/catalog.json", "--progress", "never"})};
      INFO(describe(read));
      CHECK(read.exit_code == 0);
      CHECK(read.messages.records["items"].size() == (std::string_view{paging} == "none" ? 20 : 250));
      CHECK(read.messages.ids("items").size() == read.messages.records["items"].size());
    }
}

TEST_CASE("new replaces no files unless it is told to, and says what is no URL") {
  temporary_directory files;
  CHECK(run_with({"new", "--folder", files.path(".")}).exit_code == 0);
  CHECK(std::filesystem::status(files.path("config.json")).permissions()
        == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  files.write("manifest.yaml", "mine");
  auto again = run_with({"new", "--folder", files.path(".")});
  CHECK(again.exit_code == 1);
  CHECK(again.err.find("--force") != std::string::npos);
  CHECK(text_of_file(files.path("manifest.yaml")) == "mine");
  CHECK(run_with({"new", "--folder", files.path("."), "--force"}).exit_code == 0);
  CHECK(text_of_file(files.path("manifest.yaml")) != "mine");
  CHECK(run_with({"new", "--folder", files.path("x"), "--base-url", "api.example.com"}).exit_code == 2);
}

TEST_CASE("validate tells all problems at once, with their lines, and which streams run, need Python or cannot run") {
  temporary_directory files;
  const auto manifest = files.write("broken.yaml", R"(version: 6.0.0
type: DeclarativeSource
check: {type: CheckStream, stream_names: [good]}
definitions:
  requester: {type: HttpRequester, url_base: "https://api.example.com", path: /x, http_metod: GET}
  selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
streams:
  - type: DeclarativeStream
    name: good
    retriever: {type: SimpleRetriever, requester: {$ref: "#/definitions/requester"}, record_selector: {$ref: "#/definitions/selector"}}
  - type: DeclarativeStream
    name: python
    retriever: {type: CustomRetriever, class_name: source.Retriever}
  - type: DeclarativeStream
    name: wrong
    retriever:
      type: SimpleRetriever
      requester: {$ref: "#/definitions/requester"}
  - type: DeclarativeStream
    name: template
    retriever:
      type: SimpleRetriever
      requester: {type: HttpRequester, url_base: "https://api.example.com", path: "{{ unclosed"}
      record_selector: {$ref: "#/definitions/selector"}
)");
  auto text = run_with({"validate", "--manifest", manifest});
  INFO(describe(text));
  CHECK(text.exit_code == 1);
  for (const auto* part :
       {"Did you mean 'http_method'?", "good      runs", "python    needs Python", "wrong     cannot run",
        "template  cannot run", "needs the field 'record_selector'", "in line 16"})
    CHECK(text.out.find(part) != std::string::npos);
  auto json = run_with({"validate", "--manifest", manifest, "--json"});
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  REQUIRE(parser.parse(json.out).get(doc) == simdjson::SUCCESS);
  std::string_view status;
  CHECK(doc.at_pointer("/streams/1/status").get(status) == simdjson::SUCCESS);
  CHECK(status == "needs_python");
  std::int64_t line = 0;
  CHECK(doc.at_pointer("/findings/0/line").get(line) == simdjson::SUCCESS);
  CHECK(line == 5);

  CHECK(run_with({"validate"}).exit_code == 0);
  CHECK(run_with({"validate", "--manifest", files.path("missing.yaml")}).exit_code == 1);
  auto syntax = run_with({"validate", "--manifest", files.write("syntax.yaml", "version: [\n")});
  CHECK(syntax.exit_code == 1);
  CHECK(syntax.out.find("error") != std::string::npos);
  auto config
    = run_with({"validate", "--config", files.write("c.json", R"({"access_token":"abc","page_size":"many"})")});
  INFO(describe(config));
  CHECK(config.exit_code == 1);
  CHECK(config.out.find("page_size") != std::string::npos);
}

TEST_CASE("the JSON Schemas are valid JSON that editors take") {
  for (const auto* flag : {"--json-schema", "--tuning-schema"}) {
    auto r = run_with({"components", flag});
    simdjson::dom::parser parser;
    simdjson::dom::element doc;
    REQUIRE(parser.parse(r.out).get(doc) == simdjson::SUCCESS);
    std::string_view dialect;
    CHECK(doc.at_pointer("/$schema").get(dialect) == simdjson::SUCCESS);
    CHECK(dialect == "http://json-schema.org/draft-07/schema#");
  }
}
