#pragma once

#include "config/manifest/plan/requests.hpp"
#include "config/manifest/plan/templates.hpp"

#include <cstdint>
#include <optional>

namespace sluice {

/// How the next page is found (DefaultPaginator with CursorPagination, or NoPagination).
struct pagination {
  enum class strategy : std::uint8_t { none, cursor };
  strategy kind = strategy::none;
  /// cursor: the next page's token; an empty result ends the slice.
  text_template cursor_value;
  std::optional<condition> stop_condition;
  std::optional<std::int64_t> page_size;
  std::optional<request_option> page_size_option;
  /// Where the token goes; without it and with `token_is_url` the token is the whole URL or path of the next page.
  std::optional<request_option> token_option;
  bool token_is_url = false;
  /// Only the first page's request says which window it is for
  /// (`ignore_stream_slicer_parameters_on_paginated_requests`).
  bool first_page_has_slice = false;
  /// Extension `x-sluice.total`: rows of the whole list, as the page tells; sees `response`. Empty: unknown.
  text_template total;
};

} // namespace sluice
