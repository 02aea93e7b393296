#include "config/manifest/components/pages.hpp"

#include "config/manifest/components/all.hpp"

#include <variant>

namespace sluice::compiling {

namespace {

pagination compile_paginator(context&, const view<NoPagination>&) {
  return {};
}

pagination compile_paginator(context& x, const view<DefaultPaginator>& c) {
  using fields = DefaultPaginator;
  pagination result;
  auto strategy = *c[&fields::pagination_strategy].get();
  const std::vector<std::string> variables = {"response", "headers", "last_record", "last_page_size"};
  auto with_config = variables;
  with_config.emplace_back("config");
  result.strategy = cursor_pagination{x.dynamic(strategy[&CursorPagination::cursor_value], variables),
                                      x.dynamic_condition(strategy[&CursorPagination::stop_condition], with_config)};
  result.page_size = x.fixed_integer(strategy[&CursorPagination::page_size], 1);
  result.page_size_option = compile_option(x, c[&fields::page_size_option].get());
  if (result.page_size_option && !result.page_size)
    x.refuse(c[&fields::page_size_option], "needs a page_size in the pagination strategy");
  if (auto extension = c[&fields::x_sluice].get())
    result.total = x.dynamic((*extension)[&DefaultPaginatorExtension::total], {"response"});
  auto token = c[&fields::page_token_option].get();
  if (!token)
    x.refuse(c, "DefaultPaginator needs page_token_option: without it every page would be the first one");
  else if (const auto* option = std::get_if<view<RequestOption>>(&*token))
    result.token_option = compile_option(x, *option);
  else
    result.token_is_url = true;
  return result;
}

} // namespace

std::vector<component_rule> pages_rules() {
  return rules_of<NoPagination, DefaultPaginator, CursorPagination, DefaultPaginatorExtension>();
}

pagination compile_pagination(context& x, const view<SimpleRetriever>& retriever) {
  auto c = retriever[&SimpleRetriever::paginator].get();
  if (!c)
    return {};
  auto result = std::visit([&](const auto& paginator) { return compile_paginator(x, paginator); }, *c);
  auto once = retriever[&SimpleRetriever::only_first_page_has_slice];
  if (!result.has_next_pages() || !once.value())
    return result;
  result.first_page_has_slice = true;
  if (!result.token_is_url)
    x.refuse(once, "is supported only where the next page is a URL (RequestPath), which is used as the server gave it");
  return result;
}

} // namespace sluice::compiling
