#include "config/manifest/components/pages.hpp"

#include "config/manifest/components/all.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::compiling {

namespace {

void compile_strategy(context& x, const view<CursorPagination>& c, pagination& result) {
  const std::vector<std::string> variables = {"response",  "headers",      "last_record",      "last_page_size",
                                              "page_size", "stream_slice", "stream_partition", "stream_interval"};
  cursor_pagination strategy{x.dynamic(c[&CursorPagination::cursor_value], variables),
                             x.dynamic_condition(c[&CursorPagination::stop_condition], variables)};
  result.page_size = x.fixed_integer(c[&CursorPagination::page_size], 1);
  bool reads_size = false;
  strategy.each_template([&](const auto& t) { reads_size = reads_size || !t.references("page_size").empty(); });
  if (reads_size && !result.page_size)
    x.refuse(c, "a template reads 'page_size', but the pagination strategy has none");
  result.strategy = std::move(strategy);
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
  const auto size = c[&OffsetIncrement::page_size];
  offset_increment strategy;
  // Each page tells its size, or it is known beforehand.
  if (is_template(size.text()) && size.text().find("response") != std::string::npos)
    strategy.page_size_of_page = x.dynamic(size, {"response"});
  else
    strategy.page_size = compile_counted_size(x, size, result);
  result.strategy = std::move(strategy);
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
    return result;
  if (const auto* option = std::get_if<view<RequestOption>>(&*token))
    result.token_option = compile_option(x, *option);
  else if (std::holds_alternative<cursor_pagination>(result.strategy))
    result.token_is_url = true;
  else
    x.refuse(c[&fields::page_token_option], "a RequestPath needs a strategy whose tokens are URLs or paths, such as "
                                            "CursorPagination; the one that is given counts");
  return result;
}

std::optional<pagination_reset> compile_reset(context& x, const view<SimpleRetriever>& retriever) {
  auto c = retriever[&SimpleRetriever::pagination_reset].get();
  if (!c)
    return std::nullopt;
  pagination_reset result;
  result.by_cursor = (*c)[&PaginationReset::action].chosen.value_or(false);
  if (auto limits = (*c)[&PaginationReset::limits].get()) {
    const auto selector = *retriever[&SimpleRetriever::record_selector].get();
    const auto number = (*limits)[&PaginationResetLimits::number_of_records];
    if (auto most = x.fixed_integer(number, 1))
      result.max_records = static_cast<std::uint64_t>(*most);
    if (selector[&RecordSelector::record_filter].has())
      x.refuse(*limits, "is not possible together with a record_filter, as in the reference");
  }
  return result;
}

} // namespace

std::vector<component_rule> pages_rules() {
  return rules_of<NoPagination, DefaultPaginator, CursorPagination, PageIncrement, OffsetIncrement, PaginationReset,
                  PaginationResetLimits, DefaultPaginatorExtension>();
}

pagination compile_pagination(context& x, const view<SimpleRetriever>& retriever) {
  auto c = retriever[&SimpleRetriever::paginator].get();
  auto result
    = c ? std::visit([&](const auto& paginator) { return compile_paginator(x, paginator); }, *c) : pagination{};
  result.reset = compile_reset(x, retriever);
  // The requester's own templates may send the token, too.
  const auto requester = language::to_json((*retriever[&SimpleRetriever::requester].get()).whole());
  result.token_is_unsent = result.has_next_pages() && !result.token_option && !result.token_is_url
                           && requester.find("next_page_token") == std::string::npos;
  auto once = retriever[&SimpleRetriever::only_first_page_has_slice];
  result.first_page_has_slice = result.has_next_pages() && once.value();
  return result;
}

} // namespace sluice::compiling
