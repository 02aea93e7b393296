#include "config/manifest/identity.hpp"

#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;

namespace {

constexpr std::string_view rich_manifest = R"yaml(
check: {stream_names: [rich]}
streams:
  - name: rich
    primary_key: id
    retriever:
      type: SimpleRetriever
      $parameters: {size: '10', unread: a}
      decoder: {type: JsonDecoder}
      ignore_stream_slicer_parameters_on_paginated_requests: true
      requester:
        url_base: https://example.com
        path: /rows/{{ stream_partition.parent }}
        http_method: GET
        authenticator: {type: ApiKeyAuthenticator, header: X-Key, api_token: "{{ config.key }}"}
        request_parameters: {limit: "{{ parameters.size }}", sort: up}
        request_headers: {X-Version: '1'}
        error_handler: {max_retries: 3, response_filters: [{http_codes: [404], action: IGNORE}]}
      record_selector:
        extractor: {field_path: [data]}
        x-sluice: {require_records: true}
      paginator:
        type: DefaultPaginator
        x-sluice: {total: "{{ response.total }}"}
        page_token_option: {type: RequestPath}
        pagination_strategy: {cursor_value: "{{ response.next }}", stop_condition: "{{ not response.next }}"}
      partition_router:
        parent_stream_configs: [{parent_key: id, partition_field: parent, stream: '#/streams/1'}]
    transformations: [{type: RemoveFields, field_pointers: [[secret]]}]
    incremental_sync: {cursor_field: at, datetime_format: '%Y', start_datetime: '2020', end_datetime: '2021'}
    schema_loader: {schema: {type: object}}
  - name: parents
    retriever: {requester: {url_base: https://example.com}, record_selector: {extractor: {field_path: []}}}
    schema_loader: {schema: {}}
)yaml";

std::string identity_in(std::string_view yaml) {
  return identity_of(load(yaml)->streams.at(0).component);
}

struct change {
  const char* what;
  const char* replacement;
};

} // namespace

TEST_CASE("whatever could change a request or a page keeps two streams apart") {
  const change changes[] = {
    {"https://example.com", "https://example.org"},
    {"/rows/{{", "/other/{{"},
    {"http_method: GET", "http_method: POST"},
    {"header: X-Key", "header: X-Token"},
    {"config.key", "config.token"},
    {"size: '10'", "size: '11'"},
    {"sort: up", "sort: down"},
    {"sort: up", "sort: up, more: x"},
    {"X-Version: '1'", "X-Version: '2'"},
    {"max_retries: 3", "max_retries: 4"},
    {"[404]", "[405]"},
    {"action: IGNORE", "action: FAIL"},
    {"ignore_stream_slicer_parameters_on_paginated_requests: true",
     "ignore_stream_slicer_parameters_on_paginated_requests: false"},
    {"response.total", "response.count"},
    {"x-sluice: {total: \"{{ response.total }}\"}\n", "\n"},
    {"response.next }}\", stop", "response.link }}\", stop"},
    {"not response.next", "not response.link"},
    {"page_token_option: {type: RequestPath}",
     "page_token_option: {type: RequestOption, inject_into: header, field_name: a}"},
    {"parent_key: id", "parent_key: key"},
    {"partition_field: parent", "partition_field: other"},
    {"partition_field: parent", "request_option: {inject_into: header, field_name: a}\n, partition_field: parent"},
    {"partition_field: parent", "incremental_dependency: true\n, partition_field: parent"},
    {"cursor_field: at", "cursor_field: on"},
    {"start_datetime: '2020'", "start_datetime: '2019'"},
    {"incremental_sync: {", "incremental_sync: {lookback_window: P1Y, "},
  };
  for (const auto& [what, replacement] : changes) {
    INFO(what << " -> " << replacement);
    CHECK(identity_in(with(what, replacement, std::string{rich_manifest})) != identity_in(rich_manifest));
  }
}

TEST_CASE("what has to do with outputs alone, or means the same, keeps nothing apart") {
  const change changes[] = {
    {"name: rich", "name: poor"},
    {"stream_names: [rich]", "stream_names: [parents]"},
    {"primary_key: id", "primary_key: key"},
    {"field_path: [data]", "field_path: [items]"},
    {"x-sluice: {require_records: true}", "schema_normalization: None"},
    {"x-sluice: {require_records: true}", "record_filter: {condition: a}\n        transform_before_filtering: true"},
    {"[[secret]]", "[[public]]"},
    {"{schema: {type: object}}", "{schema: {type: string}}"},
    {"/rows/{{", "rows/{{"},
    {"unread: a", "unread: b"},
    {"{{ parameters.size }}", "10"},
    {"decoder: {type: JsonDecoder}\n", "\n"},
    {"http_method: GET", "http_method: GET\n        use_cache: true"},
    // The plan compares the parents themselves.
    {"  - name: parents", "  - $parameters: {a: b}\n    name: parents"},
  };
  for (const auto& [what, replacement] : changes) {
    auto yaml = std::string{rich_manifest};
    if (std::string_view{what} == "name: rich")
      yaml = with("[rich]", "[parents]", yaml);
    INFO(what << " -> " << replacement);
    CHECK(identity_in(with(what, replacement, yaml)) == identity_in(rich_manifest));
  }
  auto with_auth = [](const char* authenticator) {
    return identity_in(with("path: parents", std::string{"path: parents\n        "} + authenticator));
  };
  CHECK(with_auth("authenticator: {type: NoAuth}") == identity_in(small_manifest));
  CHECK(with_auth("authenticator: {type: BearerAuthenticator, api_token: a}") != identity_in(small_manifest));
}

TEST_CASE("a parameter that a template reads together with other values counts by its value") {
  auto text = [](const char* size) {
    return with("\"{{ parameters.size }}\"", "\"{{ parameters.size or config.size }}\"",
                with("size: '10'", std::string{"size: '"} + size + "'", std::string{rich_manifest}));
  };
  CHECK(identity_in(text("10")) == identity_in(text("10")));
  CHECK(identity_in(text("10")) != identity_in(text("11")));
}
