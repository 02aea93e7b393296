// Lists as most APIs give them, read by the real program: numbered pages, offsets, and filters.
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

using namespace sluice;
using namespace sluice::test;

namespace {

std::string answer(const std::string& body, const std::string& head = "200 OK") {
  return "HTTP/1.1 " + head + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What the manifest says besides, in the flow style of YAML: of the requester, and of the stream.
struct more_of {
  std::string requester;
  std::string stream;
};

/// A read of the stream `rows` from a server that gives these pages, one after the other. One that is no JSON is a
/// whole answer.
struct list_read {
  std::vector<std::string> targets;
  std::vector<std::string> rows;
  int exit_code = 0;

  list_read(const std::string& paginator, const std::vector<std::string>& pages, const std::string& selector = {},
            const std::vector<std::string>& more = {}, const more_of& besides = {}, bool sends_token = true) {
    script all;
    for (const auto& page : pages) {
      all.push_back(receive());
      all.push_back(send(page.front() == '{' ? answer(page) : page));
    }
    const scripted_server server{{all}};
    temporary_directory files;
    auto manifest = files.write(
      "manifest.yaml", R"yaml(
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
                         + server.url("") + R"yaml(", path: list)yaml" + besides.requester + R"yaml(}
      record_selector:
        type: RecordSelector
        extractor: {type: DpathExtractor, field_path: [data]}
)yaml" + selector + R"yaml(
      paginator:
        type: DefaultPaginator
        page_size_option: {type: RequestOption, inject_into: request_parameter, field_name: limit}
)yaml"
                         + (sends_token
                              ? "        page_token_option: {type: RequestOption, inject_into: request_parameter, "
                                "field_name: from}\n"
                              : "")
                         + R"yaml(        pagination_strategy: )yaml" + paginator + R"yaml(
    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
)yaml" + besides.stream);
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

TEST_CASE("lists without an end are not read for ever, whatever finds their next page") {
  const std::vector<std::string> bounded{"--set", "errors.max_empty_pages=5", "--set", "http.max_retries=0",
                                         "--set", "errors.slice_retries=0"};
  const list_read deaf{"{type: OffsetIncrement, page_size: 2}",
                       std::vector<std::string>(10, R"({"data":[{"n":1},{"n":2}]})"),
                       {},
                       bounded};
  CHECK(deaf.exit_code == 1);
  CHECK(deaf.targets.size() == 7);
  // A circle of seven tokens behind a beginning of three, with rows that are always new.
  std::vector<std::string> pages;
  for (int i = 0; i < 60; ++i)
    pages.push_back(R"({"data":[{"n":)" + std::to_string(i) + R"(}],"next":"t)"
                    + std::to_string(i < 3 ? i : 3 + (i - 3) % 7) + R"("})");
  const list_read circle{
    "{type: CursorPagination, page_size: 2, cursor_value: '{{ response.next }}'}", pages, {}, bounded};
  CHECK(circle.exit_code == 1);
  CHECK(circle.targets.size() <= 30);
}

TEST_CASE("a filter of the error handler begins a list anew, once") {
  const more_of handler{", error_handler: {type: DefaultErrorHandler, max_retries: 0, response_filters: [{type: "
                        "HttpResponseFilter, http_codes: [500], action: RESET_PAGINATION}]}",
                        {}};
  const std::string full = R"({"data":[{"n":1},{"n":2}]})";
  const std::string expired = answer(R"({"message":"the scroll has ended"})", "500 No");
  const list_read again{
    "{type: PageIncrement, page_size: 2}", {full, expired, full, R"({"data":[{"n":3}]})"}, {}, {}, handler};
  CHECK(again.exit_code == 0);
  CHECK(again.targets == texts{"/list?limit=2", "/list?limit=2&from=1", "/list?limit=2", "/list?limit=2&from=1"});
  CHECK(again.rows.size() == 5); // as in the reference, what was read comes again
  const list_read twice{"{type: PageIncrement, page_size: 2}",
                        {full, expired, full, expired},
                        {},
                        {"--set", "errors.slice_retries=0"},
                        handler};
  CHECK(twice.exit_code == 1);
  CHECK(twice.targets.size() == 4);
}

TEST_CASE("a list that is too long is read on from the newest record that came") {
  const more_of cursor{{},
                       "    incremental_sync: {type: DatetimeBasedCursor, cursor_field: at, datetime_format: '%s', "
                       "start_datetime: {type: MinMaxDatetime, datetime: '100', datetime_format: '%s'}, end_datetime: "
                       "{type: MinMaxDatetime, datetime: '900', datetime_format: '%s'}, start_time_option: {type: "
                       "RequestOption, inject_into: request_parameter, field_name: since}}\n"};
  const list_read cut{"{type: PageIncrement, page_size: 2}\n      pagination_reset: {type: PaginationReset, action: "
                      "SPLIT_USING_CURSOR, limits: {type: PaginationResetLimits, number_of_records: 4}}",
                      {R"({"data":[{"n":1,"at":110},{"n":2,"at":120}]})",
                       R"({"data":[{"n":3,"at":130},{"n":4,"at":140}]})",
                       R"({"data":[{"n":4,"at":140},{"n":5,"at":150}]})", R"({"data":[{"n":6,"at":160}]})"},
                      {},
                      {},
                      cursor};
  CHECK(cut.exit_code == 0);
  CHECK(cut.targets
        == texts{"/list?since=100&limit=2", "/list?since=100&limit=2&from=1", "/list?since=140&limit=2",
                 "/list?since=140&limit=2&from=1"});
  CHECK(cut.rows.size() == 7);
}

TEST_CASE("a page whose token goes nowhere is the only one of its list") {
  const std::string unsent = "{type: PageIncrement, page_size: 2}";
  const auto read = [&](const std::string& page) {
    return list_read{unsent, {page}, {}, {"--set", "errors.slice_retries=0"}, {}, false};
  };
  CHECK(read(R"({"data":[{"n":1}]})").exit_code == 0);
  CHECK(read(R"({"data":[{"n":1},{"n":2}]})").exit_code == 1);
}
