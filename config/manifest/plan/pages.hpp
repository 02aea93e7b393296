#pragma once

#include "config/manifest/plan/requests.hpp"
#include "config/manifest/plan/templates.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace sluice {

/// NoPagination: the first page is the only one.
struct no_pagination {
  template <class F>
  void each_template(F&&) const {}
  bool reads_records() const { return false; }
  std::string description() const { return {}; }
};

/// CursorPagination: the page tells the next one's token.
struct cursor_pagination {
  /// The token; an empty one ends the slice. Sees `response`, `headers`, `last_record`, `last_page_size`, `page_size`,
  /// and the slice.
  text_template cursor_value;
  /// Sees `config`, too.
  std::optional<condition> stop_condition;

  template <class F>
  void each_template(F&& f) const {
    f(cursor_value);
    if (stop_condition)
      f(*stop_condition);
  }
  bool reads_records() const {
    bool result = false;
    each_template([&result](const auto& t) {
      result = result || !t.references("last_record").empty() || !t.references("last_page_size").empty();
    });
    return result;
  }
  std::string description() const { return "next from " + cursor_value.source(); }
};

/// PageIncrement: pages are numbered. The last one has fewer records than a page holds, or none.
struct page_increment {
  /// Records of a full page; 0: unknown, only a page without records ends the slice.
  std::int64_t page_size = 0;
  /// The number of the slice's first page.
  std::int64_t first_page = 0;

  template <class F>
  void each_template(F&&) const {}
  bool reads_records() const { return true; }
  std::string description() const { return "pages numbered from " + std::to_string(first_page); }
};

/// OffsetIncrement: a page begins behind so many records. The last one has fewer than a page holds, or none.
struct offset_increment {
  /// Records of a full page; 0: unknown, only a page without records ends the slice.
  std::int64_t page_size = 0;
  /// Where each page tells by itself how many records a full one has; sees `response`. Empty: `page_size` holds.
  text_template page_size_of_page{};

  template <class F>
  void each_template(F&& f) const {
    f(page_size_of_page);
  }
  bool reads_records() const { return true; }
  std::string description() const { return "pages from an offset on"; }
};

/// How the token of the next page is found. Each alternative says by itself
/// - `each_template(f)`: which templates it has (what they read of a page is kept for them);
/// - `reads_records()`: whether it depends on what the endpoint's first output selects of a page, not on the page
/// alone,
///   so that streams that select something else cannot share the pages;
/// - `description()`: what it does, for people; empty: there is nothing to say.
using pagination_strategy = std::variant<no_pagination, cursor_pagination, page_increment, offset_increment>;

/// When a slice is read anew from its first page, and what of it (PaginationReset).
struct pagination_reset {
  /// From the newest cursor value on that was read; else from its beginning, which is done once.
  bool by_cursor = false;
  /// So many records are read before it happens; none: only where a filter of the error handler says so.
  std::optional<std::uint64_t> max_records;
};

/// How a slice is read page by page: the strategy, and where its token and the size of a page go (DefaultPaginator).
///
/// Tokens are texts. A strategy that counts makes digits of its number.
struct pagination {
  pagination_strategy strategy;
  /// The token that the first page is asked for with (`inject_on_first_request`); empty: none.
  std::string first_token;
  std::optional<std::int64_t> page_size;
  std::optional<request_option> page_size_option;
  /// Where the token goes; without it and with `token_is_url` the token is the whole URL or path of the next page.
  std::optional<request_option> token_option;
  bool token_is_url = false;
  /// The token goes nowhere: requests for all pages of a slice would be the same, so that it can have only one.
  bool token_is_unsent = false;
  /// Only requests without a token say which partition and window they are for
  /// (`ignore_stream_slicer_parameters_on_paginated_requests`).
  bool first_page_has_slice = false;
  std::optional<pagination_reset> reset;
  /// Extension `x-sluice.total`: rows of the whole list, as the page tells; sees `response`. Empty: unknown.
  text_template total;

  bool has_next_pages() const { return !std::holds_alternative<no_pagination>(strategy); }
  bool reads_records() const {
    return std::visit([](const auto& s) { return s.reads_records(); }, strategy);
  }
  /// Calls `f` with each text_template and condition.
  template <class F>
  void each_template(F&& f) const {
    std::visit([&f](const auto& s) { s.each_template(f); }, strategy);
    f(total);
  }
};

} // namespace sluice
