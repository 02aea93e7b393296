// Requests with bodies, keys and redirects, as the real program sends them.
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string answer(const std::string& body, const std::string& status = "200 OK", const std::string& fields = {}) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

/// A read of the stream `rows` with these fields of the requester, from a server that answers so, one after the other.
struct request_read {
  std::vector<std::string> requests;
  std::size_t rows = 0;
  int exit_code = 0;
  std::string output;

  request_read(const std::string& requester, const std::string& place, const std::vector<std::string>& answers) {
    script all;
    for (const auto& text : answers) {
      all.push_back(receive());
      all.push_back(send(text));
    }
    const scripted_server server{{all}};
    temporary_directory files;
    auto manifest = files.write("manifest.yaml", R"yaml(
type: DeclarativeSource
version: 6.0.0
check: {type: CheckStream, stream_names: [rows]}
spec:
  type: Spec
  connection_specification: {type: object, properties: {key: {type: string, airbyte_secret: true}}}
streams:
  - type: DeclarativeStream
    name: rows
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: ")yaml" + server.url("") + R"yaml("
        path: list
)yaml" + requester + R"yaml(
      record_selector:
        type: RecordSelector
        extractor: {type: DpathExtractor, field_path: [data]}
      paginator:
        type: DefaultPaginator
        page_size_option: {type: RequestOption, inject_into: )yaml"
                                                   + place + R"yaml(, field_name: limit}
        page_token_option: {type: RequestOption, inject_into: )yaml"
                                                   + place + R"yaml(, field_name: from}
        pagination_strategy: {type: OffsetIncrement, page_size: 2}
    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
)yaml");
    auto catalog
      = files.write("catalog.json",
                    R"({"streams":[{"stream":{"name":"rows","json_schema":{},"supported_sync_modes":["full_refresh"]},)"
                    R"("sync_mode":"full_refresh","destination_sync_mode":"append"}]})");
    auto result = run_program({SLUICE_BINARY, "read", "--manifest", manifest, "--config",
                               files.write("config.json", R"({"key":"s3cret/key"})"), "--catalog", catalog, "--debug",
                               "--set", "http.max_retries=1"});
    output = result.out + result.err;
    sync_result messages{std::move(result)};
    exit_code = messages.exit_code;
    requests = server.requests();
    rows = messages.messages.record_set("rows").size();
    INFO(output);
    CHECK(!contains(output, "s3cret"));
  }
};

constexpr const char* two_rows = R"({"data":[{"n":1},{"n":2}]})";
constexpr const char* one_row = R"({"data":[{"n":3}]})";

} // namespace

TEST_CASE("pages and a key go into a body in JSON, and a retried request is what it was") {
  const request_read r{
    R"yaml(        http_method: POST
        authenticator: {type: ApiKeyAuthenticator, api_token: "{{ config['key'] }}", inject_into: {type: RequestOption, inject_into: body_json, field_path: [auth, key]}}
        request_body_json: {filter: {names: ["a b", "{{ config.missing }}"]}, n: "{{ 1 + 1 }}"})yaml",
    "body_json",
    {answer(two_rows), answer("", "503 Service Unavailable", "Retry-After: 0\r\n"), answer(one_row)}};
  CHECK(r.exit_code == 0);
  CHECK(r.rows == 3);
  REQUIRE(r.requests.size() == 3);
  CHECK(contains(r.requests[0], "POST /list HTTP/1.1\r\n"));
  CHECK(contains(r.requests[0], "Content-Type: application/json\r\n"));
  const std::string shared = R"({"filter":{"names":["a b",null]},"n":2,"auth":{"key":"s3cret/key"},"limit":2)";
  CHECK(contains(r.requests[0], shared + "}"));
  CHECK(contains(r.requests[1], shared + R"(,"from":2})"));
  CHECK(r.requests[2] == r.requests[1]);
}

TEST_CASE("pages and a key go into a form") {
  const request_read r{R"yaml(        http_method: PUT
        authenticator: {type: ApiKeyAuthenticator, api_token: "{{ config['key'] }}", inject_into: {type: RequestOption, inject_into: body_data, field_name: key}}
        request_body_data: {q: "a&b"})yaml",
                       "body_data",
                       {answer(two_rows), answer(one_row)}};
  CHECK(r.exit_code == 0);
  REQUIRE(r.requests.size() == 2);
  CHECK(contains(r.requests[0], "PUT /list HTTP/1.1\r\n"));
  CHECK(contains(r.requests[1], "Content-Type: application/x-www-form-urlencoded\r\n"));
  CHECK(contains(r.requests[1], "\r\n\r\nq=a%26b&key=s3cret%2Fkey&limit=2&from=2"));
}

TEST_CASE("a key in the query is sent, and masked wherever its URL is shown") {
  const request_read r{
    R"yaml(        authenticator: {type: ApiKeyAuthenticator, api_token: "{{ config['key'] }}", inject_into: {type: RequestOption, inject_into: request_parameter, field_name: key}})yaml",
    "request_parameter",
    {answer(R"({"error":"no such key: s3cret%2Fkey"})", "401 Unauthorized")}};
  CHECK(r.exit_code == 1);
  REQUIRE(r.requests.size() == 1);
  CHECK(contains(r.requests[0], "GET /list?key=s3cret/key&limit=2 HTTP/1.1\r\n"));
  CHECK(contains(r.output, "key=****"));
}

TEST_CASE("a redirect within the origin is followed, one to elsewhere is an error that says so") {
  const request_read near{"", "request_parameter", {answer("", "302 Found", "Location: /other\r\n"), answer(one_row)}};
  CHECK(near.exit_code == 0);
  CHECK(near.rows == 1);
  REQUIRE(near.requests.size() == 2);
  CHECK(contains(near.requests[1], "GET /other HTTP/1.1\r\n"));
  const request_read far{"", "request_parameter", {answer("", "302 Found", "Location: http://127.0.0.2:1/x\r\n")}};
  CHECK(far.exit_code == 1);
  CHECK(contains(far.output, "redirects are not followed to another scheme, host or port"));
}
