// How the next page is found.

#include "config/manifest/components/support.hpp"
#include "config/manifest/components/table.hpp"

namespace sluice::compiling {

std::vector<component_rule> pages_rows() {
  using k = field_kind;
  return {
    {"NoPagination", {}},
    {"DefaultPaginator",
     {{"pagination_strategy", k::component, "=CursorPagination", required},
      {"page_size_option", k::component, "=RequestOption"},
      {"page_token_option", k::component, "RequestOption|RequestPath"},
      {"decoder", k::component, "=JsonDecoder"},
      {"x-sluice", k::component, "=DefaultPaginator.x-sluice"}}},
    {"CursorPagination",
     {{"cursor_value", k::text, {}, required},
      {"stop_condition", k::text},
      {"page_size", k::text},
      {"decoder", k::component, "=JsonDecoder"}}},
    {"DefaultPaginator.x-sluice", {{"total", k::text}}, true, true},
  };
}

pagination compile_pagination(context& x, const component_view& retriever) {
  pagination result;
  auto paginator = retriever.child("paginator");
  const bool once = retriever.boolean("ignore_stream_slicer_parameters_on_paginated_requests");
  if (!paginator || paginator->type() == "NoPagination")
    return result;
  auto strategy = *paginator->child("pagination_strategy");
  const std::vector<std::string> variables = {"response", "headers", "last_record", "last_page_size"};
  auto with_config = variables;
  with_config.emplace_back("config");
  result.kind = pagination::strategy::cursor;
  result.first_page_has_slice = once;
  result.cursor_value = x.dynamic(strategy, strategy.text("cursor_value"), strategy.path("cursor_value"), variables);
  result.stop_condition = x.dynamic_condition(strategy, "stop_condition", with_config);
  result.page_size = x.fixed_integer(strategy, "page_size", 1);
  result.page_size_option = compile_option(x, *paginator, "page_size_option");
  if (result.page_size_option && !result.page_size)
    x.refuse(paginator->path("page_size_option"), "needs a page_size in the pagination strategy");
  if (auto extension = paginator->child("x-sluice"); extension && extension->has("total"))
    result.total = x.dynamic(*extension, extension->text("total"), extension->path("total"), {"response"});
  auto token = paginator->child("page_token_option");
  if (!token)
    x.refuse(paginator->path(),
             "DefaultPaginator needs page_token_option: without it every page would be the first one");
  else if (token->type() == "RequestPath")
    result.token_is_url = true;
  else
    result.token_option = compile_option(x, *paginator, "page_token_option");
  if (once && !result.token_is_url)
    x.refuse(retriever.path("ignore_stream_slicer_parameters_on_paginated_requests"),
             "is supported only where the next page is a URL (RequestPath), which is used as the server gave it");
  return result;
}

} // namespace sluice::compiling
