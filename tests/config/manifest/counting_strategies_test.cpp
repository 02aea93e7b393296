// Paginators that count, as manifests declare them.
#include "config/manifest/compile.hpp"
#include "tests/config/manifest/small_manifest.hpp"

using namespace sluice;
using namespace sluice::testing;

namespace {

/// `small_manifest`, whose parents are read by this strategy.
std::string with_strategy(const std::string& strategy, const std::string& more = {},
                          const std::string& token = "{type: RequestOption, inject_into: request_parameter, "
                                                     "field_name: at}") {
  return with("type: NoPagination", "type: DefaultPaginator\n        pagination_strategy: " + strategy
                                      + "\n        page_token_option: " + token + more);
}

expected<plan> compiled(const std::string& yaml, const char* config = R"({"url":"https://example.com","size":3})") {
  compile_input input;
  input.config = *language::parse_json(config);
  input.streams = {{"parents", "", false, ""}};
  return compile_plan(*load(yaml), input);
}

pagination pages_of(const std::string& yaml) {
  auto p = compiled(yaml);
  INFO((p ? "" : p.error().message));
  REQUIRE(p);
  return p->endpoints.at(0).pages;
}

std::string refusal_of(const std::string& yaml) {
  auto p = compiled(yaml);
  REQUIRE_FALSE(p);
  return p.error().message;
}

} // namespace

TEST_CASE("PageIncrement numbers pages from 0, or from where the manifest says") {
  auto plain = std::get<page_increment>(pages_of(with_strategy("{type: PageIncrement}")).strategy);
  CHECK(plain.first_page == 0);
  CHECK(plain.page_size == 0);
  auto pages = pages_of(with_strategy("{type: PageIncrement, start_from_page: 1, page_size: '50'}"));
  CHECK(std::get<page_increment>(pages.strategy).first_page == 1);
  CHECK(std::get<page_increment>(pages.strategy).page_size == 50);
  CHECK(pages.page_size == 50);
  CHECK(pages.first_token.empty());
}

TEST_CASE("the size of a page may come from the config, and is sent where the manifest says") {
  auto pages = pages_of(with_strategy("{type: PageIncrement, page_size: \"{{ config['size'] }}\"}",
                                      "\n        page_size_option: {type: RequestOption, inject_into: "
                                      "request_parameter, field_name: size}"));
  CHECK(std::get<page_increment>(pages.strategy).page_size == 3);
  REQUIRE(pages.page_size_option);
  CHECK(pages.page_size_option->name == "size");
}

TEST_CASE("the first page is asked for with its number where the manifest says so") {
  CHECK(pages_of(with_strategy("{type: PageIncrement, inject_on_first_request: true}")).first_token == "0");
  CHECK(pages_of(with_strategy("{type: PageIncrement, inject_on_first_request: true, start_from_page: 1}")).first_token
        == "1");
}

TEST_CASE("OffsetIncrement begins at 0, which is sent where the manifest says so") {
  auto pages = pages_of(with_strategy("{type: OffsetIncrement, page_size: \"{{ config['size'] }}\"}"));
  CHECK(std::get<offset_increment>(pages.strategy).page_size == 3);
  CHECK(pages.page_size == 3);
  CHECK(pages.first_token.empty());
  CHECK(pages_of(with_strategy("{type: OffsetIncrement, inject_on_first_request: true}")).first_token == "0");
  CHECK(contains(refusal_of(with_strategy("{type: OffsetIncrement}", {}, "{type: RequestPath}")), "RequestPath"));
}

TEST_CASE("what makes no sense with a strategy that counts is refused") {
  CHECK(contains(refusal_of(with_strategy("{type: PageIncrement}", {}, "{type: RequestPath}")), "RequestPath"));
  CHECK(contains(
    refusal_of(with_strategy("{type: PageIncrement}", "\n        page_size_option: {type: RequestOption, inject_into: "
                                                      "request_parameter, field_name: limit}")),
    "page_size"));
  CHECK(contains(refusal_of(with_strategy("{type: PageIncrement, page_size: many}")), "page_size"));
  CHECK(contains(refusal_of(with_strategy("{type: PageIncrement, page_size: -1}")), "page_size"));
}
