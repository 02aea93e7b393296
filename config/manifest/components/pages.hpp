#pragma once

// How the next page is found.

#include "config/manifest/components/decoders.hpp"
#include "config/manifest/components/fields.hpp"
#include "config/manifest/components/support.hpp"

namespace sluice::compiling {

struct RequestOption;
struct RequestPath;
struct SimpleRetriever;

struct NoPagination : component<NoPagination> {
  static constexpr std::string_view type = "NoPagination";
};

struct CursorPagination : component<CursorPagination> {
  static constexpr std::string_view type = "CursorPagination";
  text cursor_value{this, "cursor_value", required};
  text stop_condition{this, "stop_condition"};
  text page_size{this, "page_size"};
  field<CursorPagination, any_decoder> decoder{this, "decoder"};
};

struct PageIncrement : component<PageIncrement> {
  static constexpr std::string_view type = "PageIncrement";
  text page_size{this, "page_size"};
  text start_from_page{this, "start_from_page"};
  boolean inject_on_first_request{this, "inject_on_first_request"};
};

struct OffsetIncrement : component<OffsetIncrement> {
  static constexpr std::string_view type = "OffsetIncrement";
  text page_size{this, "page_size"};
  boolean inject_on_first_request{this, "inject_on_first_request"};
};

struct DefaultPaginatorExtension : component<DefaultPaginatorExtension> {
  static constexpr std::string_view type = "DefaultPaginator.x-sluice";
  static constexpr bool is_closed = true;
  static constexpr bool is_extension = true;
  text total{this, "total"};
};

struct DefaultPaginator : component<DefaultPaginator> {
  static constexpr std::string_view type = "DefaultPaginator";
  child<CursorPagination, PageIncrement, OffsetIncrement> pagination_strategy{this, "pagination_strategy",
                                                                              required | first_is_usual};
  child<RequestOption> page_size_option{this, "page_size_option"};
  child<RequestOption, RequestPath> page_token_option{this, "page_token_option"};
  field<DefaultPaginator, any_decoder> decoder{this, "decoder"};
  child<DefaultPaginatorExtension> x_sluice{this, "x-sluice"};
};

struct PaginationResetLimits : component<PaginationResetLimits> {
  static constexpr std::string_view type = "PaginationResetLimits";
  static constexpr std::string_view added = "next";
  text number_of_records{this, "number_of_records"};
};

/// When a slice is read anew; a field of SimpleRetriever.
struct PaginationReset : component<PaginationReset> {
  static constexpr std::string_view type = "PaginationReset";
  static constexpr std::string_view added = "next";
  /// True: from the newest cursor value on.
  choice<bool> action{this, "action", {{"RESET", false}, {"SPLIT_USING_CURSOR", true}}, required};
  child<PaginationResetLimits> limits{this, "limits"};
};

std::vector<component_rule> pages_rules();

pagination compile_pagination(context& x, const view<SimpleRetriever>& retriever);

} // namespace sluice::compiling
