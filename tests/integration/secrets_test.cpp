// A manifest that puts secrets into URLs, and a server that says them back: nobody reads one.

#include "messages/text/json_text.hpp"
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"

#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Longer than what is shown of a parameter, with characters that URLs, JSON and HTML each write in their own way.
const std::string key = "Key-0123456789-abcdefghij-klmnopqrst-uvwxyzABCD-EFGHIJKLMN-OPQRSTUVWX \"q\"\\/+<&>='";
const std::string base_key = "b4se-s3cret-0815";
/// Ends as no random text does.
const std::string path_key = "p4th s3cret/4711";

constexpr const char* manifest = R"yaml(
check: {stream_names: [items]}
streams:
  - name: items
    primary_key: id
    retriever:
      requester:
        url_base: "{{ config['url'] }}/{{ config['base_key'] }}"
        path: "v1/{{ config['path_key'] | urlencode }}"
        request_parameters: {key: "{{ config['key'] }}", page: "1"}
        request_headers: {X-Key: "{{ config['base_key'] }}"}
      record_selector: {extractor: {field_path: [data]}}
    schema_loader: {schema: {type: object, properties: {}}}
spec:
  connection_specification:
    type: object
    properties:
      key: {type: string, airbyte_secret: true}
      base_key: {type: string, airbyte_secret: true}
      path_key: {type: string, airbyte_secret: true}
)yaml";

std::string content_of(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// 404 with a body that repeats the key as servers do that log their requests as JSON, twice.
std::string refusal() {
  auto twice = json_string(json_string(key));
  auto body = R"({"error":{"message":)" + json_string("no such key: " + key + " at /" + base_key) + R"(,"request":)"
              + twice + R"(,"target":"/v1/p4th%20s3cret%2F4711 &quot;q&quot;"}})";
  return "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size())
         + "\r\n\r\n" + body;
}

void check_silence(const std::string& text) {
  for (const std::string secret : {"b4se-s3cret", "p4th s3cret", "p4th%20s3cret", "p4th%2520s3cret", "p4th+s3cret",
                                   "Key-01234567", "abcdefghij", "OPQRSTUVWX"}) {
    CAPTURE(secret);
    CHECK(text.find(secret) == std::string::npos);
  }
}

} // namespace

TEST_CASE("secrets in path, base and query are masked in every text, trace and file, however they are encoded") {
  temporary_directory files;
  std::vector<script> scripts(10, script{receive(), send(refusal())});
  const scripted_server server{scripts};
  auto config = files.write("config.json", R"({"url":"http://127.0.0.1:)" + std::to_string(server.port())
                                             + R"(","key":)" + json_string(key) + R"(,"base_key":")" + base_key
                                             + R"(","path_key":")" + path_key + "\"}");
  auto catalog = files.write("catalog.json", R"({"streams":[{"stream":{"name":"items","json_schema":{},
    "supported_sync_modes":["full_refresh"]},"sync_mode":"full_refresh","destination_sync_mode":"append"}]})");
  auto connector = files.write("manifest.yaml", manifest);
  // Files that were there before, readable by all.
  for (const auto* name : {"trace", "summary", "summary.tmp"}) {
    files.write(name, "old");
    REQUIRE(::chmod(files.path(name).c_str(), 0644) == 0);
  }
  auto run = [&](const std::string& verb, const std::vector<std::string>& more) {
    std::vector<std::string> all{SLUICE_BINARY, verb, "--manifest", connector, "--config", config};
    all.insert(all.end(), more.begin(), more.end());
    return run_program(all);
  };
  auto read = run("read", {"--catalog", catalog, "--debug", "--trace", files.path("trace"), "--summary",
                           files.path("summary"), "--metrics", files.path("metrics")});
  INFO(describe(read));
  CHECK(read.exit_code == 1);
  CHECK(read.out.find("no such key: **** at /****") != std::string::npos);
  check_silence(read.out);
  check_silence(read.err);
  REQUIRE(!server.requests().empty());
  CHECK(server.requests().front().find("/" + base_key + "/v1/p4th") != std::string::npos);
  CHECK(server.requests().front().find("key=Key-0123456789") != std::string::npos);
  for (const auto* name : {"trace", "summary"}) {
    CAPTURE(name);
    auto text = content_of(files.path(name));
    check_silence(text);
    simdjson::dom::parser parser;
    CHECK(parser.parse(text).error() == simdjson::SUCCESS);
    struct stat found {};
    REQUIRE(::stat(files.path(name).c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
  }
  check_silence(content_of(files.path("metrics")));
  auto check = run("check", {});
  INFO(describe(check));
  CHECK(check.out.find("FAILED") != std::string::npos);
  check_silence(check.out + check.err);
  for (const std::string format : {"text", "json", "mermaid", "dot"}) {
    auto plan = run("plan", {"--catalog", catalog, "--probe", "--as", format});
    INFO(describe(plan));
    CHECK(plan.out.find("items") != std::string::npos);
    check_silence(plan.out + plan.err);
  }
}

TEST_CASE("a secret that is a number, a word or a key leaves summary and trace valid") {
  auto secret = GENERATE(as<std::string>{}, "000", "true", "name", "null", "\",\"");
  auto o = small_account();
  o.token = secret;
  simulated_account a{o};
  auto trace = a.files().path("trace");
  auto summary = a.files().path("summary");
  auto command = a.read_command({"surveys"}, {}, {"--trace", trace, "--summary", summary});
  a.config({}, secret.front() == '"' ? R"(\",\")" : secret);
  auto r = run_program(command);
  INFO(describe(r));
  CHECK(r.exit_code == 0);
  protocol_output messages{r.out};
  CHECK(messages.bad_lines.empty());
  CHECK(messages.record_set("surveys") == a.expected("surveys"));
  for (const auto& file : {trace, summary}) {
    simdjson::dom::parser parser;
    CHECK(parser.parse(content_of(file)).error() == simdjson::SUCCESS);
  }
  simdjson::dom::parser parser;
  simdjson::dom::element doc;
  REQUIRE(parser.parse(content_of(summary)).get(doc) == simdjson::SUCCESS);
  CHECK(std::string_view{doc.at_pointer("/streams/0/name")} == "surveys");
}
