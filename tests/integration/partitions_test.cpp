// Partitions of all kinds, read by the real program: lists, products, groups, unions, and parents of parents.
#include "tests/integration/simulated_account.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temporary_file.hpp"

#include <set>
#include <string>
#include <vector>

using namespace sluice;
using namespace sluice::test;

namespace {

using texts = std::vector<std::string>;

std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A manifest's stream, below `streams:`.
std::string stream_of(const std::string& name, const std::string& path, const std::string& more) {
  return "  - type: DeclarativeStream\n    name: " + name
         + "\n    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}\n    retriever:\n      type: "
           "SimpleRetriever\n      requester: {type: HttpRequester, url_base: \"{{ config['url'] }}\", path: \""
         + path
         + "\"}\n      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [data]}}\n"
         + more;
}

/// A read of streams by one fetcher, from a server that gives these pages one after the other.
struct partitions_read {
  texts targets;
  protocol_output messages{""};
  int exit_code = 0;
  std::string output;

  partitions_read(const std::string& streams, const texts& selected, const texts& pages, bool incremental = false,
                  const std::string& state = {}) {
    script all;
    for (const auto& page : pages) {
      all.push_back(receive());
      all.push_back(send(answer(page)));
    }
    const scripted_server server{{all}};
    temporary_directory files;
    const auto manifest = files.write(
      "manifest.yaml", "type: DeclarativeSource\nversion: 6.0.0\ncheck: {type: CheckStream, stream_names: ["
                         + selected.front()
                         + "]}\nspec: {type: Spec, connection_specification: {type: object, properties: {}}}\n"
                           "concurrency_level: {type: ConcurrencyLevel, default_concurrency: 1}\nstreams:\n"
                         + streams);
    std::string catalog;
    for (const auto& name : selected)
      catalog += std::string{catalog.empty() ? "" : ","} + R"({"stream":{"name":")" + name
                 + R"(","json_schema":{},"supported_sync_modes":["full_refresh","incremental"]},"sync_mode":")"
                 + (incremental ? "incremental" : "full_refresh") + R"(","destination_sync_mode":"append"})";
    texts command{SLUICE_BINARY, "read",
                  "--manifest",  manifest,
                  "--config",    files.write("config.json", R"({"url":")" + server.url("") + R"("})"),
                  "--catalog",   files.write("catalog.json", R"({"streams":[)" + catalog + "]}"),
                  "--progress",  "never"};
    if (!state.empty()) {
      command.emplace_back("--state");
      command.push_back(files.write("state.json", R"([{"type":"STREAM","stream":{"stream_descriptor":{"name":")"
                                                    + selected.front() + R"("},"stream_state":)" + state + "}}]"));
    }
    sync_result result{run_program(command)};
    output = describe(result);
    exit_code = result.exit_code;
    for (const auto& request : server.requests()) {
      auto first = request.find(' ') + 1;
      targets.push_back(request.substr(first, request.find(' ', first) - first));
    }
    messages = std::move(result.messages);
  }
};

const std::string empty_page = R"({"data":[]})";

} // namespace

TEST_CASE("a list asks for each of its values") {
  const partitions_read r{
    stream_of(
      "rows", "list",
      "      partition_router: {type: ListPartitionRouter, values: \"{{ ['a b', 7] }}\", cursor_field: kind,\n"
      "        request_option: {type: RequestOption, inject_into: request_parameter, field_name: of}}\n"
      "    transformations: [{type: AddFields, fields: [{path: [kind], value: \"{{ stream_slice.kind }}\"}]}]\n"),
    {"rows"},
    {R"({"data":[{"n":1}]})", R"({"data":[{"n":2}]})"}};
  INFO(r.output);
  CHECK(r.exit_code == 0);
  CHECK(r.targets == texts{"/list?of=a+b", "/list?of=7"});
  CHECK(r.messages.record_set("rows") == std::multiset<std::string>{R"({"n":1,"kind":"a b"})", R"({"n":2,"kind":7})"});
}

TEST_CASE("the product of lists asks for every combination, the first one outermost") {
  const partitions_read r{
    stream_of("rows", "{{ stream_slice.a }}/{{ stream_slice['b'] }}",
              "      partition_router:\n        - {type: ListPartitionRouter, values: [x, y], cursor_field: a}\n"
              "        - {type: ListPartitionRouter, values: ['1', '2'], cursor_field: b}\n"),
    {"rows"},
    texts(4, empty_page)};
  INFO(r.output);
  CHECK(r.exit_code == 0);
  CHECK(r.targets == texts{"/x/1", "/x/2", "/y/1", "/y/2"});
}

TEST_CASE("a list has a cursor in each of its partitions, which states name without a parent") {
  const auto stream
    = stream_of("rows", "list/{{ stream_partition.kind }}",
                "      partition_router: {type: ListPartitionRouter, values: [a, b], cursor_field: kind}\n"
                "    incremental_sync: {type: DatetimeBasedCursor, cursor_field: ts, datetime_format: "
                "'%Y-%m-%d', start_datetime: '2024-01-01', end_datetime: '2024-02-01',\n"
                "      start_time_option: {type: RequestOption, inject_into: request_parameter, "
                "field_name: since}}\n");
  const partitions_read first{
    stream, {"rows"}, {R"({"data":[{"ts":"2024-01-05"}]})", R"({"data":[{"ts":"2024-01-07"}]})"}, true};
  INFO(first.output);
  CHECK(first.exit_code == 0);
  CHECK(first.targets == texts{"/list/a?since=2024-01-01", "/list/b?since=2024-01-01"});
  const auto state = first.messages.last_state("rows")->json;
  CHECK(state.find(R"("states":[{"partition":{"kind":"a"},"cursor":{"ts":"2024-01-05"}},)"
                   R"({"partition":{"kind":"b"},"cursor":{"ts":"2024-01-07"}}])")
        != std::string::npos);
  CHECK(state.find("parent") == std::string::npos);
  const partitions_read second{stream, {"rows"}, {empty_page, empty_page}, true, state};
  INFO(second.output);
  CHECK(second.targets == texts{"/list/a?since=2024-01-05", "/list/b?since=2024-01-07"});
}

TEST_CASE("a parent's records are combined with a list, and give what else the children read") {
  const partitions_read r{
    stream_of("groups", "groups", "")
      + stream_of(
        "rows", "groups/{{ stream_slice.group }}/{{ stream_partition.kind }}",
        "      partition_router:\n        - {type: ListPartitionRouter, values: [a, b], cursor_field: kind}\n"
        "        - type: SubstreamPartitionRouter\n          parent_stream_configs:\n"
        "            - {stream: '#/streams/0', parent_key: id, partition_field: group, extra_fields: [[owner, "
        "name]]}\n    transformations: [{type: AddFields, fields: [{path: [owner], value: \"{{ "
        "stream_slice.extra_fields['owner.name'] }}\"}]}]\n"),
    {"rows", "groups"},
    {R"({"data":[{"id":1,"owner":{"name":"z"}},{"id":null},{"id":""}]})", R"({"data":[{"n":1}]})", empty_page,
     empty_page, empty_page}};
  INFO(r.output);
  CHECK(r.exit_code == 0);
  CHECK(r.targets == texts{"/groups", "/groups/1/a", "/groups/1/b", "/groups/a", "/groups/b"});
  CHECK(r.messages.record_set("rows") == std::multiset<std::string>{R"({"n":1,"owner":"z"})"});
  CHECK(r.messages.record_set("groups").size() == 3);
}

TEST_CASE("groups ask for several parents at once, each once") {
  const partitions_read r{
    stream_of("groups", "groups", "")
      + stream_of("rows", "rows/{{ stream_partition['group'] | join('-') }}",
                  "      partition_router:\n        type: GroupingPartitionRouter\n        group_size: 2\n"
                  "        underlying_partition_router:\n          type: SubstreamPartitionRouter\n"
                  "          parent_stream_configs:\n"
                  "            - {stream: '#/streams/0', parent_key: id, partition_field: group}\n"),
    {"rows"},
    {R"({"data":[{"id":"1"},{"id":"2"},{"id":"1"},{"id":"3"}]})", empty_page, empty_page}};
  INFO(r.output);
  CHECK(r.exit_code == 0);
  CHECK(r.targets == texts{"/groups", "/rows/1-2", "/rows/3"});
}

TEST_CASE("a union asks for what several routers name, each value once") {
  const partitions_read r{
    stream_of("groups", "groups", "")
      + stream_of("rows", "rows/{{ stream_partition.group }}",
                  "      partition_router:\n        type: UnionPartitionRouter\n        partition_field: group\n"
                  "        partition_routers:\n"
                  "          - {type: ListPartitionRouter, values: ['2'], cursor_field: group}\n"
                  "          - type: SubstreamPartitionRouter\n            parent_stream_configs:\n"
                  "              - {stream: '#/streams/0', parent_key: id, partition_field: group}\n"),
    {"rows"},
    texts(3, R"({"data":[{"id":"1"},{"id":"2"}]})")};
  INFO(r.output);
  CHECK(r.exit_code == 0);
  CHECK(std::multiset<std::string>(r.targets.begin(), r.targets.end())
        == std::multiset<std::string>{"/groups", "/rows/1", "/rows/2"});
}
