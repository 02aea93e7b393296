#include "tests/support/catch2.hpp"
#include "tests/support/run_fixture.hpp"

#include <string>
#include <utility>

using namespace sluice;
using namespace sluice::test;

namespace {

/// Two streams share the pages of one list, one takes its rows, the other what is inside them; each has a child.
const std::string two_kinds_of_parents = R"yaml(
check:
  stream_names: [outer]
definitions:
  requester: &requester
    url_base: "{{ config['url'] }}"
    path: list
  paginator: &paginator
    type: DefaultPaginator
    pagination_strategy:
      type: CursorPagination
      cursor_value: "{{ response.next }}"
    page_token_option: {type: RequestPath}
    x-sluice: {total: "{{ response.total }}"}
  schema: &schema
    schema: {type: object, properties: {}}
streams:
  - name: inner
    retriever:
      requester: *requester
      paginator: *paginator
      record_selector:
        extractor:
          field_path: [data, '*', items, '*']
    schema_loader: *schema
  - name: outer
    retriever:
      requester: *requester
      paginator: *paginator
      record_selector:
        extractor:
          field_path: [data]
    schema_loader: *schema
  - name: outer_children
    retriever:
      requester:
        url_base: "{{ config['url'] }}"
        path: outer/{{ stream_partition.id }}
      record_selector:
        extractor:
          field_path: [data]
      partition_router:
        parent_stream_configs:
          - {stream: '#/streams/1', parent_key: id, partition_field: id}
    schema_loader: *schema
  - name: inner_children
    retriever:
      requester:
        url_base: "{{ config['url'] }}"
        path: inner/{{ stream_partition.id }}
      record_selector:
        extractor:
          field_path: [data]
      partition_router:
        parent_stream_configs:
          - {stream: '#/streams/0', parent_key: id, partition_field: id}
    schema_loader: *schema
)yaml";

constexpr int pages = 8;
constexpr int rows = 4;
constexpr int items = 5;

net::response answer_of(const std::string& target) {
  if (target.find("/outer/") != std::string::npos || target.find("/inner/") != std::string::npos)
    return json_response(200, R"({"data":[{"id":")" + target.substr(target.rfind('/') + 1) + R"("}]})");
  auto at = target.find("page=");
  int page = at == std::string::npos ? 1 : std::stoi(target.substr(at + 5));
  std::string body = R"({"total":)" + std::to_string(pages * rows) + R"(,"data":[)";
  for (int r = 0; r < rows; ++r) {
    auto id = std::to_string(page * 100 + r);
    body += (r > 0 ? R"(,{"id":")" : R"({"id":")") + id + R"(","items":[)";
    for (int i = 0; i < items; ++i)
      body += (i > 0 ? R"(,{"id":")" : R"({"id":")") + id + "-" + std::to_string(i) + R"("})";
    body += "]}";
  }
  body += "]";
  if (page < pages)
    body += R"(,"next":"http://fake.test/list?page=)" + std::to_string(page + 1) + R"(")";
  return json_response(200, body + "}");
}

std::shared_ptr<fake_api> nested_account() {
  auto api = std::make_shared<fake_api>(std::vector<fake_api::survey>{});
  api->set_fault([](const std::string& target) {
    return std::optional{tl::expected<net::response, net::transport_failure>{answer_of(target)}};
  });
  return api;
}

} // namespace

TEST_CASE("edges of one endpoint that take different numbers of parents from a page are counted each on its own") {
  for (std::uint64_t mailbox : {1, 4, 20, 10000})
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      run_case c;
      c.manifest = two_kinds_of_parents;
      c.streams = {"inner", "outer", "outer_children", "inner_children"};
      c.watched = true;
      c.schedule_seed = seed;
      c.tuning.fan_out.mailbox = mailbox;
      auto outcome = run(c, nested_account());
      INFO("mailbox " << mailbox << ", seed " << seed << " " << outcome.stall << outcome.result.reason
                      << (outcome.lines.empty() ? "" : outcome.lines.front()));
      REQUIRE(outcome.finished);
      CHECK(outcome.result.exit_code == 0);
      CHECK(record_ids(outcome.lines, "outer").size() == pages * rows);
      CHECK(record_ids(outcome.lines, "inner").size() == pages * rows * items);
      CHECK(record_ids(outcome.lines, "outer_children").size() == pages * rows);
      CHECK(record_ids(outcome.lines, "inner_children").size() == pages * rows * items);
    }
}

TEST_CASE("a list is held against the rows that its total counts, whatever its streams take out of them") {
  auto api = nested_account();
  SECTION("a stream of what is inside the rows, alone or first, is not short") {
    for (const auto& streams : {std::vector<std::string>{"inner"}, {"inner", "outer"}, {"outer", "inner"}}) {
      run_case c;
      c.manifest = two_kinds_of_parents;
      c.streams = streams;
      auto outcome = run(c, api);
      REQUIRE(outcome.finished);
      CHECK(outcome.result.exit_code == 0);
      CHECK(record_ids(outcome.lines, "inner").size() == pages * rows * items);
    }
    CHECK(api->log().size() == 3 * pages);
  }
  SECTION("also if the rows have nothing inside") {
    api->set_fault([](const std::string&) {
      return std::optional{tl::expected<net::response, net::transport_failure>{
        json_response(200, R"({"total":2,"data":[{"id":"1","items":[]},{"id":"2"}]})")}};
    });
    run_case c;
    c.manifest = two_kinds_of_parents;
    c.streams = {"inner"};
    auto outcome = run(c, api);
    CHECK(outcome.result.exit_code == 0);
    CHECK(api->log().size() == 1);
  }
  SECTION("and rows that the server loses are missed") {
    api->set_fault([](const std::string&) {
      return std::optional{tl::expected<net::response, net::transport_failure>{json_response(
        200, R"({"total":3,"data":[{"id":"1","items":[{"id":"a"},{"id":"b"},{"id":"c"}]},{"id":"2"}]})")}};
    });
    run_case c;
    c.manifest = two_kinds_of_parents;
    c.streams = {"inner"};
    c.tuning.http.max_retries = 1;
    auto outcome = run(c, api);
    REQUIRE(outcome.finished);
    CHECK(outcome.result.exit_code == 1);
    CHECK(outcome.result.first_error.message.find("the list has 3 rows, but its pages hold 2") != std::string::npos);
  }
}
