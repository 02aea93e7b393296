#include "config/manifest/components/pages.hpp"

#include "config/manifest/components/all.hpp"

#include <limits>
#include <variant>

namespace sluice::compiling {

namespace {

void compile_strategy(context& x, const view<CursorPagination>& c, pagination& result) {
  const std::vector<std::string> variables = {"response", "headers", "last_record", "last_page_size"};
  auto with_config = variables;
  with_config.emplace_back("config");
  result.strategy = cursor_pagination{x.dynamic(c[&CursorPagination::cursor_value], variables),
                                      x.dynamic_condition(c[&CursorPagination::stop_condition], with_config)};
  result.page_size = x.fixed_integer(c[&CursorPagination::page_size], 1);
}

/// The size of a page; none and 0 mean the same to strategies that count.
std::int64_t compile_counted_size(context& x, const text_ref& field, pagination& result) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  const auto size = x.fixed_integer(field, 0, most).value_or(0);
  if (size > 0)
    result.page_size = size;
  return size;
}

void compile_strategy(context& x, const view<PageIncrement>& c, pagination& result) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  page_increment strategy;
  strategy.page_size = compile_counted_size(x, c[&PageIncrement::page_size], result);
  strategy.first_page = x.fixed_integer(c[&PageIncrement::start_from_page], -most, most).value_or(0);
  if (c[&PageIncrement::inject_on_first_request].value())
    result.first_token = std::to_string(strategy.first_page);
  result.strategy = strategy;
}

void compile_strategy(context& x, const view<OffsetIncrement>& c, pagination& result) {
  result.strategy = offset_increment{compile_counted_size(x, c[&OffsetIncrement::page_size], result)};
  if (c[&OffsetIncrement::inject_on_first_request].value())
    result.first_token = "0";
}

pagination compile_paginator(context&, const view<NoPagination>&) {
  return {};
}

pagination compile_paginator(context& x, const view<DefaultPaginator>& c) {
  using fields = DefaultPaginator;
  pagination result;
  std::visit([&](const auto& strategy) { compile_strategy(x, strategy, result); },
             *c[&fields::pagination_strategy].get());
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
  else if (std::holds_alternative<cursor_pagination>(result.strategy))
    result.token_is_url = true;
  else
    x.refuse(c[&fields::page_token_option], "a RequestPath needs a strategy whose tokens are URLs or paths, such as "
                                            "CursorPagination; the one that is given counts");
  return result;
}

} // namespace

std::vector<component_rule> pages_rules() {
  return rules_of<NoPagination, DefaultPaginator, CursorPagination, PageIncrement, OffsetIncrement,
                  DefaultPaginatorExtension>();
}

pagination compile_pagination(context& x, const view<SimpleRetriever>& retriever) {
  auto c = retriever[&SimpleRetriever::paginator].get();
  if (!c)
    return {};
  auto result = std::visit([&](const auto& paginator) { return compile_paginator(x, paginator); }, *c);
  auto once = retriever[&SimpleRetriever::only_first_page_has_slice];
  result.first_page_has_slice = result.has_next_pages() && once.value();
  return result;
}

} // namespace sluice::compiling
