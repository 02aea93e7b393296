// Paginators, as manifests declare them; those that count are in counting_strategies_test.cpp.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;

namespace {

/// `small_manifest` with this for the parents' paginator, and more in their retriever.
std::string with_paginator(const std::string& paginator, const std::string& retriever = {}) {
  return with("paginator:\n        type: NoPagination", "paginator: " + paginator + retriever);
}

expected<plan> compiled(const std::string& yaml) {
  compile_input input;
  input.config = *language::parse_json(R"({"url":"https://example.com","n":3})");
  input.streams = {{"parents", "", false, ""}};
  return compile_plan(*load(yaml), input);
}

endpoint endpoint_of(const std::string& yaml) {
  auto p = compiled(yaml);
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  return p->endpoints.at(0);
}

std::string refusal_of(const std::string& yaml) {
  auto p = compiled(yaml);
  REQUIRE_FALSE(p);
  return p.error().message;
}

const std::string token = ", page_token_option: {type: RequestOption, inject_into: request_parameter, field_name: at}";

std::string cursor(const std::string& fields) {
  return "{type: DefaultPaginator, pagination_strategy: {type: CursorPagination, " + fields + "}" + token + "}";
}

} // namespace

TEST_CASE("a paginator without page_token_option has one page, unless the requester's templates send its token") {
  const std::string plain = "{type: DefaultPaginator, pagination_strategy: {type: PageIncrement, page_size: 2}}";
  CHECK(endpoint_of(with_paginator(plain)).pages.token_is_unsent);
  CHECK_FALSE(endpoint_of(with_paginator(cursor("cursor_value: '{{ response.next }}'"))).pages.token_is_unsent);
  CHECK_FALSE(endpoint_of(with_paginator("{type: DefaultPaginator, pagination_strategy: {type: CursorPagination, "
                                         "cursor_value: '{{ response.next }}'}, page_token_option: {type: "
                                         "RequestPath}}"))
                .pages.token_is_unsent);
  CHECK_FALSE(endpoint_of(std::string{small_manifest}).pages.token_is_unsent);
}

TEST_CASE("a cursor's templates see the page, its size and the slice") {
  const auto pages
    = endpoint_of(with_paginator(cursor("page_size: '{{ config.n }}', cursor_value: \"{{ response.next or "
                                        "headers.link or last_record.id or stream_slice.x or stream_partition.x or "
                                        "stream_interval.x }}\", stop_condition: '{{ last_page_size < page_size or "
                                        "config.n }}'")))
        .pages;
  CHECK(pages.page_size == 3);
  CHECK(contains(refusal_of(with_paginator(cursor("cursor_value: '{{ respnse.next }}'"))), "respnse"));
  CHECK(contains(refusal_of(with_paginator(cursor("cursor_value: '{{ next_page_token }}'"))), "next_page_token"));
}

TEST_CASE("the size of a page that there is none of cannot be read") {
  for (const auto* fields :
       {"cursor_value: '{{ page_size }}'",
        "cursor_value: '{{ response.next }}', stop_condition: '{{ last_page_size < page_size }}'"}) {
    const auto text = refusal_of(with_paginator(cursor(fields)));
    INFO(text);
    CHECK(contains(text, "'page_size'"));
    CHECK(contains(text, "paginator.pagination_strategy"));
  }
}

TEST_CASE("the size of a page may be a number, a text, or a template") {
  for (const auto* size : {"3", "'3'", "'{{ config.n }}'", "\"{{ config['m'] or 3 }}\""}) {
    INFO(size);
    CHECK(endpoint_of(with_paginator(cursor("cursor_value: x, page_size: " + std::string{size}))).pages.page_size == 3);
  }
  CHECK(contains(refusal_of(with_paginator(cursor("cursor_value: x, page_size: '{{ config.m }}'"))), "page_size"));
}

TEST_CASE("OffsetIncrement may read the size of a page from the page") {
  const auto e = endpoint_of(with_paginator("{type: DefaultPaginator, pagination_strategy: {type: OffsetIncrement, "
                                            "page_size: '{{ response.limit }}'}"
                                            + token + "}"));
  const auto& strategy = std::get<offset_increment>(e.pages.strategy);
  CHECK(strategy.page_size == 0);
  CHECK(strategy.page_size_of_page.source() == "{{ response.limit }}");
  CHECK(e.response_keys == std::vector<std::string>{"limit"});
  CHECK_FALSE(e.pages.page_size);
  // Before there is a page it cannot be sent.
  CHECK(contains(refusal_of(with_paginator(
                   "{type: DefaultPaginator, pagination_strategy: {type: OffsetIncrement, page_size: '{{ "
                   "response.limit }}'}, page_size_option: {type: RequestOption, inject_into: request_parameter, "
                   "field_name: limit}"
                   + token + "}")),
                 "page_size_option"));
}

TEST_CASE("the name of a parameter may be what the config leaves of it") {
  const auto option = [](const std::string& name) {
    return with_paginator("{type: DefaultPaginator, pagination_strategy: {type: PageIncrement, page_size: 3}, "
                          "page_size_option: {type: RequestOption, inject_into: request_parameter, field_name: "
                          + name + "}" + token + "}");
  };
  CHECK(endpoint_of(option("\"{{ config['nothing'] }}\"")).pages.page_size_option->name.empty());
  CHECK(contains(refusal_of(option("''")), "field_name"));
}

TEST_CASE("when a slice is begun anew") {
  const std::string any = cursor("cursor_value: '{{ response.next }}'");
  CHECK_FALSE(endpoint_of(with_paginator(any)).pages.reset);
  const auto reset = [&any](const std::string& fields) {
    return with_paginator(any, "\n      pagination_reset: {type: PaginationReset, " + fields + "}");
  };
  auto x = endpoint_of(reset("action: RESET")).pages.reset;
  REQUIRE(x);
  CHECK_FALSE(x->by_cursor);
  CHECK_FALSE(x->max_records);
  x = endpoint_of(reset("action: SPLIT_USING_CURSOR, limits: {type: PaginationResetLimits, number_of_records: 10000}"))
        .pages.reset;
  REQUIRE(x);
  CHECK(x->by_cursor);
  CHECK(x->max_records == 10000U);
  CHECK(contains(refusal_of(reset("action: RESET, limits: {number_of_records: 0}")), "number_of_records"));
  CHECK(contains(load_error(reset("action: SPLIT")), "action"));
  // As in the reference: a record that a filter drops does not count, so that the limit would be another one.
  CHECK(contains(refusal_of(with("field_path: [data]", "field_path: [data]\n        record_filter: {condition: x}",
                                 reset("action: RESET, limits: {number_of_records: 5}"))),
                 "record_filter"));
}
