#pragma once

#include "actors/core/requests/request_builder.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// What a paginator sees of a page.
struct page_view {
  /// What `page_cutter::paging_response` gave.
  const language::value& response;
  const header_list& headers;
  /// JSON text of the first output's last record, if `endpoint::needs_last_record`; empty: there is none. As in the
  /// reference, templates see what the record's steps left, and count what they left.
  std::string_view last_record;
  std::uint64_t records = 0;
  /// Records of the first output as the page has them, which is what strategies that count by themselves count.
  std::uint64_t extracted = 0;
  /// What the page was asked for with: its token, and the URL of the request.
  std::string_view token;
  std::string_view url;
  /// See `cut_page::feed_ends`.
  bool feed_ends = false;
};

/// The next page's token, or nullopt after the last page. A page that names itself as the next one is `errc::bad_page`,
/// because the slice would never end. A token that is a URL is resolved against the page's own (RFC 3986).
expected<std::optional<std::string>> next_page_token(const plan& p, const endpoint& e, const slice& s,
                                                     const page_view& page);

/// Rows of the whole list, as the page tells (`pagination::total`); -1 if it does not, or not as a whole number.
/// `response` is what `page_cutter::read_response` gave.
std::int64_t reported_total(const plan& p, const endpoint& e, const slice& s, const language::value& response);

} // namespace sluice
