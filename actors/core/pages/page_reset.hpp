#pragma once

#include "actors/core/records/cut_page.hpp"
#include "config/manifest/plan/plan.hpp"
#include "messages/page.hpp"

#include <optional>
#include <string_view>

/// Slices that are begun anew because the manifest says so: a filter with RESET_PAGINATION, or `pagination_reset` after
/// a number of records.
///
/// A slice is read from its beginning once more at most. With `pagination_reset::by_cursor` it is read from the newest
/// cursor value on that was read, as often as that is later than where it began before.
namespace sluice {

/// Why a slice is not begun anew, if `can_reset` says so.
inline constexpr std::string_view why_no_reset
  = "The manifest says to read this part anew, but that was done before, and would begin at the same place.";

bool can_reset(const endpoint& e, const page_request& request);

/// The request that begins the slice anew. Only if `can_reset`.
page_request reset_pages(const endpoint& e, page_request request);

/// Remembers what a page that was read brought, for the others of the slice.
void remember_records(list_progress& list, const cut_page& page);

/// After a page: if with it so many records were read that the slice is to be begun anew, returns the request that
/// does. `request` is that of the page just read. Only where `pagination::reset` is set. Errors: `errc::bad_page`
/// (system_error) if it cannot be.
expected<std::optional<page_request>> reset_if_due(const endpoint& e, const page_request& request,
                                                   const cut_page& page);

} // namespace sluice
