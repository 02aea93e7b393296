#include "tests/integration/window_api.hpp"

#include "messages/text/url.hpp"
#include "tests/support/http_server.hpp"

#include <Poco/Net/HTTPRequest.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <set>
#include <utility>

namespace sluice::test {

namespace {

constexpr int most_connections = 32;
constexpr std::size_t rows_a_page = 3;

using query = std::map<std::string, std::string>;

} // namespace

std::string window_row::json() const {
  return R"({"id":")" + id + R"(","part":")" + part + "\"" + (at.empty() ? "" : R"(,"at":")" + at + "\"") + "}";
}

struct window_api::impl {
  impl(std::vector<window_row> r, bool f)
    : rows(std::move(r)), filters(f), server(most_connections, [this](const auto& head, const std::string&) {
        return http_answer{200, answer(head.getURI())};
      }) {}

  std::string answer(const std::string& target) {
    std::vector<std::string> found;
    if (target.starts_with("/parts")) {
      std::set<std::string> parts;
      for (const auto& row : rows)
        parts.insert(row.part);
      for (const auto& part : parts)
        found.push_back(R"({"id":")" + part + "\"}");
      return page_of(found, 0, found.size());
    }
    query asked;
    for (const auto& [name, value] : url::query_of(target))
      asked[name] = value;
    for (const auto& row : rows)
      if ((!asked.contains("part") || row.part == asked["part"])
          && (!filters || row.at.empty()
              || ((!asked.contains("from") || asked["from"] <= row.at)
                  && (!asked.contains("to") || row.at <= asked["to"]))))
        found.push_back(row.json());
    const auto page = static_cast<std::size_t>(std::max(1, std::atoi(asked["page"].c_str())) - 1);
    const std::lock_guard guard{mutex};
    requests.push_back(std::move(asked));
    return page_of(found, page * rows_a_page, rows_a_page);
  }

  static std::string page_of(const std::vector<std::string>& found, std::size_t first, std::size_t count) {
    std::string body = R"({"rows":[)";
    for (auto i = first; i < std::min(found.size(), first + count); ++i)
      body += (i == first ? "" : ",") + found[i];
    return body + "]}";
  }

  const std::vector<window_row> rows;
  const bool filters;
  std::mutex mutex;
  std::vector<query> requests;
  http_server server;
};

window_api::window_api(std::vector<window_row> rows, bool filters)
  : impl_(std::make_unique<impl>(std::move(rows), filters)) {}
window_api::~window_api() = default;

std::string window_api::url() const {
  return "http://" + impl_->server.address();
}

std::vector<std::map<std::string, std::string>> window_api::take_requests() {
  const std::lock_guard guard{impl_->mutex};
  return std::exchange(impl_->requests, {});
}

std::string window_manifest(const std::string& step, const std::string& more_cursor) {
  const std::string cursor = R"(
    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: at
      datetime_format: "%Y-%m-%dT%H:%M:%SZ"
      start_datetime: "2024-01-01T00:00:00Z"
      end_datetime: "2024-03-01T00:00:00Z"
      cursor_granularity: PT1S
      start_time_option: {type: RequestOption, inject_into: request_parameter, field_name: from}
      end_time_option: {type: RequestOption, inject_into: request_parameter, field_name: to})"
                             + ("\n      step: " + step) + (more_cursor.empty() ? "" : "\n      " + more_cursor);
  const auto stream = [&](const std::string& name, const std::string& parameters, const std::string& router) {
    return "\n  - type: DeclarativeStream\n    name: " + name + cursor + R"(
    schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: "{{ config['url'] }}"
        path: rows)"
           + parameters + R"(
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [rows]}}
      paginator:
        type: DefaultPaginator
        pagination_strategy: {type: PageIncrement, page_size: 3, start_from_page: 1, inject_on_first_request: true}
        page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: page})"
           + router;
  };
  return R"(type: DeclarativeSource
version: "7.0.0"
check: {type: CheckStream, stream_names: [all]}
spec: {type: Spec, connection_specification: {type: object, properties: {}}}
concurrency_level: {type: ConcurrencyLevel, default_concurrency: 3}
streams:)"
         + stream("all", "", "")
         + stream("parted", "\n        request_parameters: {part: \"{{ stream_partition.part }}\"}", R"(
      partition_router:
        type: SubstreamPartitionRouter
        parent_stream_configs:
          - type: ParentStreamConfig
            parent_key: id
            partition_field: part
            stream:
              type: DeclarativeStream
              name: parts
              schema_loader: {type: InlineSchemaLoader, schema: {type: object}}
              retriever:
                type: SimpleRetriever
                requester: {type: HttpRequester, url_base: "{{ config['url'] }}", path: parts}
                record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [rows]}}
)");
}

} // namespace sluice::test
