// Lists as most APIs give them, read by the real program: numbered pages, offsets, and filters.
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A read of the stream `rows` from a server that gives these pages, one after the other.
struct list_read {
  std::vector<std::string> targets;
  std::vector<std::string> rows;
  int exit_code = 0;

  list_read(const std::string& paginator, const std::vector<std::string>& pages, const std::string& selector = {},
            const std::vector<std::string>& more = {}) {
    script all;
    for (const auto& page : pages) {
      all.push_back(receive());
      all.push_back(send(answer(page)));
    }
    const scripted_server server{{all}};
    temporary_directory files;
    auto manifest = files.write("manifest.yaml", R"yaml(
type: DeclarativeSource
version: 6.0.0
check: {type: CheckStream, stream_names: [rows]}
spec: {type: Spec, connection_specification: {type: object, properties: {}}}
streams:
  - type: DeclarativeStream
    name: rows
    retriever:
      type: SimpleRetriever
      requester: {type: HttpRequester, url_base: ")yaml"
                                                   + server.url("") + R"yaml(", path: list}
      record_selector:
        type: RecordSelector
        extractor: {type: DpathExtractor, field_path: [data]}
)yaml" + selector + R"yaml(
      paginator:
        type: DefaultPaginator
        page_size_option: {type: RequestOption, inject_into: request_parameter, field_name: limit}
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: from}
        pagination_strategy: )yaml" + paginator + R"yaml(
    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
)yaml");
    auto catalog
      = files.write("catalog.json",
                    R"({"streams":[{"stream":{"name":"rows","json_schema":{},"supported_sync_modes":["full_refresh"]},)"
                    R"("sync_mode":"full_refresh","destination_sync_mode":"append"}]})");
    std::vector<std::string> command{SLUICE_BINARY, "read",     "--manifest",
                                     manifest,      "--config", files.write("config.json", "{}"),
                                     "--catalog",   catalog};
    command.insert(command.end(), more.begin(), more.end());
    sync_result result{run_program(command)};
    INFO(result.out);
    exit_code = result.exit_code;
    for (const auto& request : server.requests()) {
      auto first = request.find(' ') + 1;
      targets.push_back(request.substr(first, request.find(' ', first) - first));
    }
    for (const auto& row : result.messages.record_set("rows"))
      rows.push_back(row);
  }
};

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a list with numbered pages is read to its end") {
  const list_read plain{"{type: PageIncrement, page_size: 2, start_from_page: 1}",
                        {R"({"data":[{"n":1},{"n":2}]})", R"({"data":[{"n":3},{"n":4}]})", R"({"data":[{"n":5}]})"}};
  CHECK(plain.exit_code == 0);
  CHECK(plain.targets == texts{"/list?limit=2", "/list?limit=2&from=2", "/list?limit=2&from=3"});
  CHECK(plain.rows.size() == 5);
  const list_read injected{"{type: PageIncrement, page_size: 2, inject_on_first_request: true}",
                           {R"({"data":[{"n":1},{"n":2}]})", R"({"data":[]})"}};
  CHECK(injected.exit_code == 0);
  CHECK(injected.targets == texts{"/list?limit=2&from=0", "/list?limit=2&from=1"});
  CHECK(injected.rows.size() == 2);
}

TEST_CASE("a list with offsets is read to its end") {
  const list_read offsets{"{type: OffsetIncrement, page_size: 2, inject_on_first_request: true}",
                          {R"({"data":[{"n":1},{"n":2}]})", R"({"data":[{"n":3},{"n":4}]})", R"({"data":[]})"}};
  CHECK(offsets.exit_code == 0);
  CHECK(offsets.targets == texts{"/list?limit=2&from=0", "/list?limit=2&from=2", "/list?limit=2&from=4"});
  CHECK(offsets.rows.size() == 4);
}

TEST_CASE("a filter neither ends a list early nor shifts its offsets") {
  const list_read filtered{"{type: OffsetIncrement, page_size: 2}",
                           {R"({"data":[{"n":1},{"n":1}]})", R"({"data":[{"n":2},{"n":1}]})", R"({"data":[{"n":2}]})"},
                           "        record_filter: {type: RecordFilter, condition: \"{{ record.n == 2 }}\"}"};
  CHECK(filtered.exit_code == 0);
  CHECK(filtered.targets == texts{"/list?limit=2", "/list?limit=2&from=2", "/list?limit=2&from=4"});
  CHECK(filtered.rows.size() == 2);
}

TEST_CASE("a server that does not look at the page's number is not read for ever") {
  const list_read deaf{
    "{type: PageIncrement, page_size: 2}",
    std::vector<std::string>(10, R"({"data":[{"n":1},{"n":2}]})"),
    {},
    {"--set", "errors.max_empty_pages=5", "--set", "http.max_retries=0", "--set", "errors.slice_retries=0"}};
  CHECK(deaf.exit_code == 1);
  CHECK(deaf.targets.size() == 7); // one that is new, five that are not, and one too many
  CHECK(deaf.rows.size() == 12);
}
