#pragma once

#include "actors/core/pages/list_drift.hpp"
#include "messages/error.hpp"
#include "messages/page.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// Lists that would be read for ever: every list ends, whatever the server says.
namespace sluice {

/// What a list may do.
struct list_bounds {
  /// Pages in a row that bring nothing new: no rows, or those of the page before, as a server gives them that does not
  /// look at the page's number.
  std::uint32_t max_empty_pages = 1000;
  /// The total that pages tell is a bound of the list.
  bool total_counts = true;
};

/// A page was read that names another one. It is an error (`errc::bad_page`, system_error) if that leads back to a page
/// that was read before, if too many pages in a row brought nothing new, or if the list goes on more than a page beyond
/// the total that the server tells. `list` is what was known before the page just read.
///
/// Circles are found by Brent's method, in constant memory: a token is kept and compared with each that follows, and
/// replaced by the present one after 1, 2, 4, 8... pages. A circle of n pages that begins after m is found before
/// 3 (m + n) pages have been read. Short ones are found at once, in `list_progress::trail`.
expected<void> check_list_ends(const list_progress& list, const list_page& page, std::string_view next_token,
                               const list_bounds& bounds);

/// Remembers for `check_list_ends` that the next page is asked for, with `next_token`. Comes before `remember_page`.
void remember_step(list_progress& list, const std::string& next_token, const list_page& page);

/// Pages are read again: meeting a token again is no circle.
void forget_landmark(list_progress& list);

} // namespace sluice
